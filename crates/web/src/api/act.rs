//! Acts on an application: start, stop, restart, roll back.

use super::{
    Answer, Api,
    body::{Body, Path, Query},
    door::Caller,
    refusal::Refusal,
    view,
};
use axum::{Json, extract::State};
use model::{ApplicationId, Operation, application::Desired};
use ops::{DeployRequest, Scope, deployment::DEPLOYMENT_PAGE_COUNT, error::known};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(start)).routes(routes!(stop)).routes(routes!(restart)).routes(routes!(rollback_images)).routes(routes!(rollback))
}

impl Api {
    async fn act(&self, scope: &Scope, id: ApplicationId, request: DeployRequest, message: &str) -> Answer<view::Queued> {
        let queued = self.ops.deployment_create(scope, id, request).await?;
        let message = if queued.existed { "Deployment already queued for this commit." } else { message };
        Ok(Json(view::Queued { message: message.into(), deployment_uuid: queued.deployment.deployment.id.into() }))
    }
}

/// Start an application: the live release again where it was stopped, else a deployment
#[utoipa::path(method(get, post), path = "/applications/{uuid}/start", tag = "Applications", operation_id = "start-application-by-uuid",
    security(("bearer" = ["deploy"])), params(view::ByUuid, view::ActQuery), responses((status = 200, description = "It was queued.", body = view::Queued)))]
async fn start(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Query(query): Query<view::ActQuery>) -> Answer<view::Queued> {
    let id: ApplicationId = known("application", &uuid)?;
    let force = query.force.unwrap_or(false);
    let again = !force && api.ops.application_fetch(&scope, id.clone()).await?.application.desired == Desired::Stopped;
    let request = DeployRequest { force, ..DeployRequest::of(if again { Operation::Start } else { Operation::Deploy }) };
    api.act(&scope, id, request, "Deployment request queued.").await
}

/// Stop an application
#[utoipa::path(method(get, post), path = "/applications/{uuid}/stop", tag = "Applications", operation_id = "stop-application-by-uuid",
    security(("bearer" = ["deploy"])), params(view::ByUuid, view::ActQuery), responses((status = 200, description = "It was queued.", body = view::Queued)))]
async fn stop(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Queued> {
    api.act(&scope, known("application", &uuid)?, DeployRequest::of(Operation::Stop), "Application stopping request queued.").await
}

/// Restart an application: new containers of the live release
#[utoipa::path(method(get, post), path = "/applications/{uuid}/restart", tag = "Applications", operation_id = "restart-application-by-uuid",
    security(("bearer" = ["deploy"])), params(view::ByUuid), responses((status = 200, description = "It was queued.", body = view::Queued)))]
async fn restart(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Queued> {
    api.act(&scope, known("application", &uuid)?, DeployRequest::of(Operation::Restart), "Restart request queued.").await
}

/// List the releases that can be gone back to
#[utoipa::path(get, path = "/applications/{uuid}/rollback-images", tag = "Applications", operation_id = "list-application-rollback-images",
    security(("bearer" = ["read"])), params(view::ByUuid), responses((status = 200, description = "The releases.", body = view::RollbackImages)))]
async fn rollback_images(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::RollbackImages> {
    let releases = api.ops.release_list(&scope, known("application", &uuid)?, DEPLOYMENT_PAGE_COUNT).await?;
    Ok(Json(view::RollbackImages::new(releases)))
}

/// Go back to an earlier release: its image, settings and variables
#[utoipa::path(post, path = "/applications/{uuid}/rollback", tag = "Applications", operation_id = "rollback-application-by-uuid",
    security(("bearer" = ["deploy"])), params(view::ByUuid), request_body = view::Rollback,
    responses((status = 200, description = "It was queued.", body = view::Queued)))]
async fn rollback(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::Rollback>) -> Answer<view::Queued> {
    let id: ApplicationId = known("application", &uuid)?;
    let releases = api.ops.release_list(&scope, id.clone(), DEPLOYMENT_PAGE_COUNT).await?;
    let field = if body.commit.is_some() { "commit" } else { "release" };
    let unknown = || Refusal::invalid([(field.into(), "No release of this name is kept: see rollback-images.".into())]);
    let release = body.pick(&releases).ok_or_else(unknown)?;
    let request = DeployRequest { release: Some(release.id.clone()), ..DeployRequest::of(Operation::Rollback) };
    api.act(&scope, id, request, "Rollback request queued.").await
}
