//! Storage of applications: volumes, files, host paths.

use super::{
    Answer, Api, Made,
    body::{Body, Path},
    door::Caller,
    made,
    refusal::Refusal,
    view,
};
use axum::{Json, extract::State};
use model::{ApplicationId, StorageId};
use ops::error::known;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create, update)).routes(routes!(delete))
}

/// List an application's storage
#[utoipa::path(get, path = "/applications/{uuid}/storages", tag = "Applications", operation_id = "list-storages-by-application-uuid",
    security(("bearer" = ["read"])), params(view::ByUuid), responses((status = 200, description = "All storage.", body = view::Storages)))]
async fn list(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Storages> {
    Ok(Json(view::Storages::new(api.ops.mount_list(&scope, known("application", &uuid)?).await?)))
}

/// Add storage; it is live after a deployment
#[utoipa::path(post, path = "/applications/{uuid}/storages", tag = "Applications", operation_id = "create-storage-by-application-uuid",
    security(("bearer" = ["write"])), params(view::ByUuid), request_body = view::NewStorage,
    responses((status = 201, description = "The storage was added.", body = view::Uuid)))]
async fn create(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::NewStorage>) -> Made<view::Uuid> {
    let id: ApplicationId = known("application", &uuid)?;
    if body.is_directory == Some(true) {
        return Err(Refusal::invalid([("is_directory".into(), "A directory is mounted as a volume or a host path: leave the field out.".into())]));
    }
    let path = body.mount_path.clone();
    let form = body.form().ok_or_else(|| Refusal::invalid([("type".into(), "The type field is persistent or file.".into())]))?;
    made(view::Uuid::new(api.ops.mount_put(&scope, id, None, &path, form).await?))
}

/// Change storage; it is live after a deployment
#[utoipa::path(patch, path = "/applications/{uuid}/storages", tag = "Applications", operation_id = "update-storage-by-application-uuid",
    security(("bearer" = ["write"])), params(view::ByUuid), request_body = view::PatchStorage,
    responses((status = 200, description = "The storage was changed.", body = view::Uuid)))]
async fn update(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::PatchStorage>) -> Answer<view::Uuid> {
    let id: ApplicationId = known("application", &uuid)?;
    let storage: StorageId = known("storage", &body.uuid)?;
    let mounts = api.ops.mount_list(&scope, id.clone()).await?;
    let present = mounts.into_iter().find(|mount| mount.id == storage).ok_or_else(|| Refusal::not_found("storage"))?;
    let path = body.mount_path.clone().unwrap_or(present.path.into());
    let changed = api.ops.mount_put(&scope, id, Some(storage), &path, body.form(present.what)).await?;
    Ok(Json(view::Uuid::new(changed)))
}

/// Remove storage; a volume stays until its application is deleted with its volumes
#[utoipa::path(delete, path = "/applications/{uuid}/storages/{storage_uuid}", tag = "Applications", operation_id = "delete-storage-by-application-uuid",
    security(("bearer" = ["write"])), params(view::ByStorage), responses((status = 200, description = "The storage is gone.", body = view::Message)))]
async fn delete(State(api): State<Api>, Caller(scope): Caller, Path((uuid, storage)): Path<(String, String)>) -> Answer<view::Message> {
    api.ops.mount_delete(&scope, known("application", &uuid)?, known("storage", &storage)?).await?;
    Ok(Json(view::Message::new("Storage deleted.")))
}
