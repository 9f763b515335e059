//! Destinations: the networks that resources run in.

use super::{
    Answer, Api, Made,
    body::{Body, Path},
    door::Caller,
    made,
    refusal::Refusal,
    view,
};
use axum::{Json, extract::State};
use model::DestinationId;
use ops::{DestinationForm, error::known};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(fetch, update, delete)).routes(routes!(list_of, create))
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

/// Rename a destination; its network keeps its name
#[utoipa::path(patch, path = "/destinations/{uuid}", tag = "Destinations", operation_id = "update-destination-by-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid), request_body = view::PatchDestination,
    responses((status = 200, description = "The destination was renamed.", body = view::Destination)))]
async fn update(
    State(api): State<Api>,
    Caller(scope): Caller,
    Path(uuid): Path<String>,
    Body(body): Body<view::PatchDestination>,
) -> Answer<view::Destination> {
    let id: DestinationId = known("destination", &uuid)?;
    Ok(Json(match body.name {
        Some(name) => api.ops.destination_rename(&scope, id, &name).await?.into(),
        None => api.ops.destination_fetch(&scope, id).await?.into(),
    }))
}

/// Delete a destination that nothing runs on; never the one its server began with
#[utoipa::path(delete, path = "/destinations/{uuid}", tag = "Destinations", operation_id = "delete-destination-by-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid), responses((status = 200, description = "The destination is gone.", body = view::Message)))]
async fn delete(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Message> {
    api.ops.destination_delete(&scope, known("destination", &uuid)?).await?;
    Ok(Json(view::Message::new("Deleted.")))
}

/// List a server's destinations
#[utoipa::path(get, path = "/servers/{uuid}/destinations", tag = "Destinations", operation_id = "list-server-destinations", security(("bearer" = ["read"])),
    params(view::ByUuid), responses((status = 200, description = "All destinations.", body = [view::Destination])))]
async fn list_of(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<Vec<view::Destination>> {
    let server = api.ops.server_fetch(&scope, known("server", &uuid)?).await?;
    let destinations = api.ops.destination_list(&scope).await?;
    Ok(Json(destinations.into_iter().filter(|destination| destination.server == server.id).map(Into::into).collect()))
}

/// Make a destination on a server; the engine makes its network with the first deployment there
#[utoipa::path(post, path = "/servers/{uuid}/destinations", tag = "Destinations", operation_id = "create-server-destination", security(("bearer" = ["write"])),
    params(view::ByUuid), request_body = view::NewDestination,
    responses((status = 201, description = "The destination was made.", body = view::Destination)))]
async fn create(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::NewDestination>) -> Made<view::Destination> {
    let server = api.ops.server_fetch(&scope, known("server", &uuid)?).await?.id;
    if body.r#type.is_some_and(|kind| kind != view::STANDALONE) {
        return Err(Refusal::invalid([("type".into(), "There are no swarms yet: a destination is standalone.".into())]));
    }
    let form = DestinationForm { name: body.name.unwrap_or_default(), network: body.network };
    made(api.ops.destination_create(&scope, server, form).await?.into())
}
