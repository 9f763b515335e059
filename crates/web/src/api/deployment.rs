//! Deployments: listed, shown, cancelled, their logs followed.

use super::{
    Answer, Api,
    body::{Path, Query},
    door::Caller,
    refusal::Refusal,
    view,
};
use axum::{Json, extract::State, http::StatusCode};
use model::{ApplicationId, DeploymentId, DeploymentStatus, StepState};
use ops::{
    DeploymentRow, Error, LogLine, Scope,
    deployment::{DEPLOYMENT_PAGE_COUNT, LOG_PAGE_LINES},
    error::known,
    sees_logs,
};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Deployments of a page unless more are asked for.
const PAGE_COUNT: i64 = 10;
/// Most pages of the log that comes with a deployment, and its length from which on no more are read.
const LOG_PAGES_COUNT: usize = 20;
const LOG_LENGTH_BYTES: usize = 4 * 1024 * 1024;
/// How long a request for lines waits for some.
const WAIT: Duration = Duration::from_secs(20);

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(fetch)).routes(routes!(cancel)).routes(routes!(list_of)).routes(routes!(log))
}

impl Api {
    /// The first lines of a deployment's log.
    async fn log_whole(&self, scope: &Scope, id: &DeploymentId) -> Result<Vec<LogLine>, Error> {
        let mut lines: Vec<LogLine> = Vec::new();
        for _ in 0..LOG_PAGES_COUNT {
            let page = self.ops.deployment_log(scope, id.clone(), lines.last().map_or(0, |line| line.number)).await?;
            let full = page.len() >= LOG_PAGE_LINES as usize;
            lines.extend(page);
            if !full || lines.iter().map(|line| line.text.len()).sum::<usize>() > LOG_LENGTH_BYTES {
                break;
            }
        }
        Ok(lines)
    }

    /// Deployments of an application, newest first, some of them left out.
    async fn deployments_of(&self, scope: &Scope, id: ApplicationId, skip: i64, take: i64) -> Result<Vec<DeploymentRow>, Error> {
        let (mut left, mut before, mut found) = (usize::try_from(skip).unwrap_or(0), None, Vec::new());
        let take = usize::try_from(take).unwrap_or(0);
        while found.len() < take {
            let page = self.ops.deployment_list(scope, Some(id.clone()), before, DEPLOYMENT_PAGE_COUNT).await?;
            let Some(last) = page.last() else { break };
            before = Some(last.number);
            let skipped = left.min(page.len());
            left -= skipped;
            found.extend(page.into_iter().skip(skipped));
        }
        found.truncate(take);
        Ok(found)
    }

    /// A deployment's log after this line, and how it is.
    async fn log_page(&self, scope: &Scope, id: &DeploymentId, after: i64) -> Result<view::DeploymentLog, Error> {
        let page = self.ops.deployment_show(scope, id.clone()).await?;
        let lines = self.ops.deployment_log(scope, id.clone(), after).await?;
        let status = page.row.deployment.status;
        let running = page.steps.into_iter().find(|step| step.state == StepState::Running);
        Ok(view::DeploymentLog {
            lines: lines.into_iter().map(Into::into).collect(),
            status: status.as_api(),
            step: running.map(|step| step.title).filter(|_| status == DeploymentStatus::Running),
            ended: status.ended(),
            reason: page.row.deployment.reason,
        })
    }

    /// The same, once there is something new or the wait is over.
    async fn log_awaited(&self, scope: &Scope, id: &DeploymentId, after: i64) -> Result<view::DeploymentLog, Error> {
        let (mut changes, mut lines, end) = (self.ops.changes(), self.ops.line_changes(), Instant::now() + WAIT);
        let first = self.log_page(scope, id, after).await?;
        let (status, step) = (first.status, first.step.clone());
        let mut page = first;
        while page.lines.is_empty() && !page.ended && page.status == status && page.step == step {
            let woken = async {
                tokio::select! { woken = changes.changed() => woken, woken = lines.changed() => woken }
            };
            if !matches!(timeout_at(end, woken).await, Ok(Ok(()))) {
                break;
            }
            page = self.log_page(scope, id, after).await?;
        }
        Ok(page)
    }
}

/// List the deployments that wait or run
#[utoipa::path(get, path = "/deployments", tag = "Deployments", operation_id = "list-deployments", security(("bearer" = ["read"])),
    responses((status = 200, description = "All that wait or run, oldest first.", body = [view::Deployment])))]
async fn list(State(api): State<Api>, Caller(scope): Caller) -> Answer<Vec<view::Deployment>> {
    let rows = api.ops.deployment_list_open(&scope).await?;
    Ok(Json(rows.into_iter().map(|row| view::Deployment::new(row, None)).collect()))
}

/// A deployment with its log
#[utoipa::path(get, path = "/deployments/{uuid}", tag = "Deployments", operation_id = "get-deployment-by-uuid", security(("bearer" = ["read"])),
    params(view::ByUuid), responses((status = 200, description = "The deployment.", body = view::Deployment)))]
async fn fetch(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Deployment> {
    let id: DeploymentId = known("deployment", &uuid)?;
    let row = api.ops.deployment_fetch(&scope, id.clone()).await?;
    let log = if sees_logs(&scope) { Some(api.log_whole(&scope, &id).await?) } else { None };
    Ok(Json(view::Deployment::new(row, log)))
}

/// Cancel a deployment that waits or runs
#[utoipa::path(post, path = "/deployments/{uuid}/cancel", tag = "Deployments", operation_id = "cancel-deployment-by-uuid", security(("bearer" = ["deploy"])),
    params(view::ByUuid), responses(
        (status = 200, description = "It is cancelled, or will be at its next step.", body = view::Cancelled),
        (status = 400, description = "It ended already.", body = view::Message)))]
async fn cancel(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Cancelled> {
    let cancelled = api.ops.deployment_cancel(&scope, known("deployment", &uuid)?).await;
    let status = cancelled.map_err(|error| Refusal::from(error).conflict_as(StatusCode::BAD_REQUEST))?;
    Ok(Json(view::Cancelled::new(uuid, status)))
}

/// List an application's deployments, newest first
#[utoipa::path(get, path = "/deployments/applications/{uuid}", tag = "Deployments", operation_id = "list-deployments-by-app-uuid",
    security(("bearer" = ["read"])), params(view::ByUuid, view::PageQuery), responses((status = 200, description = "A page of them.", body = view::Deployments)))]
async fn list_of(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Query(query): Query<view::PageQuery>) -> Answer<view::Deployments> {
    let id: ApplicationId = known("application", &uuid)?;
    let count = api.ops.deployment_count(&scope, id.clone()).await?;
    let take = query.take.unwrap_or(PAGE_COUNT).clamp(0, i64::from(DEPLOYMENT_PAGE_COUNT));
    let rows = api.deployments_of(&scope, id, query.skip.unwrap_or(0).clamp(0, count), take).await?;
    Ok(Json(view::Deployments { count, deployments: rows.into_iter().map(|row| view::Deployment::new(row, None)).collect() }))
}

/// Lines of a deployment's log after one; waits for more where asked to
#[utoipa::path(get, path = "/deployments/{uuid}/log", tag = "Deployments", operation_id = "get-deployment-log-by-uuid", security(("bearer" = ["read"])),
    params(view::ByUuid, view::DeploymentLogQuery), responses((status = 200, description = "The lines, and how the deployment is.", body = view::DeploymentLog)))]
async fn log(
    State(api): State<Api>,
    Caller(scope): Caller,
    Path(uuid): Path<String>,
    Query(query): Query<view::DeploymentLogQuery>,
) -> Answer<view::DeploymentLog> {
    let (id, after) = (known("deployment", &uuid)?, query.after.unwrap_or(0));
    Ok(Json(if query.wait.unwrap_or(false) { api.log_awaited(&scope, &id, after).await? } else { api.log_page(&scope, &id, after).await? }))
}
