//! What an application's containers write.

use super::{
    Api,
    body::{Path, Query},
    door::Caller,
    refusal::Refusal,
    view,
};
use axum::{
    Json,
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use ops::{ContainerLine, LogRequest, error::known};
use std::convert::Infallible;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Lines unless others are asked for.
const LINES_COUNT: i64 = 100;
/// Most lines of one answer.
const LINES_COUNT_MOST: i64 = 10_000;
/// Largest answer, in bytes.
const LOGS_LENGTH_BYTES: usize = 8 * 1024 * 1024;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(logs))
}

fn text(line: &ContainerLine, with_time: bool) -> String {
    match line.at.filter(|_| with_time) {
        Some(at) => format!("{at} {}\n", line.text),
        None => format!("{}\n", line.text),
    }
}

/// What an application's containers wrote, and write
#[utoipa::path(get, path = "/applications/{uuid}/logs", tag = "Applications", operation_id = "get-application-logs-by-uuid", security(("bearer" = ["read"])),
    params(view::ByUuid, view::LogQuery), responses((status = 200, description = "The last lines; plain text while followed.", body = view::Logs)))]
async fn logs(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Query(query): Query<view::LogQuery>) -> Result<Response, Refusal> {
    let tail = u32::try_from(query.lines.unwrap_or(LINES_COUNT).clamp(0, LINES_COUNT_MOST)).ok();
    let (follow, with_time) = (query.follow.unwrap_or(false), query.show_timestamps.unwrap_or(false));
    let request = LogRequest { tail, since: None, follow, container: query.container };
    let mut lines = api.ops.container_logs(&scope, known("application", &uuid)?, request).await?;
    if follow {
        let shown = lines.map(move |line| Ok::<_, Infallible>(Bytes::from(line.map_or_else(|why| format!("{why}\n"), |line| text(&line, with_time)))));
        return Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], Body::from_stream(shown)).into_response());
    }
    let mut logs = String::new();
    while let Some(line) = lines.next().await {
        logs.push_str(&text(&line?, with_time));
        if logs.len() > LOGS_LENGTH_BYTES {
            break;
        }
    }
    Ok(Json(view::Logs { logs }).into_response())
}
