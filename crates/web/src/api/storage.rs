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
use ops::{Scope, error::known};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create, update)).routes(routes!(delete))
}

impl Api {
    async fn storage(&self, scope: &Scope, application: ApplicationId, id: &StorageId) -> Result<view::Storage, Refusal> {
        let (number, mounts) = (self.application_number(scope, application.clone()).await?, self.ops.mount_list(scope, application).await?);
        let mount = mounts.into_iter().find(|mount| mount.id == *id).ok_or_else(|| Refusal::not_found("storage"))?;
        Ok(view::Storage::new(mount, number))
    }
}

/// List an application's storage
#[utoipa::path(get, path = "/applications/{uuid}/storages", tag = "Applications", operation_id = "list-storages-by-application-uuid",
    security(("bearer" = ["read"])), params(view::ByUuid), responses((status = 200, description = "All storage.", body = view::Storages)))]
async fn list(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Storages> {
    let id: ApplicationId = known("application", &uuid)?;
    let (number, mounts) = (api.application_number(&scope, id.clone()).await?, api.ops.mount_list(&scope, id).await?);
    Ok(Json(view::Storages::new(mounts, number)))
}

/// Add storage; it is live after a deployment
#[utoipa::path(post, path = "/applications/{uuid}/storages", tag = "Applications", operation_id = "create-storage-by-application-uuid",
    security(("bearer" = ["write"])), params(view::ByUuid), request_body = view::NewStorage,
    responses((status = 201, description = "The storage was added.", body = view::Storage)))]
async fn create(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::NewStorage>) -> Made<view::Storage> {
    let id: ApplicationId = known("application", &uuid)?;
    if body.is_directory == Some(true) {
        return Err(Refusal::invalid([("is_directory".into(), "A directory is mounted as a volume or a host path: leave the field out.".into())]));
    }
    let path = body.mount_path.clone();
    let form = body.form().ok_or_else(|| Refusal::invalid([("type".into(), "The type field is persistent or file.".into())]))?;
    let storage = api.ops.mount_put(&scope, id.clone(), None, &path, form).await?;
    made(api.storage(&scope, id, &storage).await?)
}

/// Change storage; it is live after a deployment
#[utoipa::path(patch, path = "/applications/{uuid}/storages", tag = "Applications", operation_id = "update-storage-by-application-uuid",
    security(("bearer" = ["write"])), params(view::ByUuid), request_body = view::PatchStorage,
    responses((status = 200, description = "The storage was changed.", body = view::Storage)))]
async fn update(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::PatchStorage>) -> Answer<view::Storage> {
    let id: ApplicationId = known("application", &uuid)?;
    let mounts = api.ops.mount_list(&scope, id.clone()).await?;
    if body.uuid.is_none() && body.id.is_none() {
        return Err(Refusal::invalid([("uuid".into(), "The uuid field is required.".into())]));
    }
    let present = mounts.into_iter().find(|mount| body.names(mount)).ok_or_else(|| Refusal::not_found("storage"))?;
    let path = body.mount_path.clone().unwrap_or(present.path.into());
    let changed = api.ops.mount_put(&scope, id.clone(), Some(present.id), &path, body.form(present.what)).await?;
    Ok(Json(api.storage(&scope, id, &changed).await?))
}

/// Remove storage; a volume stays until its application is deleted with its volumes
#[utoipa::path(delete, path = "/applications/{uuid}/storages/{storage_uuid}", tag = "Applications", operation_id = "delete-storage-by-application-uuid",
    security(("bearer" = ["write"])), params(view::ByStorage), responses((status = 200, description = "The storage is gone.", body = view::Message)))]
async fn delete(State(api): State<Api>, Caller(scope): Caller, Path((uuid, storage)): Path<(String, String)>) -> Answer<view::Message> {
    api.ops.mount_delete(&scope, known("application", &uuid)?, known("storage", &storage)?).await?;
    Ok(Json(view::Message::new("Storage deleted.")))
}
