//! Domains: does the name lead here?

use super::{head, setup::patch, view};
use crate::{
    App,
    app::form_status,
    component::{
        Icon, Tone, badge, card, changes, copy_code,
        empty::empty,
        field::{self, error_line},
        icon,
    },
    error::{Answer, Failure},
    form::Typed,
    page::{application::view::Head, settings},
    route,
    session::{self, Session},
};
use axum::extract::{Path, State};
use maud::{Markup, html};
use model::{ApplicationId, Domain, Scheme};

/// `GET /applications/{id}/domains`.
pub async fn show(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    page(&app, &session, id, None).await
}

/// `POST /applications/{id}/domains`.
pub async fn save(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let joined = typed.all("domains").map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
    let typed = typed.with("domains", joined);
    match app.ops.application_update(&session.scope, id.clone(), patch(&typed), false).await {
        Ok(_) => Ok(session::done(&route::application_part(&id, "domains"), "Saved. The next deployment gives it these addresses.")),
        Err(error) => page(&app, &session, id, Some(typed.with_faults(Failure(error).faults()?))).await,
    }
}

async fn page(app: &App, session: &Session, id: ApplicationId, typed: Option<Typed>) -> Answer {
    let head = head(app, session, id).await?;
    let typed = typed.unwrap_or_else(|| settings::form::typed(&head.application().settings));
    let about = view::page(&head, "Domains", None);
    let content = html! {
        @if head.writable { (form(&head, &typed)) }
        (addresses(&head))
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

/// What each domain leads to, once it is live.
fn addresses(head: &Head) -> Markup {
    let application = head.application();
    if application.settings.domains.is_empty() {
        return html! { div .card { (empty(Icon::Globe, "No domain", "Without one it is reached by other applications of its network only, under its name.", html! { (copy_code(application.slug.as_str(), "the name")) })) } };
    }
    card(
        "addresses",
        "Addresses",
        html! {},
        html! {
            ul .rows {
                @for domain in &application.settings.domains {
                    li .row {
                        (icon(Icon::Globe))
                        span .clip { b { (domain.host) } @if !domain.path.is_root() { (domain.path) } }
                        span .small.faint { "to port " @if let Some(port) = domain.port.or(application.settings.exposed_port) { (port) } @else { "of the image" } }
                        span .push { @if domain.scheme == Scheme::Https { (badge(Tone::Ok, "https")) } @else { (badge(Tone::Plain, "http")) } }
                    }
                }
            }
            footer { span { "A name leads here once its DNS has an A or AAAA record with the address of " b { (head.server) } "." } }
        },
    )
}
