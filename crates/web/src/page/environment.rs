//! Environments: what runs here?

use crate::{
    App,
    app::form_status,
    component::{Button, Icon, Question, card, dialog, empty::empty, icon, status},
    error::{Answer, Failure},
    form::Typed,
    layout::{Crumb, Page},
    page::{application, door::whole, project, state},
    route,
    session::{self, Session},
    time,
};
use axum::extract::{Path, State};
use maud::{Markup, html};
use model::EnvironmentId;
use ops::{ApplicationItem, EnvironmentRow};

/// An environment's applications as a card; its name in the head, where the page is not its own.
pub fn card_of<'a>(environment: &EnvironmentRow, applications: impl Iterator<Item = &'a ApplicationItem>, own: bool, session: &Session) -> Markup {
    let mut applications = applications.peekable();
    let new = route::environment_part(&environment.id, "new");
    html! {
        article .card.project id={ "environment-" (environment.id) } data-group {
            header {
                @if own { h2 { "Applications" } }
                @else {
                    h2 { a .plain href=(route::environment(&environment.id)) { (environment.name) } }
                    span .small.faint { (environment.description) }
                }
                @if session.writes() { span .end { (Button::link("New application", &new).small().icon(Icon::Plus)) } }
            }
            @if applications.peek().is_none() { (empty(Icon::App, "Nothing runs here yet", "An application comes from a git repository, a Dockerfile or an image.", html! {})) }
            @else { div .rows.resources { @for entry in applications { (resource(entry, session)) } } }
        }
    }
}

/// An application as a row.
pub fn resource(entry: &ApplicationItem, session: &Session) -> Markup {
    let application = &entry.row.application;
    let (mark, words) = (state::of(&entry.status).0, state::words(&entry.status));
    let open = entry.row.latest.as_ref().and_then(|latest| crate::page::deployment::view::short(latest.operation, latest.status));
    html! {
        a .resource id={ "resource-" (application.id) } href=(route::application(&application.id)) data-row {
            (icon(Icon::App))
            span .clip { b { (application.name) } " " span .faint.small.lead { (application::view::lead(&application.settings)) } }
            @if let Some(open) = open { (open) } @else { (status(mark, words)) }
            span .rel.small.faint.clip { @if let Some(number) = entry.row.live_number { "release " (number) } }
            (time::relative(entry.row.latest.as_ref().map_or(application.created, |latest| latest.created), session.now))
        }
    }
}

/// `GET /environments/{id}`.
pub async fn show(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    page(&app, &session, ops::known("environment", &id)?, &Typed::default()).await
}

/// `POST /environments/{id}/edit`.
pub async fn edit(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: EnvironmentId = ops::known("environment", &id)?;
    match app.ops.environment_update(&session.scope, id.clone(), project::named(&typed)).await {
        Ok(()) => Ok(session::done(&route::environment(&id), "Saved")),
        Err(error) => page(&app, &session, id, &typed.with_faults(Failure(error).faults()?)).await,
    }
}

/// `POST /environments/{id}/delete`.
pub async fn delete(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: EnvironmentId = ops::known("environment", &id)?;
    let environment = app.ops.environment_fetch(&session.scope, id.clone()).await?;
    if typed.get("confirm").trim() != environment.name.as_str() {
        return page(&app, &session, id, &Typed::default().with_faults([("", format!("type {} to delete it", environment.name))])).await;
    }
    match app.ops.environment_delete(&session.scope, id.clone()).await {
        Ok(()) => Ok(session::done(&route::project(&environment.project), &format!("{} is deleted", environment.name))),
        Err(error) => page(&app, &session, id, &Typed::default().with_faults(Failure(error).faults()?)).await,
    }
}

/// The way to an environment: its project, and its siblings in the switcher.
pub async fn crumbs(app: &App, session: &Session, environment: &EnvironmentRow) -> Result<Vec<Crumb>, Failure> {
    let scope = &session.scope;
    let (project, siblings) =
        tokio::try_join!(app.ops.project_fetch(scope, environment.project.clone()), app.ops.environment_list(scope, environment.project.clone()))?;
    let others = siblings.iter().filter(|other| other.id != environment.id).map(|other| (other.name.to_string(), route::environment(&other.id))).collect();
    let own = Crumb { name: environment.name.to_string(), address: route::environment(&environment.id), kind: "environment", others, new: None };
    Ok(vec![Crumb::plain(project.name.as_str(), route::project(&project.id)), own])
}

async fn page(app: &App, session: &Session, id: EnvironmentId, typed: &Typed) -> Answer {
    let environment = app.ops.environment_fetch(&session.scope, id.clone()).await?;
    let crumbs = crumbs(app, session, &environment).await?;
    let applications = app.ops.application_list(&session.scope, None).await?;
    let about = Page {
        title: environment.name.to_string(),
        crumbs,
        place: route::project(&environment.project),
        live: Some(format!("environment:{id}")),
        new: Some(route::environment_part(&id, "new")),
        ..Page::default()
    };
    let content = html! {
        header .head { div .title { h1 { (environment.name) } } @if !environment.description.is_empty() { p .facts { span { (environment.description) } } } }
        (whole(typed))
        (card_of(&environment, applications.iter().filter(|entry| entry.row.application.environment == id), true, session))
        @if session.writes() { (settings(&environment, typed)) }
    };
    app.page_with(form_status(typed), session, &about, content).await
}

fn settings(environment: &EnvironmentRow, typed: &Typed) -> Markup {
    let shown = if typed.has("name") { typed.clone() } else { typed.clone().with("name", &environment.name).with("description", &environment.description) };
    html! {
        (card("edit", "Environment", html! { a .small.end href=(route::environment_part(&environment.id, "variables")) { "Shared variables" } }, html! {
            form method="post" action=(route::environment_part(&environment.id, "edit")) data-draft="environment" {
                div .body.form-grid { (project::fields(&shown)) }
                footer {
                    (Button::submit("Save").working("Saving ..."))
                    @if environment.protected { span .push { "The first environment of a project can be renamed; it is deleted with the project only." } }
                    @else { (Button::dialog("Delete the environment ...", "delete-environment").danger()) }
                }
            }
        }))
        @if !environment.protected { (delete_dialog(environment)) }
    }
}

fn delete_dialog(environment: &EnvironmentRow) -> Markup {
    let (title, action, name) = (format!("Delete {}?", environment.name), route::environment_part(&environment.id, "delete"), environment.name.to_string());
    let question = Question {
        id: "delete-environment",
        title: &title,
        action: &action,
        keep: "Keep it",
        act: "Delete the environment",
        working: "Deleting ...",
        confirm: Some(&name),
        danger: true,
    };
    dialog(&question, html! { p .soft { "Its shared variables go. It must have no applications: move or delete them first." } })
}
