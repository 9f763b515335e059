//! Acts on an application: deploy, restart, stop, start, discard, move, clone, delete.

use super::head;
use crate::{
    App,
    error::{Answer, Failure},
    form::Typed,
    page::application::setup,
    route,
    session::{self, Session},
};
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
};
use model::{ApplicationId, EnvironmentId, Operation};
use ops::{CloneRequest, DeleteRequest, DeployRequest};
use std::collections::HashMap;

async fn begin(app: &App, session: &Session, id: &str, request: DeployRequest) -> Answer {
    let id: ApplicationId = ops::known("application", id)?;
    let queued = app.ops.deployment_create(&session.scope, id.clone(), request).await;
    match queued {
        Ok(queued) => Ok(Redirect::to(&route::deployment(&queued.deployment.deployment.id)).into_response()),
        Err(ops::Error::Invalid { .. }) => Ok(Redirect::to(&route::application_part(&id, "changes")).into_response()),
        Err(error) => Err(error.into()),
    }
}

/// `POST /applications/{id}/deploy`.
pub async fn deploy(State(app): State<App>, session: Session, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Answer {
    let force = query.get("force").is_some_and(|word| word == "true");
    begin(&app, &session, &id, DeployRequest { force, ..DeployRequest::of(Operation::Deploy) }).await
}

/// `POST /applications/{id}/restart`.
pub async fn restart(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    begin(&app, &session, &id, DeployRequest::of(Operation::Restart)).await
}

/// `POST /applications/{id}/stop`.
pub async fn stop(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    begin(&app, &session, &id, DeployRequest::of(Operation::Stop)).await
}

/// `POST /applications/{id}/start`.
pub async fn start(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    begin(&app, &session, &id, DeployRequest::of(Operation::Start)).await
}

/// `POST /applications/{id}/releases/{release}/rollback`.
pub async fn rollback(State(app): State<App>, session: Session, Path((id, release)): Path<(String, String)>) -> Answer {
    let release = Some(ops::known("release", &release)?);
    begin(&app, &session, &id, DeployRequest { release, ..DeployRequest::of(Operation::Rollback) }).await
}

/// `POST /applications/{id}/discard`.
pub async fn discard(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    app.ops.application_discard(&session.scope, id.clone()).await?;
    Ok(session::done(&route::application(&id), "Set up as what is live again; nothing was deployed"))
}

/// `POST /applications/{id}/move`.
pub async fn relocate(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let environment: EnvironmentId = ops::known("environment", typed.get("environment"))?;
    match app.ops.application_move(&session.scope, id.clone(), environment).await {
        Ok(()) => Ok(session::done(&route::application(&id), "Moved. Its shared variables are those of the new environment from the next deployment on.")),
        Err(error) => setup::refused(&app, &session, id, Failure(error)).await,
    }
}

/// `POST /applications/{id}/clone`.
pub async fn clone(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let request = CloneRequest {
        name: typed.get("clone_name").into(),
        environment: ops::known("environment", typed.get("environment"))?,
        destination: None,
        with_variables: typed.on("with_variables"),
    };
    match app.ops.application_clone(&session.scope, id.clone(), request).await {
        Ok(copy) => Ok(session::done(&route::application(&copy.id), "Cloned. Nothing runs yet: Deploy starts it.")),
        Err(error) => setup::refused(&app, &session, id, Failure(error)).await,
    }
}

/// `POST /applications/{id}/delete`.
pub async fn delete(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let request = DeleteRequest { with_volumes: typed.on("with_volumes"), typed_name: Some(typed.get("confirm").to_owned()) };
    let environment = head(&app, &session, id.clone()).await?.application().environment.clone();
    match app.ops.application_delete(&session.scope, id.clone(), request).await {
        Ok(queued) if queued.deployment.deployment.status.ended() => Ok(session::done(&route::environment(&environment), "Deleted")),
        Ok(queued) => Ok(Redirect::to(&route::deployment(&queued.deployment.deployment.id)).into_response()),
        Err(error) => setup::refused(&app, &session, id, Failure(error)).await,
    }
}
