//! The overview: what needs me?

use super::{deployment, environment, machine, server, state};
use crate::{
    App,
    app::fragment,
    component::{Button, Icon, Mark, card, filter::filter, icon, section, status, status_mark},
    error::Answer,
    layout::{self, Page},
    route,
    session::Session,
    unit,
};
use axum::extract::State;
use maud::{Markup, html};
use model::DeploymentId;
use ops::{ApplicationItem, Attention, EngineDown, EnvironmentRow, Overview, Status};

/// `GET /`.
pub async fn show(State(app): State<App>, session: Session) -> Answer {
    let scope = &session.scope;
    let (overview, environments, live) = tokio::try_join!(app.ops.overview(scope), app.ops.environment_list_all(scope), app.ops.deployments_live(scope, None))?;
    let about = Page { title: "Overview".into(), place: route::OVERVIEW.into(), live: Some("overview".into()), ..Page::default() };
    let viewer = app.viewer_over(&session, &overview).await?;
    let content = html! {
        (head(&overview, &session))
        (attention(&overview))
        @if overview.applications.is_empty() { (first_steps(&overview, &environments)) }
        @else {
            div .cols { (projects(&overview, &environments, &session)) (recent(&overview, &live, &session)) }
        }
        (servers(&overview, &viewer.down))
    };
    Ok(fragment(layout::page(&viewer, &about, content)))
}

/// The sentence that answers the page's question.
fn sentence(overview: &Overview) -> String {
    match overview.attention.len() {
        0 if overview.applications.iter().all(|item| item.status == Status::NeverDeployed) => "Nothing runs yet.".into(),
        0 if overview.applications.iter().any(|item| matches!(item.status, Status::Unknown { .. })) => "What runs is unknown.".into(),
        0 => "All is well.".into(),
        1 => "One thing needs you.".into(),
        many => format!("{} things need you.", unit::spelled(many)),
    }
}

/// Sentence and counts; replaced by the live stream.
pub fn head(overview: &Overview, session: &Session) -> Markup {
    let all = overview.applications.len();
    html! {
        header .head id="overview-head" {
            div .title {
                h1 { (sentence(overview)) }
                @if session.writes() { div .actions { (Button::link("New application", route::NEW).primary().icon(Icon::Plus)) } }
            }
            @if all > 0 {
                p .facts {
                    (status(if overview.running > 0 { Mark::Running } else { Mark::Stopped }, format!("{} of {} running", overview.running, unit::count(all, "application", "applications"))))
                    @if !overview.open.is_empty() { (status(Mark::Deploying, format!("{} in progress", unit::count(overview.open.len(), "deployment", "deployments")))) }
                }
            }
        }
    }
}

/// What needs a person; replaced by the live stream.
pub fn attention(overview: &Overview) -> Markup {
    html! {
        div id="attention" {
            @if !overview.attention.is_empty() {
                section .card aria-labelledby="attention-title" {
                    h2 .sr id="attention-title" { "Needs attention" }
                    ul .rows { @for thing in &overview.attention { (row(thing, &overview.applications)) } }
                }
            }
        }
    }
}

fn row(thing: &Attention, applications: &[ApplicationItem]) -> Markup {
    let item = applications.iter().find(|item| item.row.application.id == thing.application);
    let (mark, word) = item.map_or((Mark::Degraded, "needs you".into()), |item| state::of(&item.status));
    let never = item.is_some_and(|item| item.status == Status::NeverDeployed);
    let failed = thing.deployment.is_some() && !matches!(mark, Mark::Exited | Mark::Degraded);
    let (mark, word) = if failed { (Mark::Failed, "deployment failed".to_owned()) } else { (mark, word) };
    let sentence = if never { "Its first deployment failed; nothing serves yet." } else { &thing.sentence };
    html! {
        li .item.attention {
            (status_mark(mark, &word))
            div {
                b { (thing.name) " " span .soft { (word.to_lowercase()) } }
                p .small.soft { @if let Some(item) = item { (item.row.project_name) " / " (item.row.environment_name) ". " } (sentence) }
            }
            div .row {
                @if let Some(deployment) = &thing.deployment { (Button::link("See what failed", &route::deployment(deployment)).small()) }
                @if !never { (Button::link("See logs", &route::application_part(&thing.application, "logs")).small()) }
            }
        }
    }
}

/// The projects with their environments and applications; replaced by the live stream.
pub fn projects(overview: &Overview, environments: &[EnvironmentRow], session: &Session) -> Markup {
    section(
        "overview-projects",
        "Projects",
        filter("overview-berths", "Filter applications"),
        html! {
            div .stack id="overview-berths" {
                @for project in &overview.projects {
                    @let own: Vec<&EnvironmentRow> = environments.iter().filter(|row| row.project == project.row.id && row.applications > 0).collect();
                    article .card.project data-group {
                        header {
                            h3 { a .plain href=(route::project(&project.row.id)) { (project.row.name) } }
                            span .small.faint { (project.row.description) }
                        }
                        @if own.is_empty() { p .body.soft.small { "No application yet. " a href=(route::project(&project.row.id)) { "Open the project" } } }
                        @else { div .rows.resources {
                            @for environment in own {
                                @if overview.projects.len() + environments.len() > 2 { p .environment-line.small.faint { a .plain href=(route::environment(&environment.id)) { (environment.name) } } }
                                @for item in overview.applications.iter().filter(|item| item.row.application.environment == environment.id) { (environment::resource(item, session)) }
                            }
                        } }
                    }
                }
            }
        },
    )
}

/// The newest deployments; replaced by the live stream.
pub fn recent(overview: &Overview, live: &[DeploymentId], session: &Session) -> Markup {
    section(
        "overview-deployments",
        "Recent deployments",
        html! { a .small href=(route::DEPLOYMENTS) { "All" } },
        html! {
            div .card.rows {
                @if overview.deployments.is_empty() { p .body.soft { "Nothing was deployed yet." } }
                @for row in &overview.deployments { (deployment::view::team_row(row, live.contains(&row.deployment.id), session.now)) }
            }
        },
    )
}

fn servers(overview: &Overview, down: &[EngineDown]) -> Markup {
    section(
        "overview-servers",
        "Servers",
        html! { a .small href=(route::SERVERS) { "All servers" } },
        html! {
            div .card.rows { @for server in &overview.servers {
                a .row.server href=(route::server(&server.id)) { (icon(Icon::Server)) b { (server.name) } span .small.faint.clip { (server.address) ", *." (server.wildcard) } (machine::load_asked(&server.id)) span .push { (server::state(down, &server.id)) } }
            } }
        },
    )
}

/// A first run: what to do, in order.
fn first_steps(overview: &Overview, environments: &[EnvironmentRow]) -> Markup {
    let new = environments.first().map_or_else(|| route::NEW.to_owned(), |first| route::environment_part(&first.id, "new"));
    let steps = [
        ("Add an application", "From a git repository, a Dockerfile or an image; Wharf looks first and shows what it found.", "New application", new),
        ("Point a domain at it", "Until then it has a name under the server's wildcard domain.", "Servers", route::SERVERS.to_owned()),
        ("Deploy on every push", "A webhook at the git host, or the command line with a token.", "API tokens", route::TOKENS.to_owned()),
    ];
    html! {
        (card("first", "Three steps to the first application", html! { span .small.faint { (unit::count(overview.projects.len(), "project", "projects")) } }, html! {
            ol .ways { @for (at, (title, why, words, address)) in steps.iter().enumerate() {
                li { b .nth aria-hidden="true" { (at + 1) } div { h3 { (title) } p .small.soft { (why) } } (Button::link(words, address).small()) }
            } }
        }))
    }
}
