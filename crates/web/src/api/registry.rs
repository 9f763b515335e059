//! Credentials of image registries.

use super::{
    Answer, Api, Made,
    body::{Body, Path},
    door::Caller,
    made, view,
};
use axum::{Json, extract::State};
use model::Secret;
use ops::{RegistryForm, error::known};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}

/// List registry credentials
#[utoipa::path(get, path = "/registries", tag = "Registries", operation_id = "list-registries", security(("bearer" = ["read"])),
    responses((status = 200, description = "All credentials, without their passwords.", body = [view::Registry])))]
async fn list(State(api): State<Api>, Caller(scope): Caller) -> Answer<Vec<view::Registry>> {
    Ok(Json(api.ops.registry_list(&scope).await?.into_iter().map(Into::into).collect()))
}

/// Keep a registry credential
#[utoipa::path(post, path = "/registries", tag = "Registries", operation_id = "create-registry", security(("bearer" = ["write"])),
    request_body = view::NewRegistry, responses((status = 201, description = "The credential is kept.", body = view::Uuid)))]
async fn create(State(api): State<Api>, Caller(scope): Caller, Body(body): Body<view::NewRegistry>) -> Made<view::Uuid> {
    let form = RegistryForm {
        name: body.name.unwrap_or_default(),
        host: body.host.unwrap_or_default(),
        username: body.username,
        password: Secret::new(body.password),
    };
    made(view::Uuid::new(api.ops.registry_create(&scope, form).await?))
}

/// Forget a registry credential that nothing uses
#[utoipa::path(delete, path = "/registries/{uuid}", tag = "Registries", operation_id = "delete-registry-by-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid), responses((status = 200, description = "The credential is gone.", body = view::Message)))]
async fn delete(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Message> {
    api.ops.registry_delete(&scope, known("registry", &uuid)?).await?;
    Ok(Json(view::Message::new("Registry deleted.")))
}
