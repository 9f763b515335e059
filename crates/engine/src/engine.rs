//! The engine as a whole: its parts, its start and its end.

use crate::{
    EngineOptions, Error, Report, ServerFacts,
    edge::EdgeKeeper,
    link::{self, Link},
    live, queue,
    reconcile::{self, Attempts, LastFacts, Reconcilers},
    routes::Routes,
    running::Running,
    seen::Seen,
    tasks::Tasks,
};
use docker::{EngineEvent, EventKind};
use std::sync::Arc;
use store::Store;
use tokio::sync::{Mutex, Notify, OnceCell, Semaphore, watch};
use tokio_util::sync::CancellationToken;

/// The engine. Clones share it.
#[derive(Clone)]
pub struct Engine {
    pub(crate) parts: Arc<Parts>,
}

/// What an engine is made of.
pub(crate) struct Parts {
    pub(crate) options: EngineOptions,
    pub(crate) store: Store,
    pub(crate) tasks: Tasks,
    pub(crate) link: Link,
    pub(crate) seen: Seen,
    pub(crate) routes: Routes,
    pub(crate) running: Running,
    pub(crate) git: source::Git,
    pub(crate) proxy: proxy::Edge,
    pub(crate) edge: EdgeKeeper,
    pub(crate) builds: Semaphore,
    pub(crate) wake: Notify,
    pub(crate) reconcilers: Reconcilers,
    pub(crate) attempts: Attempts,
    pub(crate) facts: LastFacts,
    pub(crate) binary_digest: OnceCell<String>,
    pub(crate) base_turn: Mutex<()>,
    changes: watch::Sender<u64>,
}

impl Engine {
    /// Starts the engine: it takes up what was interrupted, works the queue and keeps things as they should be, until `shutdown`. The container engine need
    /// not be there.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn start(options: EngineOptions, shutdown: CancellationToken) -> Result<Self, Error> {
        let parts = Parts {
            store: options.store.clone(),
            tasks: Tasks::new(shutdown),
            link: Link::new(),
            seen: Seen::default(),
            routes: Routes::default(),
            running: Running::default(),
            git: source::Git::new(options.source_cache(), options.source_policy),
            proxy: proxy::Edge::at(&options.edge_state()),
            edge: EdgeKeeper::default(),
            builds: Semaphore::new(options.builds_at_once.max(1)),
            wake: Notify::new(),
            reconcilers: Reconcilers::new(),
            attempts: Attempts::default(),
            facts: LastFacts::default(),
            binary_digest: OnceCell::new(),
            base_turn: Mutex::new(()),
            changes: watch::Sender::new(0),
            options,
        };
        let engine = Self { parts: Arc::new(parts) };
        engine.parts.routes.set(live::read(&engine.parts.store).await?);
        reconcile::note_held(&engine).await?;
        engine.parts.tasks.spawn(link::keep(engine.clone()));
        Reconcilers::start(&engine);
        engine.parts.tasks.spawn(queue::keep(engine.clone()));
        Ok(engine)
    }

    /// Tells the queue that there may be work. A hint: the store's rows are the truth.
    pub fn wake(&self) {
        self.parts.wake.notify_one();
    }

    /// Wakes whenever something may be seen differently: a status, an edge, a report. It carries no facts: who is woken asks.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.parts.changes.subscribe()
    }

    /// The reconcilers' last reports.
    pub fn reconcilers(&self) -> Vec<Report> {
        self.parts.reconcilers.reports()
    }

    /// What is known of the server.
    ///
    /// # Errors
    /// The machine cannot be looked at.
    pub async fn server_facts(&self) -> Result<ServerFacts, Error> {
        reconcile::server_facts(self).await
    }

    /// Since when and why the container engine is out of reach, if it is. Nothing is asked for it.
    pub fn engine_down(&self) -> Option<(jiff::Timestamp, String)> {
        self.parts.link.down()
    }

    /// How many builds run at once.
    pub fn builds_at_once(&self) -> usize {
        self.parts.options.builds_at_once
    }

    /// Whether the container engine has a network of this name that is not ours. While it cannot be asked nothing speaks against the name: the deployment
    /// that needs the network asks again.
    pub async fn network_is_foreign(&self, name: &str) -> bool {
        match self.parts.link.engine("network_is_foreign") {
            Ok(docker) => docker.network_is_foreign(name).await.unwrap_or(false),
            Err(_) => false,
        }
    }

    /// Waits until everything has ended after the shutdown was asked for, 10 seconds at most. Applications and the edge go on; steps that were under way
    /// are taken up again at the next start.
    pub async fn ended(&self) {
        self.parts.tasks.ended().await;
    }

    pub(crate) fn changed(&self) {
        self.parts.changes.send_modify(|count| *count += 1);
    }

    /// Something happened to a container: whoever keeps what it touches looks at once.
    pub(crate) fn happened(&self, event: &EngineEvent) {
        let reconcilers = &self.parts.reconcilers;
        match (&event.application, &event.kind) {
            (None, EventKind::Died { .. } | EventKind::Destroyed) => reconcilers.wake("edge"),
            (_, EventKind::Started) => reconcilers.wake("routes"),
            (Some(_), EventKind::Died { .. } | EventKind::Destroyed) => reconcilers.wake("drift"),
            _ => {}
        }
    }
}
