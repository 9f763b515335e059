//! Events.

use crate::api::body::query;
use model::Event as ModelEvent;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that happened in the team.
#[derive(Serialize, ToSchema)]
pub(crate) struct Event {
    /// Its place in the order of all.
    id: i64,
    /// When.
    at: String,
    /// What changed: `application.created`, `deployment.status`, ...
    kind: String,
    /// Who did it.
    actor: String,
    /// What happened.
    sentence: String,
    /// The application concerned.
    application_uuid: Option<String>,
    /// The deployment concerned.
    deployment_uuid: Option<String>,
}

impl From<ModelEvent> for Event {
    fn from(event: ModelEvent) -> Self {
        Self {
            id: event.id,
            at: event.at.to_string(),
            kind: event.kind,
            actor: event.actor,
            sentence: event.sentence,
            application_uuid: event.application.map(Into::into),
            deployment_uuid: event.deployment.map(Into::into),
        }
    }
}

query! {
    /// Which events.
    AfterEvent {
        /// Only events after this one, oldest first; all when absent.
        after: Option<i64>,
    }
}
