//! Deploy keys: what may Wharf read?

use crate::{
    App,
    app::form_status,
    component::{
        Button, Field, Icon, Question, card, copy_code, dialog,
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
use model::{KeyId, Secret, key::Key};
use ops::KeyForm;

const TITLE: &str = "Deploy keys";

/// `GET /keys`.
pub async fn list(State(app): State<App>, session: Session) -> Answer {
    page(&app, &session, &Typed::default()).await
}

/// `POST /keys`: keeps a key, or makes one.
pub async fn create(State(app): State<App>, session: Session, typed: Typed) -> Answer {
    let form = KeyForm { name: typed.get("name").into(), description: typed.get("description").into(), private_key: Secret::new(typed.get("private_key")) };
    match app.ops.key_create(&session.scope, form).await {
        Ok(key) => Ok(session::done(route::KEYS, &format!("{} is there: add its public half at the git host", key.name))),
        Err(error) => page(&app, &session, &typed.with_faults(Failure(error).faults()?)).await,
    }
}

/// `POST /keys/{id}/remove`.
pub async fn remove(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    match app.ops.key_delete(&session.scope, ops::known::<KeyId>("key", &id)?).await {
        Ok(()) => Ok(session::done(route::KEYS, "The key is removed")),
        Err(error) => page(&app, &session, &Typed::default().with_faults(Failure(error).faults()?)).await,
    }
}

async fn page(app: &App, session: &Session, typed: &Typed) -> Answer {
    let keys = app.ops.key_list(&session.scope).await?;
    let content = html! {
        (layout::head(TITLE, "Sign in to git hosts over ssh. The private half never leaves this machine."))
        (whole(typed))
        @if keys.is_empty() { div .card { (empty(Icon::Key, "No deploy key yet", "A private repository is read over ssh with a key that may read only it.", html! {})) } }
        @else { section .card aria-label="Keys" { (rows(&keys, session.writes())) } }
        @if session.writes() { (card("new", "New deploy key", html! {}, form(typed))) }
    };
    app.page_with(form_status(typed), session, &Page::of(TITLE, route::KEYS), content).await
}

fn rows(keys: &[Key], writable: bool) -> Markup {
    let rows = html! {
        @for key in keys {
            tr {
                td data-wide { b { (key.name) } @if !key.description.is_empty() { div .small.faint { (key.description) } } }
                td data-wide { (copy_code(&key.public, "the public half")) div .small.faint { code { (key.fingerprint) } } }
                td { @if writable { (Button::dialog("Remove ...", &format!("remove-{}", key.id)).small()) } }
            }
        }
    };
    html! {
        (table("key-rows", &[Column::Word("Key"), Column::Word("Public half"), Column::Actions], rows))
        @for key in keys { (remove_dialog(key)) }
    }
}

fn remove_dialog(key: &Key) -> Markup {
    let (id, title, action) = (format!("remove-{}", key.id), format!("Remove {}?", key.name), route::key_remove(&key.id));
    let question =
        Question { id: &id, title: &title, action: &action, keep: "Keep the key", act: "Remove the key", working: "Removing ...", confirm: None, danger: true };
    dialog(&question, html! { p .soft { "The private half is forgotten. Repositories that need it can no longer be read." } })
}

fn form(typed: &Typed) -> Markup {
    html! {
        form method="post" action=(route::KEYS) {
            div .body.form-grid {
                (field::text(&Field { required: true, ..of(typed, "name", "Name", "") }))
                (field::text(&of(typed, "description", "What it is for", "")))
                div .field.all {
                    label for="private_key" { "Private key" }
                    textarea .area id="private_key" name="private_key" rows="5" data-secret spellcheck="false" aria-invalid=[typed.fault("private_key").map(|_| "true")] aria-describedby="private_key-hint" {}
                    @if let Some(fault) = typed.fault("private_key") { (field::error_line("private_key-error", fault)) }
                    span .hint id="private_key-hint" { "Leave it empty and a new Ed25519 key is made; its public half is shown to copy." }
                }
            }
            footer { (Button::submit("Add the key").primary().working("Adding ...")) }
        }
    }
}
