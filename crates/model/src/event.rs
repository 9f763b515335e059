//! Events: what happened, in order, for the activity page and for pages that are open.

use crate::{ApplicationId, DeploymentId, TeamId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that happened in a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the one order of all events.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub team: TeamId,
    /// What changed: `application.created`, `deployment.status`, `application.status`, ...
    pub kind: String,
    /// Who did it, as people know them; `Wharf` when nobody did.
    pub actor: String,
    /// A sentence without secrets.
    pub sentence: String,
    /// The application concerned.
    pub application: Option<ApplicationId>,
    /// The deployment concerned.
    pub deployment: Option<DeploymentId>,
}
