//! What happens to our containers, as it happens.

use crate::{
    Engine, Error, Result,
    labels::{self, RESOURCE},
};
use bollard::{models::EventMessage, query_parameters::EventsOptions};
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use model::ApplicationId;
use std::collections::HashSet;

/// Something that happened to one of our containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineEvent {
    /// What.
    pub kind: EventKind,
    /// The container's name.
    pub container: String,
    /// The application it belongs to; the edge belongs to none.
    pub application: Option<ApplicationId>,
    /// When.
    pub at: Timestamp,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// It was made.
    Created,
    /// It runs.
    Started,
    /// It ended.
    Died {
        /// Its exit code.
        code: i64,
        /// The kernel ended it, or a program in it, for want of memory.
        out_of_memory: bool,
    },
    /// It was removed.
    Destroyed,
}

impl Engine {
    /// What happens to our containers from this call on, however late the stream is read. It ends, or fails, when the engine goes away: observe again then.
    pub fn events(&self) -> impl Stream<Item = Result<EngineEvent>> + Send + use<> {
        let mut filters = labels::filter(&self.instance, None);
        filters.insert("type".into(), vec!["container".into()]);
        filters.insert("event".into(), ["create", "start", "die", "destroy", "oom"].map(str::to_owned).into());
        let now = Timestamp::now();
        let since = Some(format!("{}.{:09}", now.as_second(), now.subsec_nanosecond()));
        let mut starved = HashSet::new();
        self.docker.events(Some(EventsOptions { since, filters: Some(filters), ..Default::default() })).filter_map(move |message| {
            std::future::ready(match message {
                Ok(message) => event(message, &mut starved).map(Ok),
                Err(error) => Some(Err(Error::from(error))),
            })
        })
    }
}

/// What a message says. Want of memory is said before the end and kept until then.
fn event(message: EventMessage, starved: &mut HashSet<String>) -> Option<EngineEvent> {
    let actor = message.actor?;
    let (id, attributes) = (actor.id?, actor.attributes?);
    let kind = match message.action.as_deref()? {
        "create" => EventKind::Created,
        "start" => EventKind::Started,
        "die" => {
            EventKind::Died { code: attributes.get("exitCode").and_then(|code| code.parse().ok()).unwrap_or_default(), out_of_memory: starved.remove(&id) }
        }
        "destroy" => EventKind::Destroyed,
        "oom" => {
            starved.insert(id);
            return None;
        }
        _ => return None,
    };
    Some(EngineEvent {
        kind,
        container: attributes.get("name")?.clone(),
        application: attributes.get(RESOURCE).and_then(|id| id.parse().ok()),
        at: Timestamp::from_nanosecond(message.time_nano?.into()).ok()?,
    })
}
