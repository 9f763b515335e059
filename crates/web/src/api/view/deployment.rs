//! Deployments.

use super::fields::{self, Constant, Kind, answered};
use crate::api::body::{body, query};
use model::{DeploymentStatus, Operation, deployment::CauseKind};
use ops::{DeploymentRow, LogLine};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// A deployment.
#[derive(Serialize, ToSchema)]
pub(crate) struct Deployment {
    /// Its number in the order of all.
    id: i64,
    /// Its uuid.
    deployment_uuid: String,
    /// The application's number, as a text.
    application_id: String,
    /// The application's uuid.
    application_uuid: String,
    /// The application's name.
    application_name: String,
    /// The pull request; 0 for none.
    pull_request_id: i64,
    /// What it does: `deploy`, `restart`, `stop`, `start`, `rollback`, `delete`.
    operation: &'static str,
    /// The number of the release it makes live.
    release: Option<i64>,
    /// Builds without cache and replaces containers though nothing changed.
    force_rebuild: bool,
    /// The commit; `HEAD` until it is resolved.
    commit: String,
    /// First line of the commit's message.
    commit_message: Option<String>,
    /// `queued`, `in_progress`, `finished`, `failed` or `cancelled-by-user`.
    #[schema(pattern = "^(queued|in_progress|finished|failed|cancelled-by-user)$")]
    status: &'static str,
    /// Why it failed or was given up.
    reason: Option<String>,
    /// How many are before it in the queue.
    ahead: i64,
    /// Whether a hook or a push asked for it.
    is_webhook: bool,
    /// Whether a token asked for it.
    is_api: bool,
    /// Who asked.
    actor: String,
    /// Whether it only restarts.
    restart_only: bool,
    /// Whether it goes back to an earlier release.
    rollback: bool,
    /// When it was asked for.
    created_at: String,
    /// When it last changed.
    updated_at: String,
    /// When it began.
    started_at: Option<String>,
    /// When it ended.
    finished_at: Option<String>,
    /// The page of the dashboard.
    deployment_url: String,
    /// The server's number.
    server_id: i64,
    /// The server's name.
    server_name: String,
    /// The destination's number, as a text.
    destination_id: String,
    /// The log as a JSON text, where one deployment is asked for and the token may read logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    logs: Option<String>,
    /// What Coolify says besides.
    #[serde(flatten)]
    #[schema(value_type = DeploymentFields)]
    fields: Map<String, Value>,
}

/// What Coolify says of a deployment that is the same for all here.
pub(super) const CONSTANTS: &[Constant] = &[
    ("configuration_diff", Kind::Object, "null", "/applications/{uuid}/changes tells what is not live yet."),
    ("configuration_hash", Kind::Text, "null", "/applications/{uuid}/changes tells what is not live yet."),
    ("configuration_snapshot", Kind::Object, "null", "a release keeps it, and may hold secrets."),
    ("current_process_id", Kind::Text, "null", "no process of its own runs it."),
    ("docker_registry_image_tag", Kind::Text, "null", "there are no previews of images yet."),
    ("git_type", Kind::Text, "null", "there are no GitHub apps yet."),
    ("only_this_server", Kind::Flag, "false", "an application runs on one server."),
];

answered!(DeploymentFields: "What Coolify says besides.", &[], CONSTANTS);

impl Deployment {
    /// Of a row, with its log where it was asked for.
    pub(crate) fn new(row: DeploymentRow, log: Option<Vec<LogLine>>) -> Self {
        let deployment = row.deployment;
        let updated = deployment.finished.or(deployment.started).unwrap_or(deployment.created);
        Self {
            id: row.number,
            deployment_url: crate::route::deployment(&deployment.id),
            deployment_uuid: deployment.id.into(),
            application_id: row.application_number.to_string(),
            application_uuid: deployment.application.into(),
            server_id: row.server_number,
            server_name: row.server_name.into(),
            destination_id: row.destination_number.to_string(),
            fields: fields::values(CONSTANTS),
            application_name: row.application_name.into(),
            pull_request_id: 0,
            operation: deployment.operation.as_str(),
            release: row.release_number,
            force_rebuild: deployment.force,
            commit: row.commit.map_or_else(|| "HEAD".into(), Into::into),
            commit_message: row.commit_message,
            status: deployment.status.as_api(),
            reason: deployment.reason,
            ahead: row.ahead,
            is_webhook: matches!(deployment.cause.by, CauseKind::Hook | CauseKind::Push),
            is_api: deployment.cause.by == CauseKind::Api,
            actor: deployment.cause.actor,
            restart_only: deployment.operation == Operation::Restart,
            rollback: deployment.operation == Operation::Rollback,
            created_at: deployment.created.to_string(),
            updated_at: updated.to_string(),
            started_at: deployment.started.map(|at| at.to_string()),
            finished_at: deployment.finished.map(|at| at.to_string()),
            logs: log.map(log_text),
        }
    }
}

/// The log in the shape that Coolify's clients parse.
fn log_text(lines: Vec<LogLine>) -> String {
    let line = |line: LogLine| {
        let kind = if line.stream == "stderr" { "stderr" } else { "stdout" };
        json!({"command": null, "output": line.text, "type": kind, "timestamp": line.at.to_string(), "hidden": false, "batch": line.step, "order": line.number})
    };
    serde_json::Value::Array(lines.into_iter().map(line).collect()).to_string()
}

/// Deployments of an application.
#[derive(Serialize, ToSchema)]
pub(crate) struct Deployments {
    /// How many there are in all.
    pub(crate) count: i64,
    /// Those of this page, newest first.
    pub(crate) deployments: Vec<Deployment>,
}

query! {
    /// Which page.
    PageQuery {
        /// How many to leave out.
        skip: Option<i64>,
        /// How many to answer; 10 when absent, at most 100.
        take: Option<i64>,
    }
}

query! {
    /// How an act is carried out.
    ActQuery {
        /// Build without cache and replace containers though nothing changed.
        force: Option<bool>,
        /// Nothing here: every deployment takes its turn.
        instant_deploy: Option<bool>,
        /// Nothing here: what is no longer kept is always removed.
        docker_cleanup: Option<bool>,
    }
}

/// A deployment that was asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Queued {
    /// What happened.
    pub(crate) message: String,
    /// The deployment.
    pub(crate) deployment_uuid: String,
}

/// A deployment that was cancelled.
#[derive(Serialize, ToSchema)]
pub(crate) struct Cancelled {
    /// What happened.
    message: &'static str,
    /// The deployment.
    deployment_uuid: String,
    /// How it is now.
    status: &'static str,
}

impl Cancelled {
    /// What came of a cancel.
    pub(crate) fn new(uuid: String, status: DeploymentStatus) -> Self {
        let message = if status.ended() { "Deployment cancelled." } else { "Deployment cancellation requested." };
        Self { message, deployment_uuid: uuid, status: if status.ended() { status.as_api() } else { DeploymentStatus::Cancelled.as_api() } }
    }
}

query! {
    /// What to deploy; the same in the query or in the body.
    DeployQuery {
        /// Uuids of applications, with commas between.
        uuid: Option<String>,
        /// Tags, with commas between: every application that has one of them.
        tag: Option<String>,
        /// Build without cache and replace containers though nothing changed.
        force: Option<bool>,
        /// The commit to deploy; one application only.
        commit: Option<String>,
        /// A pull request; only 0 is possible now.
        pr: Option<i64>,
        /// The same.
        pull_request_id: Option<i64>,
        /// The tag of a preview's image; there are none yet.
        docker_tag: Option<String>,
    }
}

body! {
    /// What to deploy.
    DeployBody {
        /// Uuids of applications, with commas between.
        uuid: Option<String>,
        /// Tags, with commas between: every application that has one of them.
        tag: Option<String>,
        /// Build without cache and replace containers though nothing changed.
        force: Option<bool>,
        /// The commit to deploy; one application only.
        commit: Option<String>,
        /// A pull request; only 0 is possible now.
        pr: Option<i64>,
        /// The same.
        pull_request_id: Option<i64>,
        /// The tag of a preview's image; there are none yet.
        docker_tag: Option<String>,
    }
}

/// The fields that a query may have too.
pub(crate) const DEPLOY_FIELDS: [&str; 7] = ["uuid", "tag", "force", "commit", "pr", "pull_request_id", "docker_tag"];

/// What was queued.
#[derive(Serialize, ToSchema)]
pub(crate) struct Deployed {
    /// One for each resource.
    pub(crate) deployments: Vec<DeployedOne>,
}

/// What was queued for one resource.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeployedOne {
    /// What happened.
    pub(crate) message: String,
    /// The resource.
    pub(crate) resource_uuid: String,
    /// The deployment; none where it was refused, and the message says why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deployment_uuid: Option<String>,
}
