//! Projects.

use super::refusal::Refusal;
use super::{
    Answer, Api, Made,
    body::{Body, Path},
    door::Caller,
    made, view,
};
use axum::{Json, extract::State, http::StatusCode};
use ops::{Error, error::known, project::NamedForm};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(fetch, update, delete))
}

/// List projects
#[utoipa::path(get, path = "/projects", tag = "Projects", operation_id = "list-projects", security(("bearer" = ["read"])),
    responses((status = 200, description = "All projects.", body = [view::Project])))]
async fn list(State(api): State<Api>, Caller(scope): Caller) -> Answer<Vec<view::Project>> {
    let rows = api.ops.project_list(&scope).await?;
    Ok(Json(rows.into_iter().map(|row| view::Project::new(row, None)).collect()))
}

/// Make a project; its environment `production` comes with it
#[utoipa::path(post, path = "/projects", tag = "Projects", operation_id = "create-project", security(("bearer" = ["write"])), request_body = view::NewNamed,
    responses((status = 201, description = "The project was made.", body = view::Uuid)))]
async fn create(State(api): State<Api>, Caller(scope): Caller, Body(body): Body<view::NewNamed>) -> Made<view::Uuid> {
    let form = NamedForm { name: body.name, description: body.description.unwrap_or_default() };
    made(view::Uuid::new(api.ops.project_create(&scope, form).await?))
}

/// A project with its environments
#[utoipa::path(get, path = "/projects/{uuid}", tag = "Projects", operation_id = "get-project-by-uuid", security(("bearer" = ["read"])),
    params(view::ByUuid), responses((status = 200, description = "The project.", body = view::Project)))]
async fn fetch(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Project> {
    let row = api.ops.project_fetch(&scope, known("project", &uuid)?).await?;
    let environments = api.ops.environment_list(&scope, row.id.clone()).await?;
    Ok(Json(view::Project::new(row, Some(environments))))
}

/// Rename and describe a project
#[utoipa::path(patch, path = "/projects/{uuid}", tag = "Projects", operation_id = "update-project-by-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid), request_body = view::PatchNamed, responses((status = 201, description = "The project was changed.", body = view::Named)))]
async fn update(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::PatchNamed>) -> Made<view::Named> {
    let known = api.ops.project_fetch(&scope, known("project", &uuid)?).await?;
    let form = NamedForm { name: body.name.unwrap_or(known.name.into()), description: body.description.unwrap_or(known.description) };
    api.ops.project_update(&scope, known.id.clone(), form).await?;
    let row = api.ops.project_fetch(&scope, known.id).await?;
    made(view::Named { uuid: row.id.into(), name: row.name.into(), description: row.description })
}

/// Delete a project without resources
#[utoipa::path(delete, path = "/projects/{uuid}", tag = "Projects", operation_id = "delete-project-by-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid), responses(
        (status = 200, description = "The project is gone.", body = view::Message), (status = 400, description = "It still has resources.", body = view::Message)))]
async fn delete(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Message> {
    let deleted = api.ops.project_delete(&scope, known("project", &uuid)?).await;
    deleted.map_err(|error: Error| Refusal::from(error).conflict_as(StatusCode::BAD_REQUEST))?;
    Ok(Json(view::Message::new("Project deleted.")))
}
