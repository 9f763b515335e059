//! Search over everything, as the palette's list and as a page.

use crate::{
    App,
    app::fragment,
    component::{Button, Field, Icon, card, field, icon},
    error::Answer,
    layout::Page,
    route,
    session::Session,
};
use axum::{
    extract::{Query, State},
    http::HeaderMap,
};
use maud::{Markup, html};
use ops::{Hit, HitKind};
use std::collections::HashMap;

/// Hits in the palette.
const PALETTE_COUNT: usize = 12;

/// Something to do or a place to go, found by words.
struct Choice {
    icon: Icon,
    words: Markup,
    detail: String,
    target: Target,
}

enum Target {
    Go(String),
    Act(String),
}

/// `GET /search`: the palette's list for its own requests, else a page.
pub async fn show(State(app): State<App>, session: Session, headers: HeaderMap, Query(query): Query<HashMap<String, String>>) -> Answer {
    let text = query.get("q").map(|text| text.trim()).unwrap_or_default();
    let hits = app.ops.search(&session.scope, text).await?;
    let acts = if session.writes() { acts(text, &hits) } else { Vec::new() };
    let places: Vec<Choice> = hits.iter().map(place).chain(pages(text)).collect();
    if headers.contains_key("hx-request") {
        return Ok(fragment(list(text, &acts, &places[..places.len().min(PALETTE_COUNT)])));
    }
    let about = Page { title: "Search".into(), place: route::SEARCH.into(), ..Page::default() };
    let content = html! {
        header .head { div .title { h1 { "Search" } } }
        form .inline-form method="get" action=(route::SEARCH) {
            (field::text(&Field { name: "q", label: "Projects, applications, domains, repositories, servers", value: text, focus: true, ..Field::default() }))
            (Button::submit("Search").primary())
        }
        @if !text.is_empty() && places.is_empty() && acts.is_empty() { p .soft { "Nothing holds \"" (text) "\". Names, domains, repositories and addresses are searched." } }
        (found("places", "Go to", &places))
        (found("acts", "Do", &acts))
    };
    app.page(&session, &about, content).await
}

/// What can be done with the applications that were found.
fn acts(text: &str, hits: &[Hit]) -> Vec<Choice> {
    let verbs =
        [("deploy", Icon::Deploy, "Deploy"), ("restart", Icon::Refresh, "Restart"), ("logs", Icon::Log, "Logs of"), ("variables", Icon::Key, "Variables of")];
    let applications = hits.iter().filter_map(|hit| if let HitKind::Application(id) = &hit.kind { Some((id, hit)) } else { None }).take(2);
    let mut acts: Vec<Choice> = applications
        .flat_map(|(id, hit)| {
            verbs.map(|(part, icon, verb)| {
                let address = route::application_part(id, part);
                let target = if matches!(part, "deploy" | "restart") { Target::Act(address) } else { Target::Go(address) };
                Choice { icon, words: html! { (verb) " " b { (hit.name) } }, detail: hit.detail.clone(), target }
            })
        })
        .collect();
    if text.is_empty() || "new application".contains(&text.to_lowercase()) {
        acts.push(Choice { icon: Icon::Plus, words: html! { "New application" }, detail: String::new(), target: Target::Go(route::NEW.into()) });
    }
    acts
}

fn place(hit: &Hit) -> Choice {
    let (icon, address) = match &hit.kind {
        HitKind::Project(id) => (Icon::Project, route::project(id)),
        HitKind::Environment(_, id) => (Icon::Project, route::environment(id)),
        HitKind::Application(id) => (Icon::App, route::application(id)),
        HitKind::Server(id) => (Icon::Server, route::server(id)),
    };
    Choice { icon, words: html! { (hit.name) }, detail: hit.detail.clone(), target: Target::Go(address) }
}

/// Pages of the dashboard whose name holds the words.
fn pages(text: &str) -> Vec<Choice> {
    let known = [
        ("Overview", Icon::Home, route::OVERVIEW),
        ("Projects", Icon::Project, route::PROJECTS),
        ("Deployments", Icon::Deploy, route::DEPLOYMENTS),
        ("Servers", Icon::Server, route::SERVERS),
        ("Activity", Icon::Activity, route::ACTIVITY),
        ("Shared variables", Icon::Code, route::SHARED),
        ("Deploy keys", Icon::Key, route::KEYS),
        ("Registries", Icon::Image, route::REGISTRIES),
        ("API tokens", Icon::Shield, route::TOKENS),
        ("Account", Icon::Sliders, route::ACCOUNT),
    ];
    let wanted = text.to_lowercase();
    known
        .into_iter()
        .filter(|(name, ..)| name.to_lowercase().contains(&wanted))
        .map(|(name, icon, address)| Choice { icon, words: html! { (name) }, detail: String::new(), target: Target::Go(address.into()) })
        .collect()
}

fn list(text: &str, acts: &[Choice], places: &[Choice]) -> Markup {
    html! {
        div id="palette-list" {
            @if acts.is_empty() && places.is_empty() { p .nothing { "Nothing holds \"" (text) "\"." } }
            (group("Do", "do", acts))
            (group("Go to", "go", places))
        }
    }
}

/// Places or acts as a card of the search page.
fn found(id: &str, title: &str, choices: &[Choice]) -> Markup {
    html! { @if !choices.is_empty() { (card(id, title, html! {}, html! { ul .rows.hits { @for choice in choices { li .row { (entry(choice)) } } } })) } }
}

fn group(title: &str, id: &str, options: &[Choice]) -> Markup {
    html! {
        @if !options.is_empty() {
            div .group {
                p id={ "palette-" (id) } { (title) }
                ul aria-labelledby={ "palette-" (id) } { @for option in options { li { (entry(option)) } } }
            }
        }
    }
}

fn entry(option: &Choice) -> Markup {
    let inner = html! { (icon(option.icon)) span { (option.words) } span .end { (option.detail) } };
    match &option.target {
        Target::Go(address) => html! { a .plain href=(address) { (inner) } },
        Target::Act(address) => html! { form method="post" action=(address) { button { (inner) } } },
    }
}
