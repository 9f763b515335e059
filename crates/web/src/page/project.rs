//! Projects: what runs here?

use crate::{
    App,
    app::form_status,
    component::{Button, Field, Icon, Question, card, dialog, empty::empty, field, filter::filter, icon, status},
    error::{Answer, Failure},
    form::Typed,
    layout::{Crumb, Page},
    page::{door::whole, environment, settings::view::of, state},
    route,
    session::{self, Session},
    time, unit,
};
use axum::extract::{Path, State};
use maud::{Markup, html};
use model::ProjectId;
use ops::{ApplicationItem, EnvironmentRow, NamedForm, ProjectRow};

/// The form's name and description.
pub fn named(typed: &Typed) -> NamedForm {
    NamedForm { name: typed.get("name").into(), description: typed.get("description").into() }
}

/// Name and description as fields.
pub fn fields(typed: &Typed) -> Markup {
    html! {
        (field::text(&Field { required: true, ..of(typed, "name", "Name", "") }))
        (field::text(&of(typed, "description", "What it is for", "")))
    }
}

/// `GET /projects`.
pub async fn list(State(app): State<App>, session: Session) -> Answer {
    let (projects, applications) = tokio::try_join!(app.ops.project_list(&session.scope), app.ops.application_list(&session.scope, None))?;
    let about = Page { live: Some("overview".into()), ..Page::of("Projects", route::PROJECTS) };
    let content = html! {
        header .head { div .title { h1 { "Projects" } div .actions { @if session.writes() { (Button::link("New project", route::NEW_PROJECT).primary().icon(Icon::Plus)) } } } }
        @if projects.is_empty() {
            div .card { (empty(Icon::Project, "No project yet", "A project holds what belongs together, in environments such as production and staging.", html! { (Button::link("New project", route::NEW_PROJECT).primary()) })) }
        } @else {
            section .card aria-labelledby="all-title" {
                header { h2 id="all-title" { (unit::count(projects.len(), "project", "projects")) } div .end { (filter("projects", "Filter projects")) } }
                div .rows id="projects" { @for project in &projects { (row(project, &applications, &session)) } }
            }
        }
    };
    app.page(&session, &about, content).await
}

fn row(project: &ProjectRow, applications: &[ApplicationItem], session: &Session) -> Markup {
    let (mark, word) = state::worst(applications.iter().filter(|entry| entry.row.application.project == project.id).map(|entry| state::of(&entry.status)));
    html! {
        a .row href=(route::project(&project.id)) data-row {
            (icon(Icon::Project))
            span .clip { b { (project.name) } " " span .small.faint { (project.description) } }
            span .push { (status(mark, word)) }
            span .small.faint.num { (unit::count(usize::try_from(project.applications).unwrap_or_default(), "application", "applications")) }
            (time::relative(project.created, session.now))
        }
    }
}

/// `GET /projects/new`.
pub async fn new(State(app): State<App>, session: Session) -> Answer {
    new_page(&app, &session, &Typed::default()).await
}

/// `POST /projects`.
pub async fn create(State(app): State<App>, session: Session, typed: Typed) -> Answer {
    match app.ops.project_create(&session.scope, named(&typed)).await {
        Ok(id) => Ok(session::done(&route::project(&id), "The project is there, with the environment production")),
        Err(error) => new_page(&app, &session, &typed.with_faults(Failure(error).faults()?)).await,
    }
}

async fn new_page(app: &App, session: &Session, typed: &Typed) -> Answer {
    let crumbs = vec![Crumb::plain("Projects", route::PROJECTS), Crumb::plain("New", route::NEW_PROJECT)];
    let about = Page { title: "New project".into(), crumbs, place: route::PROJECTS.into(), ..Page::default() };
    let content = html! {
        header .head { div .title { h1 { "New project" } } p .facts { span { "It begins with one environment, production." } } }
        (whole(typed))
        form .card method="post" action=(route::PROJECTS) {
            div .body.form-grid { (fields(typed)) }
            footer { (Button::submit("Create the project").primary().working("Creating ...")) }
        }
    };
    app.page_with(form_status(typed), session, &about, content).await
}

/// `GET /projects/{id}`.
pub async fn show(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    page(&app, &session, ops::known("project", &id)?, &Typed::default()).await
}

/// `POST /projects/{id}/edit`.
pub async fn edit(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ProjectId = ops::known("project", &id)?;
    match app.ops.project_update(&session.scope, id.clone(), named(&typed)).await {
        Ok(()) => Ok(session::done(&route::project(&id), "Saved")),
        Err(error) => page(&app, &session, id, &typed.with_faults(Failure(error).faults()?)).await,
    }
}

/// `POST /projects/{id}/delete`.
pub async fn delete(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ProjectId = ops::known("project", &id)?;
    let project = app.ops.project_fetch(&session.scope, id.clone()).await?;
    if typed.get("confirm").trim() != project.name.as_str() {
        return page(&app, &session, id, &Typed::default().with_faults([("", format!("type {} to delete it", project.name))])).await;
    }
    match app.ops.project_delete(&session.scope, id.clone()).await {
        Ok(()) => Ok(session::done(route::PROJECTS, &format!("{} is deleted", project.name))),
        Err(error) => page(&app, &session, id, &Typed::default().with_faults(Failure(error).faults()?)).await,
    }
}

/// `POST /projects/{id}/environments`.
pub async fn environment_create(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ProjectId = ops::known("project", &id)?;
    match app.ops.environment_create(&session.scope, id.clone(), named(&typed)).await {
        Ok(environment) => Ok(session::done(&route::environment(&environment), "The environment is there")),
        Err(error) => {
            let faults = Failure(error).faults()?.into_iter().map(|(field, why)| (format!("environment-{field}"), why));
            let kept = Typed::default().with("environment-name", typed.get("name")).with("environment-description", typed.get("description"));
            page(&app, &session, id, &kept.with_faults(faults)).await
        }
    }
}

async fn page(app: &App, session: &Session, id: ProjectId, typed: &Typed) -> Answer {
    let scope = &session.scope;
    let project = app.ops.project_fetch(scope, id.clone()).await?;
    let (environments, applications, projects) =
        tokio::try_join!(app.ops.environment_list(scope, id.clone()), app.ops.application_list(scope, None), app.ops.project_list(scope))?;
    let others = projects.iter().filter(|other| other.id != id).map(|other| (other.name.to_string(), route::project(&other.id))).collect();
    let crumb = Crumb {
        name: project.name.to_string(),
        address: route::project(&id),
        kind: "project",
        others,
        new: Some(("New project".into(), route::NEW_PROJECT.into())),
    };
    let about = Page {
        title: project.name.to_string(),
        crumbs: vec![crumb],
        place: route::project(&id),
        live: Some(format!("project:{id}")),
        new: environments.first().map(|first| route::environment_part(&first.id, "new")),
        ..Page::default()
    };
    let content = html! {
        header .head {
            div .title {
                h1 { (project.name) }
                div .actions {
                    @if let (Some(first), true) = (environments.first(), session.writes()) { (Button::link("New application", &route::environment_part(&first.id, "new")).primary().icon(Icon::Plus)) }
                }
            }
            @if !project.description.is_empty() { p .facts { span { (project.description) } } }
        }
        (whole(typed))
        (berths(&environments, &applications, session))
        @if session.writes() { (settings(&project, typed)) }
        @else { p .soft { a href=(route::project_part(&id, "variables")) { "Shared variables" } } }
    };
    app.page_with(form_status(typed), session, &about, content).await
}

/// The environments with their applications; replaced by the live stream.
pub fn berths(environments: &[EnvironmentRow], applications: &[ApplicationItem], session: &Session) -> Markup {
    html! {
        div .stack id="project-environments" {
            @for environment in environments {
                (environment::card_of(environment, applications.iter().filter(|entry| entry.row.application.environment == environment.id), false, session))
            }
        }
    }
}

fn settings(project: &ProjectRow, typed: &Typed) -> Markup {
    let shown = if typed.has("name") { typed.clone() } else { typed.clone().with("name", &project.name).with("description", &project.description) };
    let environment = |name: &'static str, label: &'static str| Field {
        name,
        label,
        prefix: "environment-",
        value: typed.get(if name == "name" { "environment-name" } else { "environment-description" }),
        error: typed.fault(if name == "name" { "environment-name" } else { "" }),
        ..Field::default()
    };
    html! {
        (card("new-environment", "New environment", html! { span .small.faint { "staging, a copy to try things in" } }, html! {
            form method="post" action=(route::project_part(&project.id, "environments")) {
                div .body.form-grid { (field::text(&Field { required: true, ..environment("name", "Name") })) (field::text(&environment("description", "What it is for"))) }
                footer { (Button::submit("Create the environment").working("Creating ...")) }
            }
        }))
        (card("edit", "Project", html! { a .small.end href=(route::project_part(&project.id, "variables")) { "Shared variables" } }, html! {
            form method="post" action=(route::project_part(&project.id, "edit")) data-draft="project" {
                div .body.form-grid { (fields(&shown)) }
                footer { (Button::submit("Save").working("Saving ...")) (Button::dialog("Delete the project ...", "delete-project").danger()) }
            }
        }))
        (delete_dialog(project))
    }
}

fn delete_dialog(project: &ProjectRow) -> Markup {
    let (title, action, name) = (format!("Delete {}?", project.name), route::project_part(&project.id, "delete"), project.name.to_string());
    let question = Question {
        id: "delete-project",
        title: &title,
        action: &action,
        keep: "Keep the project",
        act: "Delete the project",
        working: "Deleting ...",
        confirm: Some(&name),
        danger: true,
    };
    dialog(
        &question,
        html! {
            p .soft { "Its environments and shared variables go. It must have no applications: move or delete them first." }
        },
    )
}
