//! Credentials of image registries: what may Wharf pull?

use crate::{
    App,
    app::form_status,
    component::{
        Button, Field, Icon, Question, card, dialog,
        empty::empty,
        field,
        table::{Column, table},
    },
    error::{Answer, Failure},
    form::Typed,
    layout::{self, Page},
    page::{door::whole, settings::view::of},
    route,
    session::{self, Session},
};
use axum::extract::{Path, State};
use maud::{Markup, html};
use model::{RegistryId, Secret};
use ops::{RegistryForm, RegistryRow};

const TITLE: &str = "Registries";

/// `GET /registries`.
pub async fn list(State(app): State<App>, session: Session) -> Answer {
    page(&app, &session, &Typed::default()).await
}

/// `POST /registries`.
pub async fn create(State(app): State<App>, session: Session, typed: Typed) -> Answer {
    let text = |name| typed.get(name).to_owned();
    let form = RegistryForm { name: text("name"), host: text("host"), username: text("username"), password: Secret::new(typed.get("password")) };
    match app.ops.registry_create(&session.scope, form).await {
        Ok(_) => Ok(session::done(route::REGISTRIES, "The credential is kept")),
        Err(error) => page(&app, &session, &typed.with_faults(Failure(error).faults()?)).await,
    }
}

/// `POST /registries/{id}/remove`.
pub async fn remove(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    match app.ops.registry_delete(&session.scope, ops::known::<RegistryId>("credential", &id)?).await {
        Ok(()) => Ok(session::done(route::REGISTRIES, "The credential is removed")),
        Err(error) => page(&app, &session, &Typed::default().with_faults(Failure(error).faults()?)).await,
    }
}

async fn page(app: &App, session: &Session, typed: &Typed) -> Answer {
    let registries = app.ops.registry_list(&session.scope).await?;
    let content = html! {
        (layout::head(TITLE, "Credentials to pull private images. Passwords are sealed and never shown again."))
        (whole(typed))
        @if registries.is_empty() { div .card { (empty(Icon::Image, "No credential yet", "Public images need none. A private one is pulled with a name and a password or token.", html! {})) } }
        @else { section .card aria-label="Credentials" { (rows(&registries, session.writes())) } }
        @if session.writes() { (card("new", "New credential", html! {}, form(typed))) }
    };
    app.page_with(form_status(typed), session, &Page::of(TITLE, route::REGISTRIES), content).await
}

fn rows(registries: &[RegistryRow], writable: bool) -> Markup {
    let rows = html! {
        @for registry in registries {
            tr {
                td data-wide { b { (registry.name) } }
                td { code { (registry.host) } }
                td { (registry.username) }
                td { @if writable { (Button::dialog("Remove ...", &format!("remove-{}", registry.id)).small()) } }
            }
        }
    };
    html! {
        (table("registry-rows", &[Column::Word("Name"), Column::Word("Registry"), Column::Word("Signs in as"), Column::Actions], rows))
        @for registry in registries { (remove_dialog(registry)) }
    }
}

fn remove_dialog(registry: &RegistryRow) -> Markup {
    let (id, title, action) = (format!("remove-{}", registry.id), format!("Remove {}?", registry.name), route::registry_remove(&registry.id));
    let question = Question {
        id: &id,
        title: &title,
        action: &action,
        keep: "Keep it",
        act: "Remove the credential",
        working: "Removing ...",
        confirm: None,
        danger: true,
    };
    dialog(&question, html! { p .soft { "Images that need it can no longer be pulled. What runs goes on running." } })
}

fn form(typed: &Typed) -> Markup {
    html! {
        form method="post" action=(route::REGISTRIES) {
            div .body.form-grid {
                (field::text(&Field { mono: true, example: "docker.io", ..of(typed, "host", "Registry", "Host and port; empty is Docker Hub.") }))
                (field::text(&of(typed, "name", "Name", "Empty takes the registry's.")))
                (field::text(&Field { required: true, ..of(typed, "username", "User name", "") }))
                (field::text(&Field { required: true, kind: "password", value: "", autocomplete: Some("new-password"), ..of(typed, "password", "Password or token", "") }))
            }
            footer { (Button::submit("Keep the credential").primary().working("Keeping ...")) }
        }
    }
}
