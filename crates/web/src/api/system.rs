//! The instance: whether it lives, its version, the switch of the API, its document.

use super::{Answer, Api, door::Caller, view};
use axum::{Json, extract::State, response::AppendHeaders};
use http::HeaderName;
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(version))
        .routes(routes!(enable))
        .routes(routes!(disable))
        .routes(routes!(openapi))
        .routes(routes!(whoami))
}

/// Healthcheck
#[utoipa::path(get, path = "/health", tag = "System", operation_id = "healthcheck", responses((status = 200, description = "Wharf is up.", body = String)))]
pub(super) async fn health() -> &'static str {
    "OK"
}

/// The version of Coolify's API that is answered here: its clients ask for it first, and refuse what looks older than they are.
const COOLIFY_VERSION: &str = "4.3.10";
const WHARF_VERSION: HeaderName = HeaderName::from_static("x-wharf-version");

/// The version of Coolify's API that is answered, as plain text; Wharf's own is in the header X-Wharf-Version
#[utoipa::path(get, path = "/version", tag = "System", operation_id = "version", security(("bearer" = ["read"])),
    responses((status = 200, description = "The version.", body = String, headers(("x-wharf-version" = String, description = "The version of this Wharf.")))))]
async fn version() -> (AppendHeaders<[(HeaderName, &'static str); 1]>, &'static str) {
    (AppendHeaders([(WHARF_VERSION, env!("CARGO_PKG_VERSION"))]), COOLIFY_VERSION)
}

/// Switch the API on
#[utoipa::path(method(get, post), path = "/enable", tag = "System", operation_id = "enable-api", security(("bearer" = ["root"])),
    responses((status = 200, description = "The API is enabled.", body = view::Message)))]
async fn enable(State(api): State<Api>, Caller(scope): Caller) -> Answer<view::Message> {
    api.ops.api_enable(&scope).await?;
    Ok(Json(view::Message::new("API enabled.")))
}

/// Switch the API off, but for switching it on again
#[utoipa::path(method(get, post), path = "/disable", tag = "System", operation_id = "disable-api", security(("bearer" = ["root"])),
    responses((status = 200, description = "The API is disabled.", body = view::Message)))]
async fn disable(State(api): State<Api>, Caller(scope): Caller) -> Answer<view::Message> {
    api.ops.api_disable(&scope).await?;
    Ok(Json(view::Message::new("API disabled.")))
}

/// This document
#[utoipa::path(get, path = "/openapi.json", tag = "System", operation_id = "openapi", responses((status = 200, description = "The document.", body = Value)))]
async fn openapi(State(api): State<Api>) -> Json<Value> {
    Json(api.document.as_ref().clone())
}

/// Who the token belongs to and what it may do
#[utoipa::path(get, path = "/whoami", tag = "System", operation_id = "whoami", security(("bearer" = ["read"])),
    responses((status = 200, description = "The caller.", body = view::Whoami)))]
async fn whoami(State(api): State<Api>, Caller(scope): Caller) -> Answer<view::Whoami> {
    let (user, team) = (api.ops.me(&scope).await?, api.ops.team_fetch(&scope).await?);
    Ok(Json(view::Whoami::new(&scope, user, team)))
}
