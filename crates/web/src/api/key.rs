//! Private keys.

use super::{
    Answer, Api, Made,
    body::{Body, Path},
    door::Caller,
    made,
    refusal::Refusal,
    view,
};
use axum::{Json, extract::State, http::StatusCode};
use model::{KeyId, Secret};
use ops::{KeyForm, NamedForm, Scope, error::known, sees_secrets};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The name of a key that nobody named.
const NAME: &str = "Private key";

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create, update_named)).routes(routes!(fetch, update, delete))
}

impl Api {
    async fn key_change(&self, scope: &Scope, uuid: String, body: view::PatchKey) -> Made<view::Uuid> {
        let id: KeyId = known("private key", &uuid)?;
        let present = self.ops.key_fetch(scope, id.clone()).await?;
        let form = NamedForm { name: body.name.unwrap_or(present.name.into()), description: body.description.unwrap_or(present.description) };
        let private = body.private_key.filter(|private| !private.trim().is_empty()).map(Secret::new);
        self.ops.key_update(scope, id, form, private).await?;
        made(view::Uuid { uuid })
    }
}

/// List private keys
#[utoipa::path(get, path = "/security/keys", tag = "Private Keys", operation_id = "list-private-keys", security(("bearer" = ["read"])),
    responses((status = 200, description = "All keys.", body = [view::PrivateKey])))]
async fn list(State(api): State<Api>, Caller(scope): Caller) -> Answer<Vec<view::PrivateKey>> {
    let (keys, team) = (api.ops.key_list(&scope).await?, api.ops.team_fetch(&scope).await?.number);
    Ok(Json(keys.into_iter().map(|key| view::PrivateKey::new(key, team, None)).collect()))
}

/// Keep a private key, or make one
#[utoipa::path(post, path = "/security/keys", tag = "Private Keys", operation_id = "create-private-key", security(("bearer" = ["write"])),
    request_body = view::NewKey, responses((status = 201, description = "The key is kept.", body = view::Uuid)))]
async fn create(State(api): State<Api>, Caller(scope): Caller, Body(body): Body<view::NewKey>) -> Made<view::Uuid> {
    let form = KeyForm {
        name: body.name.unwrap_or_else(|| NAME.into()),
        description: body.description.unwrap_or_default(),
        private_key: Secret::new(body.private_key.unwrap_or_default()),
    };
    made(view::Uuid::new(api.ops.key_create(&scope, form).await?.id))
}

/// A private key; its private half where the token may read secrets
#[utoipa::path(get, path = "/security/keys/{uuid}", tag = "Private Keys", operation_id = "get-private-key-by-uuid", security(("bearer" = ["read"])),
    params(view::ByUuid), responses((status = 200, description = "The key.", body = view::PrivateKey)))]
async fn fetch(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::PrivateKey> {
    let key = api.ops.key_fetch(&scope, known("private key", &uuid)?).await?;
    let private = if sees_secrets(&scope) { Some(api.ops.key_private(&scope, key.id.clone()).await?.expose().to_owned()) } else { None };
    Ok(Json(view::PrivateKey::new(key, api.ops.team_fetch(&scope).await?.number, private)))
}

/// Rename and describe a private key, or replace it by another
#[utoipa::path(patch, path = "/security/keys/{uuid}", tag = "Private Keys", operation_id = "update-private-key-by-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid), request_body = view::PatchKey, responses((status = 201, description = "The key was changed.", body = view::Uuid)))]
async fn update(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::PatchKey>) -> Made<view::Uuid> {
    api.key_change(&scope, uuid, body).await
}

/// The same, with the uuid in the body
#[utoipa::path(patch, path = "/security/keys", tag = "Private Keys", operation_id = "update-private-key", security(("bearer" = ["write"])),
    request_body = view::PatchKey, responses((status = 201, description = "The key was changed.", body = view::Uuid)))]
async fn update_named(State(api): State<Api>, Caller(scope): Caller, Body(body): Body<view::PatchKey>) -> Made<view::Uuid> {
    let uuid = body.uuid.clone().ok_or_else(|| Refusal::invalid([("uuid".into(), "The uuid field is required.".into())]))?;
    api.key_change(&scope, uuid, body).await
}

/// Forget a private key that nothing uses
#[utoipa::path(delete, path = "/security/keys/{uuid}", tag = "Private Keys", operation_id = "delete-private-key-by-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid), responses((status = 200, description = "The key is gone.", body = view::Message)))]
async fn delete(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Message> {
    let deleted = api.ops.key_delete(&scope, known("private key", &uuid)?).await;
    deleted.map_err(|error| Refusal::from(error).conflict_as(StatusCode::UNPROCESSABLE_ENTITY))?;
    Ok(Json(view::Message::new("Private Key deleted.")))
}
