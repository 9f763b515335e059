//! What is seen of our containers: a look at all of them, kept true by what the engine tells.

use crate::Engine;
use docker::{EngineEvent, EventKind};
use jiff::{SignedDuration, Timestamp};
use model::ObservedContainer;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was started again and has run for this long is no longer taken for restarting.
pub(crate) const STEADY_AFTER: SignedDuration = SignedDuration::from_secs(10);

/// How a container ended last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LastEnd {
    /// Its exit code.
    pub(crate) code: i64,
    /// Whether the kernel ended it for want of memory.
    pub(crate) out_of_memory: bool,
    /// When.
    pub(crate) at: Timestamp,
}

/// Containers by name, and how they ended last.
#[derive(Default)]
pub(crate) struct Seen {
    containers: Mutex<BTreeMap<String, ObservedContainer>>,
    ends: Mutex<BTreeMap<String, LastEnd>>,
    /// One look at a time: what an earlier one saw must not be written over what a later one did.
    turn: tokio::sync::Mutex<()>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Seen {
    /// The container of this name.
    pub(crate) fn container(&self, name: &str) -> Option<ObservedContainer> {
        locked(&self.containers).get(name).cloned()
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<ObservedContainer> {
        locked(&self.containers).values().cloned().collect()
    }

    /// How a container ended last, as far as it was told.
    pub(crate) fn last_end(&self, name: &str) -> Option<LastEnd> {
        locked(&self.ends).get(name).cloned()
    }

    /// Looks at all of them.
    pub(crate) async fn look(&self, engine: &Engine, docker: &docker::Engine) -> docker::Result<()> {
        let _turn = self.turn.lock().await;
        let found = docker.observe_all(&engine.parts.routes.any_network()).await?;
        let mut containers = BTreeMap::new();
        for container in found {
            // Only its own network tells the address of one that is elsewhere.
            let looked =
                if container.state.running() && container.address.is_none() { docker.container_inspect(&container.name).await? } else { Some(container) };
            containers.extend(looked.map(|looked| (looked.name.clone(), looked)));
        }
        locked(&self.ends).retain(|name, _| containers.contains_key(name));
        *locked(&self.containers) = containers;
        Ok(())
    }

    /// Looks at one of them.
    pub(crate) async fn look_at(&self, docker: &docker::Engine, name: &str) -> docker::Result<Option<ObservedContainer>> {
        let _turn = self.turn.lock().await;
        let found = docker.container_inspect(name).await?;
        match found.clone() {
            Some(container) => locked(&self.containers).insert(name.to_owned(), container),
            None => locked(&self.containers).remove(name),
        };
        Ok(found)
    }

    /// Takes what the engine tells.
    pub(crate) async fn take(&self, docker: &docker::Engine, event: &EngineEvent) -> docker::Result<()> {
        if event.application.is_none() {
            return Ok(());
        }
        if let EventKind::Died { code, out_of_memory } = event.kind {
            locked(&self.ends).insert(event.container.clone(), LastEnd { code, out_of_memory, at: event.at });
        }
        self.look_at(docker, &event.container).await.map(drop)
    }
}
