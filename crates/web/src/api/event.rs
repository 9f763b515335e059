//! Events.

use super::{Answer, Api, body::Query, door::Caller, view};
use axum::{Json, extract::State};
use ops::event::EVENT_PAGE_COUNT;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

/// List what happened in the team, oldest first
#[utoipa::path(get, path = "/events", tag = "Events", operation_id = "list-events", security(("bearer" = ["read"])),
    params(view::AfterEvent), responses((status = 200, description = "At most 200 events after the one named, or the newest.", body = [view::Event])))]
async fn list(State(api): State<Api>, Caller(scope): Caller, Query(query): Query<view::AfterEvent>) -> Answer<Vec<view::Event>> {
    let events = match query.after {
        Some(after) => api.ops.events_after(&scope, after).await?,
        None => api.ops.events_before(&scope, None, None, EVENT_PAGE_COUNT).await?.into_iter().rev().collect(),
    };
    Ok(Json(events.into_iter().map(Into::into).collect()))
}
