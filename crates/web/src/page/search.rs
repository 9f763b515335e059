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
use model::ApplicationId;
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
    let verb = Verb::asked(text);
    let hits = app.ops.search(&session.scope, verb.map_or(text, |(_, name)| name)).await?;
    let acts = if session.writes() { acts(text, verb.map(|(verb, _)| verb), &hits) } else { Vec::new() };
    let places: Vec<Choice> = hits.iter().map(place).chain(pages(text)).collect();
    if headers.contains_key("hx-request") {
        return Ok(fragment(list(text, verb.is_some(), &acts, &places[..places.len().min(PALETTE_COUNT)])));
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

/// What can be done with an application, by the word that asks for it.
struct Verb {
    word: &'static str,
    icon: Icon,
    words: &'static str,
    acts: bool,
}

const VERBS: [Verb; 6] = [
    Verb { word: "deploy", icon: Icon::Deploy, words: "Deploy", acts: true },
    Verb { word: "restart", icon: Icon::Refresh, words: "Restart", acts: true },
    Verb { word: "logs", icon: Icon::Log, words: "Logs of", acts: false },
    Verb { word: "variables", icon: Icon::Key, words: "Variables of", acts: false },
    Verb { word: "terminal", icon: Icon::Terminal, words: "Terminal of", acts: false },
    Verb { word: "settings", icon: Icon::Sliders, words: "Settings of", acts: false },
];
/// Verbs that are offered for each application while none was typed.
const VERBS_UNASKED_COUNT: usize = 4;

impl Verb {
    /// The verb that a text such as `restart shop` begins with, and what follows it.
    fn asked(text: &str) -> Option<(&'static Self, &str)> {
        let (first, rest) = text.split_once(char::is_whitespace)?;
        let verb = VERBS.iter().find(|verb| verb.word == first.to_lowercase())?;
        Some((verb, rest.trim_start()))
    }

    fn of(&self, id: &ApplicationId, hit: &Hit) -> Choice {
        let address = route::application_part(id, self.word);
        let target = if self.acts { Target::Act(address) } else { Target::Go(address) };
        Choice { icon: self.icon, words: html! { (self.words) " " b { (hit.name) } }, detail: hit.detail.clone(), target }
    }
}

/// What can be done with the applications that were found: what was asked for, else a few things with the first two.
fn acts(text: &str, verb: Option<&Verb>, hits: &[Hit]) -> Vec<Choice> {
    let applications = hits.iter().filter_map(|hit| if let HitKind::Application(id) = &hit.kind { Some((id, hit)) } else { None });
    let mut acts: Vec<Choice> = match verb {
        Some(verb) => applications.take(PALETTE_COUNT / 2).map(|(id, hit)| verb.of(id, hit)).collect(),
        None => applications.take(2).flat_map(|(id, hit)| VERBS.iter().take(VERBS_UNASKED_COUNT).map(move |verb| verb.of(id, hit))).collect(),
    };
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

/// The palette's list. A name leads to what has it: Enter does something only where its verb was typed.
fn list(text: &str, asked: bool, acts: &[Choice], places: &[Choice]) -> Markup {
    let first = asked || text.is_empty();
    html! {
        div id="palette-list" {
            @if acts.is_empty() && places.is_empty() { p .nothing { "Nothing holds \"" (text) "\"." } }
            @if first { (group("Do", "do", acts)) }
            (group("Go to", "go", places))
            @if !first { (group("Do", "do", acts)) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_before_a_name_is_asked_for_and_a_name_alone_is_a_name() {
        let asked = |text| Verb::asked(text).map(|(verb, name)| (verb.word, name));
        assert_eq!(asked("Restart  shop web"), Some(("restart", "shop web")));
        assert_eq!(asked("deploy "), Some(("deploy", "")));
        assert_eq!([asked("deploy"), asked("deployment x"), asked("shop"), asked("")], [None; 4]);
    }

    #[test]
    fn enter_on_a_name_goes_there_and_only_a_verb_makes_it_act() {
        let hit = Hit { kind: HitKind::Application("a00000000000000000000000".parse().expect("an id")), name: "shop".into(), detail: String::new() };
        let places = [place(&hit)];
        let shown = |text: &str| {
            let verb = Verb::asked(text).map(|(verb, _)| verb);
            list(text, verb.is_some(), &acts(text, verb, std::slice::from_ref(&hit)), &places).into_string()
        };
        let (named, asked) = (shown("shop"), shown("restart shop"));
        assert!(named.find("palette-go") < named.find("palette-do"), "{named}");
        assert!(asked.find("palette-do") < asked.find("palette-go") && !asked.contains("/deploy\""), "{asked}");
    }
}
