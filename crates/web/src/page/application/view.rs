//! What every page of an application shows: the way to it, its head and its tabs.

use crate::{
    component::{
        Button, Icon, Item, Question, changes, copy, dialog,
        dialog::steps,
        icon, menu, status_big,
        tabs::{Tab, tabs},
    },
    layout::{Crumb, Page},
    page::state,
    route,
};
use maud::{Markup, html};
use model::{Application, Settings, Source, application::Desired};
use ops::ApplicationPage;

/// The id of the dialog that gives up what is not live.
const DISCARD: &str = "discard";

/// An application with what its head says.
#[derive(Debug, Clone)]
pub struct Head {
    /// The application as its page shows it.
    pub page: ApplicationPage,
    /// Other applications of the environment: name and page.
    pub siblings: Vec<(String, String)>,
    /// Other environments of the project: name and page.
    pub environments: Vec<(String, String)>,
    /// How many variables it has.
    pub variables: usize,
    /// Its server's name.
    pub server: String,
    /// Whether the caller may change it.
    pub writable: bool,
    /// Whether the caller may see logs and secrets.
    pub trusted: bool,
}

impl Head {
    /// The application.
    pub fn application(&self) -> &Application {
        &self.page.row.application
    }

    fn part(&self, part: &str) -> String {
        route::application_part(&self.application().id, part)
    }

    /// Whether a release serves or is meant to.
    pub fn ever_deployed(&self) -> bool {
        self.application().live_release.is_some()
    }
}

/// What the frame needs for a part of an application.
pub fn page(head: &Head, title: &str, live: Option<String>) -> Page {
    let application = head.application();
    let kind_crumb =
        |name: &str, address: String, kind, others: &[(String, String)], new| Crumb { name: name.into(), address, kind, others: others.to_vec(), new };
    let new = route::environment_part(&application.environment, "new");
    Page {
        title: title.into(),
        crumbs: vec![
            Crumb::plain(head.page.row.project_name.as_str(), route::project(&application.project)),
            kind_crumb(head.page.row.environment_name.as_str(), route::environment(&application.environment), "environment", &head.environments, None),
            kind_crumb(
                application.name.as_str(),
                route::application(&application.id),
                "application",
                &head.siblings,
                Some(("New application".into(), new.clone())),
            ),
        ],
        place: route::project(&application.project),
        live,
        new: Some(new),
        ..Page::default()
    }
}

/// The head: name, status, acts, facts; then the tabs. The live stream replaces the head as a whole.
pub fn frame(head: &Head, tab: &str, content: Markup) -> Markup {
    html! {
        (title(head))
        (tabs(head.application().name.as_str(), &parts(head), tab))
        (content)
        (asks(head))
    }
}

fn parts(head: &Head) -> Vec<Tab> {
    let secret = |word: &str| matches!(word, "Logs" | "Terminal" | "Webhooks");
    let tab =
        |word, part: &str, count| Tab { word, address: if part.is_empty() { route::application(&head.application().id) } else { head.part(part) }, count };
    let all = vec![
        tab("Overview", "", None),
        tab("Deployments", "deployments", None),
        tab("Releases", "releases", None),
        tab("Logs", "logs", None),
        tab("Terminal", "terminal", None),
        tab("Variables", "variables", Some(head.variables)),
        tab("Domains", "domains", Some(head.application().settings.domains.len())),
        tab("Storage", "storage", None),
        tab("Webhooks", "webhooks", None),
        tab("Settings", "settings", None),
    ];
    all.into_iter().filter(|tab| head.trusted || !secret(tab.word)).collect()
}

/// The id of the head, for the live stream.
pub fn title(head: &Head) -> Markup {
    let application = head.application();
    html! {
        header .head id="application-head" {
            div .title {
                h1 { (application.name) }
                (status_big("application-status", state::of(&head.page.status).0, state::words(&head.page.status)))
                @if head.writable { div .actions { (acts(head)) } }
            }
            p .facts {
                span { (icon(Icon::App)) (kind(&application.settings)) }
                @if let Some(address) = head.page.urls.first() {
                    (copy(html! { a href=(address) rel="noopener" { (address.split_once("://").map_or(address.as_str(), |(_, rest)| rest)) } }, address, "the address"))
                }
                (origin(&application.settings))
                span { (icon(Icon::Server)) (head.server) }
            }
        }
    }
}

/// What it is, in a word.
pub fn kind(settings: &Settings) -> &'static str {
    match (&settings.source, &settings.pack) {
        (Source::Image { .. }, _) => "Image",
        (_, model::BuildPack::Static(_)) => "Static site",
        _ => "Application",
    }
}

/// What tells it from its neighbours in a list: its first domain, else where it comes from.
pub fn lead(settings: &Settings) -> String {
    match (settings.domains.first(), &settings.source) {
        (Some(domain), _) => domain.host.to_string(),
        (None, Source::Git(git)) => git.reference.to_string(),
        (None, Source::Image { reference, .. }) => reference.to_string(),
        (None, Source::Dockerfile { .. }) => "pasted Dockerfile".into(),
    }
}

/// Where it comes from, as a fact.
pub fn origin(settings: &Settings) -> Markup {
    match &settings.source {
        Source::Git(git) => html! { span { (icon(Icon::Branch)) (git.url.repository()) ", " (git.reference) } },
        Source::Dockerfile { .. } => html! { span { (icon(Icon::File)) "pasted Dockerfile" } },
        Source::Image { reference, .. } => html! { span { (icon(Icon::Image)) code { (reference) } } },
    }
}

fn acts(head: &Head) -> Markup {
    let application = head.application();
    let stopped = application.desired == Desired::Stopped;
    let deploy = if head.ever_deployed() { "Redeploy" } else { "Deploy" };
    let mut more = vec![Item::Act(Icon::Refresh, "Deploy without cache", head.part("deploy?force=true"))];
    if head.ever_deployed() {
        more.extend([Item::Link(Icon::Undo, "Roll back ...", head.part("releases")), Item::Link(Icon::Terminal, "Open terminal", head.part("terminal"))]);
    }
    more.extend([
        Item::Link(Icon::Copy, "Clone ...", head.part("settings#clone")),
        Item::Link(Icon::Arrow, "Move to another environment ...", head.part("settings#move")),
        Item::Line,
    ]);
    if head.ever_deployed() && !stopped {
        more.push(Item::Danger(Icon::Stop, "Stop ...", "stop"));
    }
    more.push(Item::Link(Icon::Trash, "Delete ...", head.part("settings#danger")));
    html! {
        form method="post" action=(head.part("deploy")) {
            @let button = Button::submit(deploy).icon(Icon::Deploy).working("Deploying ...");
            (if head.ever_deployed() { button } else { button.primary() })
        }
        @if stopped {
            form method="post" action=(head.part("start")) { (Button::submit("Start").primary().icon(Icon::Play).working("Starting ...")) }
        } @else if head.ever_deployed() {
            form method="post" action=(head.part("restart")) { (Button::submit("Restart").icon(Icon::Refresh).working("Restarting ...")) }
        }
        (menu("application-more", &format!("More actions for {}", application.name), &more))
    }
}

/// Dialogs of the acts that ask.
fn asks(head: &Head) -> Markup {
    let application = head.application();
    let title = format!("Stop {}?", application.name);
    let act = format!("Stop {}", application.name);
    let action = head.part("stop");
    let question =
        Question { id: "stop", title: &title, action: &action, keep: "Keep it running", act: &act, working: "Stopping ...", confirm: None, danger: true };
    let plan = steps(&[
        html! { "Its addresses answer 503, \"starting or stopped\"." },
        html! { "Requests in flight may finish, up to " (application.settings.drain_seconds) " s." },
        html! { "Its containers stop and are kept; volumes, variables and releases stay. Start brings it back." },
    ]);
    html! {
        @if head.ever_deployed() { (dialog(&question, plan)) }
        @if let (Some(live), true) = (&head.page.live, head.writable) { (discard(head, live.number)) }
    }
}

/// The bar of what is saved and not live yet, on every page that changes something.
pub fn not_live(head: &Head) -> Markup {
    let names: Vec<String> = head.page.changes.iter().map(|change| change.field.clone()).collect();
    let deploy = head.part("deploy");
    let acts = (head.writable && head.ever_deployed()).then_some((DISCARD, deploy.as_str()));
    changes::not_live("application-changes", &names, &head.part("changes"), acts)
}

/// The dialog that gives up what is not live.
fn discard(head: &Head, live: i64) -> Markup {
    let (action, act) = (head.part("discard"), format!("Go back to release {live}"));
    let question = Question {
        id: DISCARD,
        title: "Discard what is not live?",
        action: &action,
        keep: "Keep the changes",
        act: &act,
        working: "Going back ...",
        confirm: None,
        danger: true,
    };
    dialog(
        &question,
        steps(&[
            html! { "Settings, variables and storage are set up as release " (live) " has them." },
            html! { "What runs is not touched; nothing is deployed." },
            html! { "What was changed since is lost. Name, description and references to shared variables stay." },
        ]),
    )
}
