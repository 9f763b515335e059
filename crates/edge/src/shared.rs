//! What all requests share: the table, the counts, the wait for a change.

use crate::{EdgeOptions, Error, Limits, container::Containers, files, table::Table, tls::Certificates, visitor::Life};
use arc_swap::ArcSwap;
use model::{RouteTable, edge::TABLE_FILE};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{Mutex as AsyncMutex, mpsc, oneshot, watch},
    time::timeout,
};

/// How long a predecessor may take to show a new table.
const RELOAD_LIMIT: Duration = Duration::from_secs(2);

/// The edge as its connections see it.
pub(crate) struct Shared {
    pub(crate) options: EdgeOptions,
    pub(crate) limits: Limits,
    pub(crate) life: Arc<Life>,
    pub(crate) table: ArcSwap<Table>,
    /// Changes with each table: what held requests wait for.
    pub(crate) changed: watch::Sender<u64>,
    pub(crate) containers: Containers,
    pub(crate) certificates: Certificates,
    /// Requests that wait on a route that holds.
    pub(crate) held: AtomicUsize,
    pub(crate) connections: AtomicU64,
    pub(crate) http_port: u16,
    pub(crate) https_port: u16,
    pub(crate) predecessor: Predecessor,
    /// Whoever changes the table holds this; `true` once a successor took over.
    pub(crate) writer: AsyncMutex<bool>,
    started: Instant,
    started_at: jiff::Timestamp,
}

/// What an edge that drains has open.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Draining {
    pub(crate) in_flight: BTreeMap<String, u64>,
    pub(crate) connections: u64,
}

/// Told once the predecessor shows the new table.
pub(crate) type Reload = oneshot::Sender<()>;

/// The edge before this one, while it drains. It speaks for those before it.
#[derive(Default)]
pub(crate) struct Predecessor(Mutex<Option<(Draining, mpsc::Sender<Reload>)>>);

impl Predecessor {
    fn state(&self) -> MutexGuard<'_, Option<(Draining, mpsc::Sender<Reload>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It drains, and shows a new table when asked to over this channel.
    pub(crate) fn join(&self, open: Draining, reload: mpsc::Sender<Reload>) {
        *self.state() = Some((open, reload));
    }

    /// Notes what it has open.
    pub(crate) fn note(&self, open: Draining) {
        if let Some((noted, _)) = &mut *self.state() {
            *noted = open;
        }
    }

    /// It has gone.
    pub(crate) fn left(&self) {
        *self.state() = None;
    }

    /// Waits until it has gone.
    pub(crate) async fn gone(&self) {
        let channel = self.state().as_ref().map(|(_, reload)| reload.clone());
        if let Some(channel) = channel {
            channel.closed().await;
        }
    }

    /// What it has open.
    fn open(&self) -> Draining {
        self.state().as_ref().map(|(open, _)| open.clone()).unwrap_or_default()
    }

    /// Has it show the saved table.
    async fn reload(&self) {
        let Some(channel) = self.state().as_ref().map(|(_, reload)| reload.clone()) else { return };
        let (done, shown) = oneshot::channel();
        let asked = async { channel.send(done).await.is_ok() && shown.await.is_ok() };
        if timeout(RELOAD_LIMIT, asked).await != Ok(true) {
            tracing::warn!("the edge before this one did not take the new table");
        }
    }
}

/// Why a table was not taken.
pub(crate) enum NotTaken {
    /// The edge has a newer one.
    Newer(u64),
    /// A successor has taken over: ask again, it answers.
    HandedOver,
    /// It could not be saved.
    Failed(Error),
}

/// A connection that is counted.
pub(crate) struct Counted(Arc<Shared>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Shared {
    pub(crate) fn new(options: EdgeOptions, limits: Limits, certificates: Certificates, ports: (u16, u16)) -> Arc<Self> {
        Arc::new(Self {
            options,
            limits,
            life: Life::new(),
            table: ArcSwap::from_pointee(Table::default()),
            changed: watch::Sender::new(0),
            containers: Containers::default(),
            certificates,
            held: AtomicUsize::new(0),
            connections: AtomicU64::new(0),
            http_port: ports.0,
            https_port: ports.1,
            predecessor: Predecessor::default(),
            writer: AsyncMutex::new(false),
            started: Instant::now(),
            started_at: jiff::Timestamp::now(),
        })
    }

    /// Counts a connection in.
    pub(crate) fn count(self: &Arc<Self>) -> Counted {
        self.connections.fetch_add(1, Ordering::Relaxed);
        Counted(self.clone())
    }

    /// Takes a table that was pushed: saved first, then seen by every new request.
    pub(crate) async fn take(&self, source: RouteTable) -> Result<u64, NotTaken> {
        let handed_over = self.writer.lock().await;
        if *handed_over {
            return Err(NotTaken::HandedOver);
        }
        let current = self.table.load().source.generation;
        if source.generation < current {
            return Err(NotTaken::Newer(current));
        }
        let path = self.options.state.join(TABLE_FILE);
        let content = serde_json::to_vec(&source).map_err(|error| NotTaken::Failed(Error::Damaged { path: path.clone(), why: error.to_string() }))?;
        files::write_aside(path, content).await.map_err(NotTaken::Failed)?;
        Ok(self.show(source).await)
    }

    /// Takes the table that was saved last.
    pub(crate) async fn reload(&self) -> Result<u64, Error> {
        let saved: Option<RouteTable> = files::read(&self.options.state.join(TABLE_FILE))?;
        Ok(self.show(saved.unwrap_or_default()).await)
    }

    /// Shows a table to requests. Returns when no request is left that has read the one before and not yet counted itself in at its container: from then on
    /// the counts of containers that left the table can only fall.
    async fn show(&self, source: RouteTable) -> u64 {
        let generation = source.generation;
        let table = Table::compile(source, &self.table.load(), &self.containers);
        let before = self.table.swap(Arc::new(table));
        while Arc::strong_count(&before) > 1 {
            tokio::task::yield_now().await;
        }
        let table = self.table.load_full();
        before.retire_all_but(&table);
        self.containers.keep(&table.containers());
        drop((before, table));
        self.changed.send_modify(|changes| *changes += 1);
        self.predecessor.reload().await;
        generation
    }

    /// What this edge and those before it that still drain have open.
    pub(crate) fn open(&self) -> Draining {
        let mut open = self.predecessor.open();
        open.connections += self.connections.load(Ordering::Relaxed);
        for (container, count) in self.containers.counts().in_flight {
            *open.in_flight.entry(container).or_default() += count;
        }
        open
    }

    /// How the edge is.
    pub(crate) fn status(&self) -> model::edge::EdgeStatus {
        let counts = self.containers.counts();
        let open = self.open();
        model::edge::EdgeStatus {
            version: self.options.version.clone(),
            generation: self.table.load().source.generation,
            uptime_seconds: self.started.elapsed().as_secs(),
            started: self.started_at,
            http_port: self.http_port,
            https_port: self.https_port,
            connections: open.connections,
            in_flight: open.in_flight,
            requests: counts.requests,
            failures: counts.failures,
        }
    }
}
