//! Destinations: the networks that resources run in.

use super::{Answer, Api, body::Path, door::Caller, view};
use axum::{Json, extract::State};
use ops::error::known;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(fetch))
}

/// List destinations
#[utoipa::path(get, path = "/destinations", tag = "Destinations", operation_id = "list-destinations", security(("bearer" = ["read"])),
    responses((status = 200, description = "All destinations.", body = [view::Destination])))]
async fn list(State(api): State<Api>, Caller(scope): Caller) -> Answer<Vec<view::Destination>> {
    Ok(Json(api.ops.destination_list(&scope).await?.into_iter().map(Into::into).collect()))
}

/// A destination
#[utoipa::path(get, path = "/destinations/{uuid}", tag = "Destinations", operation_id = "get-destination-by-uuid", security(("bearer" = ["read"])),
    params(view::ByUuid), responses((status = 200, description = "The destination.", body = view::Destination)))]
async fn fetch(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Destination> {
    Ok(Json(api.ops.destination_fetch(&scope, known("destination", &uuid)?).await?.into()))
}
