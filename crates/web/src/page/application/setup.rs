//! The settings page: every setting in groups, move, clone, the danger zone.

use super::{head, view};
use crate::{
    App,
    app::form_status,
    component::{
        Button, Field, Icon, Question, card, changes,
        danger::{Act, danger},
        dialog, field,
        filter::filter,
    },
    error::{Answer, Failure},
    form::Typed,
    page::{
        application::view::Head,
        door::whole,
        settings::{self, view::Choice},
    },
    route,
    session::{self, Session},
};
use axum::extract::{Path, State};
use maud::{Markup, html};
use model::{ApplicationId, Plan};
use ops::ApplicationPatch;

/// A form's fields as a patch; fields that are no settings are left out.
pub fn patch(typed: &Typed) -> ApplicationPatch {
    let mut patch = ApplicationPatch::default();
    for (name, value) in typed.fields() {
        patch.set(name, value);
    }
    patch
}

/// Keys and registries to choose from.
pub async fn choices(app: &App, session: &Session) -> Result<(Vec<Choice>, Vec<Choice>), Failure> {
    let (keys, registries) = tokio::try_join!(app.ops.key_list(&session.scope), app.ops.registry_list(&session.scope))?;
    let keys = keys.into_iter().map(|key| (key.id.to_string(), key.name.to_string())).collect();
    let registries = registries.into_iter().map(|row| (row.id.to_string(), format!("{} ({})", row.name, row.host))).collect();
    Ok((keys, registries))
}

/// `GET /applications/{id}/settings`.
pub async fn show(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    page(&app, &session, id, None).await
}

/// `POST /applications/{id}/settings`.
pub async fn save(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    match app.ops.application_update(&session.scope, id.clone(), patch(&typed), true).await {
        Ok(_) => Ok(session::done(&route::application_part(&id, "settings"), "Saved. The next deployment makes it live.")),
        Err(error) => page(&app, &session, id, Some(typed.with_faults(Failure(error).faults()?))).await,
    }
}

/// The page again, with why an act of it was refused.
pub async fn refused(app: &App, session: &Session, id: ApplicationId, failure: Failure) -> Answer {
    let sentences: Vec<String> = failure.faults()?.into_iter().map(|(_, why)| why).collect();
    let application = app.ops.application_fetch(&session.scope, id.clone()).await?.application;
    let typed = shown(&application).with_faults([("", sentences.join("; "))]);
    page(app, session, id, Some(typed)).await
}

fn shown(application: &model::Application) -> Typed {
    settings::form::typed(&application.settings).with("name", &application.name).with("description", &application.description)
}

async fn page(app: &App, session: &Session, id: ApplicationId, typed: Option<Typed>) -> Answer {
    let head = head(app, session, id.clone()).await?;
    let (keys, registries) = choices(app, session).await?;
    let typed = typed.unwrap_or_else(|| shown(head.application()));
    let environments = app.ops.environment_list_all(&session.scope).await?;
    let projects = app.ops.project_list(&session.scope).await?;
    let preview = app.ops.application_delete_preview(&session.scope, id, false).await.ok();
    let name = |project: &model::ProjectId| projects.iter().find(|row| row.id == *project).map(|row| row.name.to_string()).unwrap_or_default();
    let places: Vec<Choice> = environments.iter().map(|row| (row.id.to_string(), format!("{} / {}", name(&row.project), row.name))).collect();
    let about = view::page(&head, "Settings", None);
    let content = html! {
        (whole(&typed))
        @if !head.writable { p .soft { "An admin or owner of the team may change settings." } }
        div .sided {
            (groups(&head, &typed))
            div .stack {
                (form(&head, &typed, &keys, &registries))
                @if head.writable { (elsewhere(&head, &typed, &places)) (danger_zone(&head, preview.as_ref())) }
            }
        }
        (view::not_live(&head))
    };
    app.page_with(form_status(&typed), session, &about, view::frame(&head, "Settings", content)).await
}

/// The groups of the page to jump to, and the search over them.
fn groups(head: &Head, typed: &Typed) -> Markup {
    let source = match typed.get("source") {
        "image" => "Image",
        "dockerfile" => "Dockerfile",
        _ => "Repository",
    };
    let own = [
        ("general", "Name"),
        ("source", source),
        ("build", "Build"),
        ("run", "Run"),
        ("limits", "Limits"),
        ("health", "Health check"),
        ("rollout", "Deployments"),
        ("hooks", "Commands"),
    ];
    let more = [("clone", "Clone"), ("move", "Move"), ("danger", "Delete")];
    let own = own.into_iter().filter(|(id, _)| *id != "build" || typed.get("source") != "image");
    html! {
        aside {
            (filter("settings-form", "Search the settings"))
            nav aria-label="Groups of settings" {
                @for (id, word) in own.chain(more.into_iter().filter(|_| head.writable)) { a href={ "#" (id) } { (word) } }
            }
        }
    }
}

fn form(head: &Head, typed: &Typed, keys: &[Choice], registries: &[Choice]) -> Markup {
    html! {
        form .stack id="settings-form" method="post" action=(route::application_part(&head.application().id, "settings")) data-draft="settings" {
            (card("general", "Name", html! {}, html! { div .body.form-grid {
                (field::text(&Field { required: true, ..settings::view::of(typed, "name", "Name", "Other applications reach it under its slug, which stays.") }))
                (field::text(&settings::view::of(typed, "description", "What it is for", "")))
            } }))
            input type="hidden" name="source" value=(typed.get("source"));
            (settings::view::groups(typed, keys, registries))
            @if head.writable { (changes::unsaved("Save")) }
        }
    }
}

fn elsewhere(head: &Head, typed: &Typed, places: &[Choice]) -> Markup {
    let application = head.application();
    let part = |part| route::application_part(&application.id, part);
    let place = |prefix| Field { name: "environment", label: "Environment", value: application.environment.as_str(), prefix, ..Field::default() };
    html! {
        (card("clone", "Clone", html! { span .small.faint { "settings and storage, without domains and what is in volumes" } }, html! {
            form method="post" action=(part("clone")) {
                div .body.form-grid {
                    (field::text(&Field { name: "clone_name", label: "Name of the copy", value: typed.get("clone_name"), required: true, ..Field::default() }))
                    (field::select(&place("clone-"), places))
                    (field::switch(&Field { name: "with_variables", label: "Copy its variables too", ..Field::default() }, true))
                }
                footer { (Button::submit("Clone").icon(Icon::Copy).working("Cloning ...")) }
            }
        }))
        (card("move", "Move", html! { span .small.faint { "what runs goes on running" } }, html! {
            form method="post" action=(part("move")) {
                div .body.form-grid { (field::select(&place("move-"), places)) }
                footer { (Button::submit("Move").icon(Icon::Arrow).working("Moving ...")) }
            }
        }))
    }
}

fn danger_zone(head: &Head, preview: Option<&Plan>) -> Markup {
    let application = head.application();
    let (title, act) = (format!("Delete {}", application.name), format!("Delete {}?", application.name));
    let action = route::application_part(&application.id, "delete");
    let name = application.name.to_string();
    let question =
        Question { id: "delete", title: &act, action: &action, keep: "Keep it", act: &title, working: "Deleting ...", confirm: Some(&name), danger: true };
    html! {
        (danger(&[Act {
            title: &title,
            consequence: "Its containers, routes, images, releases, variables and logs go. This cannot be undone.",
            button: html! { (Button::dialog("Delete ...", "delete").danger()) },
        }]))
        (dialog(&question, html! {
            @if let Some(preview) = preview {
                p .soft { (preview.summary) }
                (crate::component::dialog::steps(&preview.forward().map(|(_, _, step)| html! { (step.title()) }).collect::<Vec<_>>()))
            } @else { p .soft { "The server is out of reach now; its containers go as soon as it is back." } }
            label .check { input type="checkbox" name="with_volumes" value="true"; "Remove its volumes and what is in them too" }
        }))
    }
}
