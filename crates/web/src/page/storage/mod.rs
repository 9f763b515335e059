//! Storage: what survives?

pub mod view;

use crate::{
    App,
    app::form_status,
    error::{Answer, Failure},
    form::Typed,
    page::application::{head, view as application},
    route,
    session::{self, Session},
};
use axum::extract::{Path, State};
use maud::html;
use model::{ApplicationId, Secret, StorageId, mount::MountKind};
use ops::MountForm;

/// `GET /applications/{id}/storage`.
pub async fn show(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    page(&app, &session, ops::known("application", &id)?, &Typed::default()).await
}

/// `POST /applications/{id}/storage`: adds a mount.
pub async fn add(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let text = |name: &str| typed.get(name).to_owned();
    let form = match typed.get("kind") {
        "file" => MountForm::File { content: Some(Secret::new(text("content"))), mode: text("mode") },
        "host" => MountForm::Host { source: text("host_path"), read_only: typed.on("read_only") },
        _ => MountForm::Volume { name: text("name") },
    };
    match app.ops.mount_put(&session.scope, id.clone(), None, typed.get("mount_path"), form).await {
        Ok(_) => Ok(session::done(&route::application_part(&id, "storage"), "Added. The next deployment mounts it.")),
        Err(error) => page(&app, &session, id, &typed.with_faults(Failure(error).faults()?)).await,
    }
}

/// `POST /applications/{id}/storage/{mount}/content`: the content of a file mount.
pub async fn content(State(app): State<App>, session: Session, Path((id, mount)): Path<(String, String)>, typed: Typed) -> Answer {
    let (id, mount): (ApplicationId, StorageId) = (ops::known("application", &id)?, ops::known("storage", &mount)?);
    let known = app.ops.mount_list(&session.scope, id.clone()).await?;
    let old = known.iter().find(|row| row.id == mount && matches!(row.what, MountKind::File { .. })).ok_or_else(|| Failure::missing("storage"))?;
    let form = MountForm::File { content: Some(Secret::new(typed.get("content"))), mode: String::new() };
    match app.ops.mount_put(&session.scope, id.clone(), Some(mount), old.path.as_str(), form).await {
        Ok(_) => Ok(session::done(&route::application_part(&id, "storage"), "Saved. The next deployment writes it.")),
        Err(error) => page(&app, &session, id, &Typed::default().with_faults(Failure(error).faults()?)).await,
    }
}

/// `POST /applications/{id}/storage/{mount}/remove`.
pub async fn remove(State(app): State<App>, session: Session, Path((id, mount)): Path<(String, String)>) -> Answer {
    let (id, mount): (ApplicationId, StorageId) = (ops::known("application", &id)?, ops::known("storage", &mount)?);
    app.ops.mount_delete(&session.scope, id.clone(), mount).await?;
    Ok(session::done(&route::application_part(&id, "storage"), "Removed. The next deployment runs without it."))
}

async fn page(app: &App, session: &Session, id: ApplicationId, typed: &Typed) -> Answer {
    let (head, mounts) = (head(app, session, id.clone()).await?, app.ops.mount_list(&session.scope, id.clone()).await?);
    let content = html! {
        (crate::page::door::whole(typed))
        (view::list(&id, &mounts, head.writable))
        @if head.writable { (view::add(&id, typed, session.owns())) }
        (application::not_live(&head))
    };
    let about = application::page(&head, "Storage", None);
    app.page_with(form_status(typed), session, &about, application::frame(&head, "Storage", content)).await
}
