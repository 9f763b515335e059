//! Deployments: attempts to make a release live, and every other act on an application's containers.

use crate::{ApplicationId, DeploymentId, Invalid, ReleaseId, TeamId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// An attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Its id.
    pub id: DeploymentId,
    /// Whose.
    pub team: TeamId,
    /// Of which application.
    pub application: ApplicationId,
    /// The release it makes live; none for a stop or a delete.
    pub release: Option<ReleaseId>,
    /// What it does.
    pub operation: Operation,
    /// Builds without cache and replaces containers though nothing changed.
    pub force: bool,
    /// Why it exists.
    pub cause: Cause,
    /// How far it is.
    pub status: DeploymentStatus,
    /// Why it failed or was given up, with what to do next.
    pub reason: Option<String>,
    /// A person asked to cancel it.
    pub cancel_requested: bool,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
}

/// What a deployment does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Builds or pulls, and replaces what runs.
    Deploy,
    /// Replaces what runs by the same release.
    Restart,
    /// Stops what runs.
    Stop,
    /// Starts the live release again.
    Start,
    /// Makes an earlier release live.
    Rollback,
    /// Removes the application and all that is its own.
    Delete,
}

/// Every status of a deployment. `Queued -> Running -> Finished | Failed | Cancelled`, `Queued -> Cancelled | Superseded`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeploymentStatus {
    /// Waits for its turn.
    Queued,
    /// Runs.
    Running,
    /// Done.
    Finished,
    /// Failed; what served before serves on.
    Failed,
    /// Cancelled by a person; what served before serves on.
    Cancelled,
    /// A newer push took its place while it was queued.
    Superseded,
}

impl DeploymentStatus {
    /// Whether nothing follows.
    pub fn ended(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
    /// The word in Coolify's API.
    pub fn as_api(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "in_progress",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled | Self::Superseded => "cancelled-by-user",
        }
    }
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
        }
    }
    /// Whether this may follow that.
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Queued, Self::Running | Self::Cancelled | Self::Superseded | Self::Failed)
                | (Self::Running, Self::Finished | Self::Failed | Self::Cancelled | Self::Queued)
        )
    }
}

impl FromStr for DeploymentStatus {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        [Self::Queued, Self::Running, Self::Finished, Self::Failed, Self::Cancelled, Self::Superseded]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| Invalid::new("a status is queued, running, finished, failed, cancelled or superseded"))
    }
}

impl Operation {
    /// The word in the store and in sentences: `deploy`, `restart`, ...
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Restart => "restart",
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Rollback => "rollback",
            Self::Delete => "delete",
        }
    }
}

impl FromStr for Operation {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        [Self::Deploy, Self::Restart, Self::Stop, Self::Start, Self::Rollback, Self::Delete]
            .into_iter()
            .find(|operation| operation.as_str() == text)
            .ok_or_else(|| Invalid::new("an operation is deploy, restart, stop, start, rollback or delete"))
    }
}

/// Why a deployment exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// What asked.
    pub by: CauseKind,
    /// Who, as people know them: a person's name, a token's, the pusher's.
    pub actor: String,
}

/// What asked for a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CauseKind {
    /// A person in the dashboard.
    Dashboard,
    /// A token over the API or the CLI.
    Api,
    /// The deploy hook.
    Hook,
    /// A push that a forge told of.
    Push,
    /// Wharf itself.
    Wharf,
}

impl CauseKind {
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Api => "api",
            Self::Hook => "hook",
            Self::Push => "push",
            Self::Wharf => "wharf",
        }
    }
}
