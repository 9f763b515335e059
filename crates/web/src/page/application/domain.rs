//! Domains: does the name lead here?

use super::{head, setup::patch, view};
use crate::{
    App,
    app::{form_status, fragment},
    component::{
        Icon, Mark, Tone, badge, card, changes, copy_code,
        empty::empty,
        field::{self, error_line},
        icon, status,
    },
    error::{Answer, Failure},
    form::Typed,
    page::{application::view::Head, settings},
    route,
    session::{self, Session},
};
use axum::extract::{Path, Query, State};
use maud::{Markup, html};
use model::{ApplicationId, Domain, Scheme};
use ops::Reach;
use std::collections::HashMap;

/// `GET /applications/{id}/domains`.
pub async fn show(State(app): State<App>, session: Session, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let known = if query.contains_key("names") { Some(app.ops.domains_reach(&session.scope, id.clone()).await?) } else { None };
    page(&app, &session, id, None, known.as_deref()).await
}

/// `POST /applications/{id}/domains`.
pub async fn save(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let joined = typed.all("domains").map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
    let typed = typed.with("domains", joined);
    match app.ops.application_update(&session.scope, id.clone(), patch(&typed), false).await {
        Ok(_) => Ok(session::done(&route::application_part(&id, "domains"), "Saved. The next deployment gives it these addresses.")),
        Err(error) => page(&app, &session, id, Some(typed.with_faults(Failure(error).faults()?)), None).await,
    }
}

async fn page(app: &App, session: &Session, id: ApplicationId, typed: Option<Typed>, known: Option<&[(Domain, Reach)]>) -> Answer {
    let head = head(app, session, id).await?;
    let typed = typed.unwrap_or_else(|| settings::form::typed(&head.application().settings));
    let about = view::page(&head, "Domains", None);
    let content = html! {
        @if head.writable { (form(&head, &typed)) }
        @if let Some(known) = known { (reached(&head, known)) } @else { (addresses(&head)) }
        @if !head.writable { p .soft { "An admin or owner of the team may change domains." } }
        (view::not_live(&head))
    };
    app.page_with(form_status(&typed), session, &about, view::frame(&head, "Domains", content)).await
}

fn form(head: &Head, typed: &Typed) -> Markup {
    let www = [("both", "Each answers for itself"), ("www", "Redirect to www."), ("non-www", "Redirect www. to the bare name")]
        .map(|(value, label)| (value.to_owned(), label.to_owned()));
    let of = |name, label, hint| settings::view::of(typed, name, label, hint);
    let fault = typed.fault("domains").or(typed.fault(""));
    html! {
        form .stack method="post" action=(route::application_part(&head.application().id, "domains")) data-draft="domains" {
            (card("domains-form", "Domains", html! { span .small.faint { "https unless you write http://" } }, html! {
                div .body.stack {
                    div .field {
                        label for="domain-0" { "Addresses" }
                        @for (at, line) in typed.get("domains").lines().chain([""]).enumerate() { (row(at, line, fault.is_some_and(|fault| is_wrong(line, fault)))) }
                        @if let Some(fault) = fault { (error_line("domains-error", fault)) }
                        span .hint id="domains-hint" { "A path prefix, a wildcard and the container's port may be part of it: https://example.com/api, *.example.com, https://example.com:8081." }
                    }
                    div .form-grid {
                        (field::select(&of("redirect", "www.", ""), &www))
                        (field::switch(&of("is_stripprefix_enabled", "Remove the path prefix", "The application sees /users where visitors ask for /api/users."), typed.on("is_stripprefix_enabled")))
                    }
                }
            }))
            (changes::unsaved("Save"))
        }
    }
}

/// Whether the fault is about this address: it cannot be read, or it is named.
fn is_wrong(line: &str, fault: &str) -> bool {
    !line.is_empty() && line.parse::<Domain>().map_or(true, |domain| fault.contains(domain.host.as_str()))
}

fn row(at: usize, value: &str, wrong: bool) -> Markup {
    html! {
        input .input.mono data-repeat id=[(at == 0).then_some("domain-0")] name="domains" value=(value) placeholder="https://app.example.com" aria-label=[(at > 0).then_some("Another address")]
            data-label="domains" autocomplete="off" spellcheck="false" aria-describedby="domains-hint" aria-invalid=[wrong.then_some("true")];
    }
}

/// `GET /applications/{id}/domains/reach`: the addresses with where their names lead, asked for once the page is there.
pub async fn reach(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let head = head(&app, &session, id.clone()).await?;
    Ok(fragment(reached(&head, &app.ops.domains_reach(&session.scope, id).await?)))
}

/// What each domain leads to; where its name leads is looked up once the page is there, or by a link.
fn addresses(head: &Head) -> Markup {
    let application = head.application();
    if application.settings.domains.is_empty() {
        return html! { div .card { (empty(Icon::Globe, "No domain", "Without one it is reached by other applications of its network only, under its name.", html! { (copy_code(application.slug.as_str(), "the name")) })) } };
    }
    let part = |part| route::application_part(&application.id, part);
    html! {
        section .card id="addresses" aria-labelledby="addresses-title" hx-get=(part("domains/reach")) hx-trigger="load" hx-swap="outerHTML" {
            header { h2 id="addresses-title" { "Addresses" } }
            ul .rows { @for domain in &application.settings.domains { (row_of(head, domain, html! { (status(Mark::Waiting, "Asking name servers")) })) } }
            noscript { footer { a href=(part("domains?names=now")) { "Ask name servers where these names lead" } } }
        }
    }
}

/// The addresses with where their names lead and what they are served with.
fn reached(head: &Head, domains: &[(Domain, Reach)]) -> Markup {
    let rows = html! { ul .rows { @for (domain, reach) in domains { (row_of(head, domain, led(head, reach))) } } };
    card("addresses", "Addresses", html! { span .small.faint { "as name servers say now" } }, rows)
}

fn row_of(head: &Head, domain: &Domain, reach: Markup) -> Markup {
    let settings = &head.application().settings;
    html! {
        li .address {
            (icon(Icon::Globe))
            div {
                p { b { (domain.host) } @if !domain.path.is_root() { (domain.path) } " " span .small.faint { "to port " @if let Some(port) = domain.port.or(settings.exposed_port) { (port) } @else { "of the image" } } }
                div .small.soft { (reach) }
                p .small.soft { (served(domain)) }
            }
            @if domain.scheme == Scheme::Https { (badge(Tone::Accent, "https")) } @else { (badge(Tone::Plain, "http")) }
        }
    }
}

/// Where a name leads, in words, and what to do where it leads nowhere.
fn led(head: &Head, reach: &Reach) -> Markup {
    match reach {
        Reach::Here(address) => status(Mark::Done, html! { "Leads here, to " (address) }),
        Reach::Local => status(Mark::Done, "Leads to this machine for browsers that run on it"),
        Reach::Wildcard => status(Mark::Waiting, "A wildcard: each name under it must lead here"),
        Reach::Elsewhere(address) => html! {
            (status(Mark::Degraded, html! { "Leads to " (address) ", which is no address of this machine" }))
            p { "That is right where a router or a proxy in front passes requests on; else change its A or AAAA record to the address of " b { (head.server) } "." }
        },
        Reach::Nowhere => html! {
            (status(Mark::Degraded, "No name server knows it"))
            p { "Add an A or AAAA record for it with the address of " b { (head.server) } " at whoever keeps the domain; new records may take an hour to be known." }
        },
    }
}

/// With what it is served.
fn served(domain: &Domain) -> &'static str {
    match domain.scheme {
        Scheme::Https => {
            "Served with a certificate that Wharf made itself: browsers warn of it. Certificates of a public authority are not ordered by this version."
        }
        Scheme::Http => "Served over plain http: no certificate is needed.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_is_wrong_is_marked() {
        assert!(is_wrong("https://not a domain", "anything"));
        assert!(is_wrong("https://taken.example.com", "taken.example.com belongs to another application"));
        assert!(!is_wrong("https://free.example.com", "taken.example.com belongs to another application"));
    }
}
