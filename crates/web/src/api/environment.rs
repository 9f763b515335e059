//! Environments of projects, named by their uuid or their name.

use super::{
    Answer, Api, Made,
    body::{Body, Path},
    door::Caller,
    made,
    refusal::Refusal,
    view,
};
use axum::{Json, extract::State, http::StatusCode};
use ops::{EnvironmentRow, Error, Scope, error::known, project::NamedForm};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(fetch)).routes(routes!(fetch_below, update, delete))
}

impl Api {
    /// An environment by the project's uuid and its own uuid or name.
    pub(super) async fn environment(&self, scope: &Scope, (project, environment): (String, String)) -> Result<EnvironmentRow, Error> {
        self.ops.environment_find(scope, known("project", &project)?, &environment).await
    }
}

/// List a project's environments
#[utoipa::path(get, path = "/projects/{uuid}/environments", tag = "Projects", operation_id = "get-environments", security(("bearer" = ["read"])),
    params(view::ByUuid), responses((status = 200, description = "All environments.", body = [view::Environment])))]
async fn list(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<Vec<view::Environment>> {
    let rows = api.ops.environment_list(&scope, known("project", &uuid)?).await?;
    Ok(Json(rows.into_iter().map(|row| view::Environment::new(row, None)).collect()))
}

/// Make an environment
#[utoipa::path(post, path = "/projects/{uuid}/environments", tag = "Projects", operation_id = "create-environment", security(("bearer" = ["write"])),
    params(view::ByUuid), request_body = view::NewNamed, responses((status = 201, description = "The environment was made.", body = view::Uuid)))]
async fn create(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::NewNamed>) -> Made<view::Uuid> {
    let project = known("project", &uuid)?;
    let form = NamedForm { name: body.name, description: body.description.unwrap_or_default() };
    made(view::Uuid::new(api.ops.environment_create(&scope, project, form).await?))
}

/// An environment with its applications
#[utoipa::path(get, path = "/projects/{uuid}/{environment_name_or_uuid}", tag = "Projects", operation_id = "get-environment-by-name-or-uuid",
    security(("bearer" = ["read"])), params(view::ByEnvironment), responses((status = 200, description = "The environment.", body = view::Environment)))]
async fn fetch(State(api): State<Api>, Caller(scope): Caller, Path(place): Path<(String, String)>) -> Answer<view::Environment> {
    let row = api.environment(&scope, place).await?;
    let applications = api.applications(&scope, Some(row.id.clone())).await?;
    Ok(Json(view::Environment::new(row, Some(applications))))
}

/// An environment with its applications
#[utoipa::path(get, path = "/projects/{uuid}/environments/{environment_name_or_uuid}", tag = "Projects", operation_id = "get-environment",
    security(("bearer" = ["read"])), params(view::ByEnvironment), responses((status = 200, description = "The environment.", body = view::Environment)))]
async fn fetch_below(state: State<Api>, caller: Caller, place: Path<(String, String)>) -> Answer<view::Environment> {
    fetch(state, caller, place).await
}

/// Rename and describe an environment
#[utoipa::path(patch, path = "/projects/{uuid}/environments/{environment_name_or_uuid}", tag = "Projects", operation_id = "update-environment",
    security(("bearer" = ["write"])), params(view::ByEnvironment), request_body = view::PatchNamed,
    responses((status = 200, description = "The environment was changed.", body = view::Named)))]
async fn update(State(api): State<Api>, Caller(scope): Caller, Path(place): Path<(String, String)>, Body(body): Body<view::PatchNamed>) -> Answer<view::Named> {
    let known = api.environment(&scope, place).await?;
    let form = NamedForm { name: body.name.unwrap_or(known.name.into()), description: body.description.unwrap_or(known.description) };
    api.ops.environment_update(&scope, known.id.clone(), form).await?;
    let row = api.ops.environment_fetch(&scope, known.id).await?;
    Ok(Json(view::Named { uuid: row.id.into(), name: row.name.into(), description: row.description }))
}

/// Delete an environment without resources
#[utoipa::path(delete, path = "/projects/{uuid}/environments/{environment_name_or_uuid}", tag = "Projects", operation_id = "delete-environment",
    security(("bearer" = ["write"])), params(view::ByEnvironment), responses(
        (status = 200, description = "The environment is gone.", body = view::Message), (status = 400, description = "It still has resources.", body = view::Message)))]
async fn delete(State(api): State<Api>, Caller(scope): Caller, Path(place): Path<(String, String)>) -> Answer<view::Message> {
    let row = api.environment(&scope, place).await?;
    let deleted = api.ops.environment_delete(&scope, row.id).await;
    deleted.map_err(|error| Refusal::from(error).conflict_as(StatusCode::BAD_REQUEST))?;
    Ok(Json(view::Message::new("Environment deleted.")))
}
