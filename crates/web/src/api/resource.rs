//! Everything that runs, whatever its kind.

use super::{Answer, Api, door::Caller, view};
use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

/// List all resources
#[utoipa::path(get, path = "/resources", tag = "Resources", operation_id = "list-resources", security(("bearer" = ["read"])),
    responses((status = 200, description = "All resources.", body = [view::Resource])))]
async fn list(State(api): State<Api>, Caller(scope): Caller) -> Answer<Vec<view::Resource>> {
    Ok(Json(api.ops.application_list(&scope, None).await?.into_iter().map(Into::into).collect()))
}
