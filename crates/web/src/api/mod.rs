//! API v1: Coolify's paths, verbs, bodies and errors, and what Wharf adds in the same style.
//!
//! Handlers translate: they read, call one operation of `ops` and show what it answers. The document is generated from them, and the door reads in it what
//! ability each operation takes, so that what is documented is what is enforced.

mod act;
mod application;
mod body;
mod browse;
mod deploy;
mod deployment;
mod destination;
mod document;
mod door;
mod environment;
mod event;
mod key;
mod limit;
mod log;
mod project;
mod refusal;
mod registry;
mod resource;
mod server;
mod shared;
mod storage;
mod system;
mod tag;
mod team;
mod terminal;
mod token;
mod variable;
mod view;

pub use limit::REQUESTS_PER_MINUTE;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request},
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
};
use limit::RateLimit;
use ops::Ops;
pub(crate) use refusal::Refusal;
use serde_json::{Value, json};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

/// Where the API is.
pub const BASE: &str = "/api/v1";
/// Largest body, in bytes.
const BODY_LENGTH_BYTES: usize = 1024 * 1024;

/// What handlers share.
#[derive(Clone)]
pub(crate) struct Api {
    ops: Ops,
    limit: Arc<RateLimit>,
    needed: Arc<door::Needed>,
    document: Arc<Value>,
}

/// What a handler answers.
type Answer<T> = Result<Json<T>, Refusal>;
/// What a handler answers that makes something.
type Made<T> = Result<(StatusCode, Json<T>), Refusal>;

fn made<T>(value: T) -> Made<T> {
    Ok((StatusCode::CREATED, Json(value)))
}

fn routes() -> OpenApiRouter<Api> {
    let all = [
        system::routes(),
        project::routes(),
        environment::routes(),
        application::routes(),
        act::routes(),
        variable::routes(),
        storage::routes(),
        log::routes(),
        terminal::routes(),
        deploy::routes(),
        deployment::routes(),
        server::routes(),
        destination::routes(),
        resource::routes(),
        key::routes(),
        registry::routes(),
        team::routes(),
        tag::routes(),
        shared::routes(),
        token::routes(),
        event::routes(),
    ];
    let operations = all.into_iter().fold(OpenApiRouter::with_openapi(document::frame()), OpenApiRouter::merge);
    OpenApiRouter::with_openapi(document::frame()).nest(BASE, operations)
}

/// The API's document, as `/api/v1/openapi.json` serves it.
pub fn document() -> Value {
    document::completed(routes().into_openapi())
}

/// The API and its browsable page over these operations.
pub fn router(ops: Ops) -> Router {
    router_limited(ops, REQUESTS_PER_MINUTE)
}

/// The same with another number of requests per minute and token.
pub fn router_limited(ops: Ops, requests_per_minute: u32) -> Router {
    let (routes, document) = routes().split_for_parts();
    let document = document::completed(document);
    let api = Api { ops, limit: Arc::new(RateLimit::new(requests_per_minute)), needed: Arc::new(door::Needed::read(&document)), document: Arc::new(document) };
    routes
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(api.clone(), door::guard))
        .layer(DefaultBodyLimit::max(BODY_LENGTH_BYTES))
        .layer(CatchPanicLayer::custom(panicked))
        .route("/api/health", axum::routing::get(system::health))
        .route("/api", axum::routing::any(nowhere))
        .route("/api/{*path}", axum::routing::any(nowhere))
        .route(browse::PAGE, axum::routing::get(browse::page))
        .with_state(api)
}

/// A fault of ours. The panic itself is in the log.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "Something in Wharf went wrong; its log has the cause.").into_response()
}

/// No operation has this address.
async fn nowhere() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"message": "Not found.", "docs": browse::PAGE}))).into_response()
}

/// The address has operations, none of this method.
async fn wrong_method(request: Request) -> Response {
    let message = format!("The {} method is not supported for this address: see the Allow header.", request.method());
    (StatusCode::METHOD_NOT_ALLOWED, [(header::CACHE_CONTROL, "no-store")], Json(json!({"message": message, "docs": browse::PAGE}))).into_response()
}
