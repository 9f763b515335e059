//! The frame of every page: hull, top bar, main column; and the door that stands before it.

use crate::{
    assets,
    component::{Icon, Mark, Tone, field::capital, icon, notice, status::status_mark, toast::toast},
    route, time,
};
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use ops::EngineDown;

/// Day or night; the system's own when absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Day.
    Light,
    /// Night.
    Dark,
}

impl Theme {
    /// Its word in the cookie and on the page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
    /// What the cookie says.
    pub fn from_cookie(text: &str) -> Option<Self> {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.as_str() == text)
    }
}

/// A project in the navigation.
#[derive(Debug, Clone)]
pub struct Berth {
    /// Its name.
    pub name: String,
    /// Its page.
    pub address: String,
    /// Its worst state.
    pub mark: Mark,
    /// That state in a word.
    pub word: String,
}

/// Who looks, and at what time: the same on every page.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The person's name.
    pub person: String,
    /// Their role, capital first.
    pub role: &'static str,
    /// The team's name.
    pub team: String,
    /// Its projects.
    pub projects: Vec<Berth>,
    /// How many deployments run or wait.
    pub deploying: usize,
    /// Day or night.
    pub theme: Option<Theme>,
    /// Now.
    pub now: Timestamp,
    /// What just happened, said once.
    pub said: Option<String>,
    /// Servers whose engine is out of reach.
    pub down: Vec<EngineDown>,
}

/// One step of the way here, with what else could be there.
#[derive(Debug, Clone, Default)]
pub struct Crumb {
    /// Its name.
    pub name: String,
    /// Its page.
    pub address: String,
    /// What it is, for the switcher's name: "project".
    pub kind: &'static str,
    /// Siblings: name and page.
    pub others: Vec<(String, String)>,
    /// Where another is made: words and page.
    pub new: Option<(String, String)>,
}

impl Crumb {
    /// A crumb without a switcher.
    pub fn plain(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self { name: name.into(), address: address.into(), ..Self::default() }
    }
}

/// What a page says of itself.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// The way here, without the team.
    pub crumbs: Vec<Crumb>,
    /// The entry of the navigation it belongs to, by address.
    pub place: String,
    /// What its live stream shows, such as `deployment:<id>`.
    pub live: Option<String>,
    /// The number of the last log line that is on the page.
    pub live_after: Option<String>,
    /// A further style sheet.
    pub style: Option<&'static str>,
    /// A further script.
    pub script: Option<&'static str>,
    /// Where New leads from here.
    pub new: Option<String>,
}

impl Page {
    /// A page of the navigation: its title is its crumb.
    pub fn of(title: &str, address: &str) -> Self {
        Self { title: title.into(), crumbs: vec![Crumb::plain(title, address)], place: address.into(), ..Self::default() }
    }
}

/// The head of a page of the navigation: its name, and a sentence that says what is here.
pub fn head(title: &str, lead: &str) -> Markup {
    html! { header .head { div .title { h1 { (title) } } p .facts { span { (lead) } } } }
}

/// A whole page.
pub fn page(viewer: &Viewer, page: &Page, content: Markup) -> Markup {
    let body = html! {
        a .skip href="#main" { "Skip to content" }
        div .shell {
            (hull(viewer, page))
            div {
                (topbar(viewer, page))
                main .main id="main" tabindex="-1" data-live=[page.live.as_deref().map(|of| route::live(of, &page.place))] data-live-after=[page.live_after.as_deref()] {
                    div .stack { (engine_note(viewer)) (content) }
                }
            }
        }
        div .toasts id="toasts" aria-live="polite" { @if let Some(said) = &viewer.said { (toast(Mark::Done, said, html! {})) } }
        (palette())
    };
    document(&page.title, viewer.theme, viewer.now, page, body)
}

/// A page before sign-in: one column beside the harbour.
pub fn door(title: &str, theme: Option<Theme>, now: Timestamp, broad: bool, content: Markup) -> Markup {
    let body = html! {
        div .door {
            main id="main" { div .pane .broad[broad] { (wordmark(route::OVERVIEW)) (content) } }
            (harbour())
        }
    };
    document(title, theme, now, &Page::default(), body)
}

fn document(title: &str, theme: Option<Theme>, now: Timestamp, page: &Page, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme=[theme.map(Theme::as_str)] {
            head {
                meta charset="utf-8";
                title { (title) " · Wharf" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="htmx-config" content="includeIndicatorCSS:false, history:false, defaultSwap:outerMorph";
                link rel="icon" type="image/svg+xml" href=(assets::MARK);
                link rel="stylesheet" href=(assets::STYLE);
                @if let Some(style) = page.style { link rel="stylesheet" href=(style); }
                script type="module" src=(assets::SCRIPT) {}
                @if let Some(script) = page.script { script type="module" src=(script) {} }
            }
            body data-now=(now) {
                (body)
                div .sr id="voice" aria-live="polite" {}
                (crate::component::icon::sprite())
            }
        }
    }
}

fn wordmark(address: &str) -> Markup {
    html! {
        a .wordmark href=(address) aria-label="Wharf, overview" {
            svg viewBox="0 0 26 26" aria-hidden="true" {
                rect .tile width="26" height="26" rx="7" {}
                path .hulls d="M5 8v5.5a4 4 0 0 0 8 0V8M13 13.5a4 4 0 0 0 8 0V8M5 21h16" {}
            }
            svg viewBox="0 0 73 19" aria-hidden="true" {
                path d="M2 7v6a4 4 0 0 0 8 0V7M10 13a4 4 0 0 0 8 0V7M24 2v15M24 12a4.5 4.5 0 0 1 9 0v5M48.5 7v10M55 7v10M55 12a5 5 0 0 1 5-5h1M71 2h-1a3.5 3.5 0 0 0-3.5 3.5V17M63.5 8h6" {}
                circle cx="43.5" cy="12" r="5" {}
            }
        }
    }
}

fn hull(viewer: &Viewer, page: &Page) -> Markup {
    html! {
        nav .hull id="nav" popover aria-label="Main" {
            (wordmark(route::OVERVIEW))
            (nav(viewer, &page.place))
            div {
                h2 { "Team" }
                ul {
                    (entry(&page.place, Icon::Code, "Shared variables", route::SHARED, None))
                    (entry(&page.place, Icon::Key, "Deploy keys", route::KEYS, None))
                    (entry(&page.place, Icon::Image, "Registries", route::REGISTRIES, None))
                    (entry(&page.place, Icon::Shield, "API tokens", route::TOKENS, None))
                }
            }
            (me(viewer))
        }
    }
}

fn entry(place: &str, shape: Icon, words: &str, address: &str, end: Option<String>) -> Markup {
    html! { li { a href=(address) aria-current=[(place == address).then_some("page")] { (icon(shape)) (words) @if let Some(end) = end { span .end { (end) } } } } }
}

/// The part of the navigation that says how things are; replaced by the live stream.
pub fn nav(viewer: &Viewer, place: &str) -> Markup {
    let deploying = (viewer.deploying > 0).then(|| format!("{} running", viewer.deploying));
    html! {
        div .stack id="nav-live" {
            ul {
                (entry(place, Icon::Home, "Overview", route::OVERVIEW, None))
                (entry(place, Icon::Deploy, "Deployments", route::DEPLOYMENTS, deploying))
                (entry(place, Icon::Server, "Servers", route::SERVERS, None))
                (entry(place, Icon::Activity, "Activity", route::ACTIVITY, None))
            }
            div {
                h2 { a .plain href=(route::PROJECTS) { "Projects" } }
                ul {
                    @for project in &viewer.projects {
                        li { a href=(project.address) aria-current=[(place == project.address).then_some("true")] {
                            (status_mark(project.mark, &project.word)) span .clip { (project.name) }
                            @if !matches!(project.mark, Mark::Running | Mark::Waiting) { span .end aria-hidden="true" { (project.word) } }
                        } }
                    }
                    @if viewer.projects.is_empty() { (entry(place, Icon::Plus, "New project", route::NEW_PROJECT, None)) }
                }
            }
        }
    }
}

/// Why what the page says may be old; replaced by the live stream.
pub fn engine_note(viewer: &Viewer) -> Markup {
    html! {
        div .stack id="engine-note" {
            @for down in &viewer.down {
                (notice(Tone::Warn, &format!("The container engine of {} is out of reach", down.name), html! {
                    p .soft { "Since " (time::hour(down.since)) ". What runs goes on running; states are unknown and deployments wait until the engine answers." }
                    p .soft { (capital(&down.why)) " " a href=(route::server(&down.server)) { "See the checks" } }
                }))
            }
        }
    }
}

fn me(viewer: &Viewer) -> Markup {
    let initials: String = viewer.person.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect();
    html! {
        div .foot {
            button .who type="button" popovertarget="me" {
                span .avatar aria-hidden="true" { (initials.to_uppercase()) }
                span .clip { b { (viewer.person) } (viewer.role) }
            }
            div .menu id="me" popover {
                a href=(route::ACCOUNT) { (icon(Icon::Sliders)) "Account" }
                form method="post" action=(route::THEME) data-theme-switch { button { (icon(Icon::Theme)) "Switch theme" } }
                hr;
                form method="post" action=(route::SIGN_OUT) { button { (icon(Icon::Arrow)) "Sign out" } }
            }
        }
    }
}

fn topbar(viewer: &Viewer, page: &Page) -> Markup {
    let new = page.new.as_deref().unwrap_or(route::NEW);
    html! {
        header .topbar {
            button .btn.quiet.icon-only.drawer type="button" popovertarget="nav" aria-label="Menu" { (icon(Icon::Menu)) }
            nav aria-label="Breadcrumb" { ol .crumbs {
                (crumb(0, &Crumb::plain(viewer.team.as_str(), route::OVERVIEW), page.crumbs.is_empty()))
                @for (at, step) in page.crumbs.iter().enumerate() { (crumb(at + 1, step, at + 1 == page.crumbs.len())) }
            } }
            div .tools {
                span .live-note id="live-note" role="status" hidden {}
                button .search-btn type="button" command="show-modal" commandfor="palette" {
                    (icon(Icon::Search)) span .wide { "Go to or do anything" } kbd .wide aria-hidden="true" { "Ctrl K" }
                }
                a .btn.quiet.icon-only href=(new) aria-label="New application" { (icon(Icon::Plus)) }
                form .theme method="post" action=(route::THEME) data-theme-switch { button .btn.quiet.icon-only aria-label="Switch theme" { (icon(Icon::Theme)) } }
            }
        }
    }
}

fn crumb(at: usize, crumb: &Crumb, last: bool) -> Markup {
    let menu = format!("switch-{at}");
    html! {
        li {
            a .clip href=(crumb.address) aria-current=[last.then_some("page")] { (crumb.name) }
            @if !crumb.others.is_empty() || crumb.new.is_some() {
                button type="button" popovertarget=(menu) aria-label={ "Switch " (crumb.kind) } { (icon(Icon::Switch)) }
                div .menu id=(menu) popover {
                    a href=(crumb.address) aria-current="true" { (crumb.name) span .end { (icon(Icon::Check)) } }
                    @for (name, address) in &crumb.others { a href=(address) { (name) } }
                    @if let Some((words, address)) = &crumb.new { hr; a href=(address) { (icon(Icon::Plus)) (words) } }
                }
            }
        }
    }
}

/// The command palette. Its results come from the search page; without script it is a form that leads there.
fn palette() -> Markup {
    html! {
        dialog .dialog.palette id="palette" aria-label="Go to or do" {
            form .affix method="get" action=(route::SEARCH) {
                (icon(Icon::Search))
                input .input type="text" name="q" aria-controls="palette-list" autocomplete="off"
                    placeholder="Go to or do anything" aria-label="Go to or do anything" autofocus
                    hx-get=(route::SEARCH) hx-trigger="input delay:120ms" hx-target="#palette-list" hx-swap="outerMorph";
            }
            div id="palette-list" {}
            footer .row { kbd { "↑" } kbd { "↓" } " choose " kbd { "Enter" } " open " kbd { "Esc" } " close" }
        }
    }
}

fn harbour() -> Markup {
    html! { div .harbour aria-hidden="true" { (PreEscaped(include_str!("harbour.svg"))) } }
}
