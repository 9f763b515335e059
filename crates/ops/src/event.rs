//! Events and wake-ups: what happened, and that something may have.

use crate::{Error, Ops, permit};
use model::{ApplicationId, Event};
use store::Scope;
use tokio::sync::watch;

/// Most events of one page.
pub const EVENT_PAGE_COUNT: u32 = 200;

impl Ops {
    /// The team's events after this one, oldest first; at most [`EVENT_PAGE_COUNT`].
    pub async fn events_after(&self, scope: &Scope, id: i64) -> Result<Vec<Event>, Error> {
        permit::read(scope)?;
        Ok(self.store.event_list_after(scope, id, EVENT_PAGE_COUNT).await?)
    }

    /// The team's events before this one, newest first, of one application or of all.
    pub async fn events_before(&self, scope: &Scope, before: Option<i64>, application: Option<ApplicationId>, limit: u32) -> Result<Vec<Event>, Error> {
        permit::read(scope)?;
        if let Some(application) = &application {
            self.store.application_fetch(scope, application.clone()).await?;
        }
        Ok(self.store.event_list_before(scope, before, application, limit.min(EVENT_PAGE_COUNT)).await?)
    }

    /// The id of the team's newest event; 0 when there is none.
    pub async fn event_newest(&self, scope: &Scope) -> Result<i64, Error> {
        permit::read(scope)?;
        Ok(self.store.event_newest(scope).await?)
    }

    /// Wakes after each write to the store. It carries no facts.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.store.changes()
    }

    /// Wakes after lines were added to a deployment's log.
    pub fn line_changes(&self) -> watch::Receiver<u64> {
        self.store.line_changes()
    }

    /// Wakes when the status of an application may have changed.
    pub fn status_changes(&self) -> watch::Receiver<u64> {
        self.engine.changes()
    }
}
