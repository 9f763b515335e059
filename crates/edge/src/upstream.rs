//! An upstream: a container's address, and the idle connections to it.

use crate::{
    connection::Connection,
    container::{Container, InFlight},
    limits::{AVOID_UPSTREAM, POOL_FRESH, POOL_IDLE, POOL_LIMIT},
};
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// A container's address.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    container: Arc<Container>,
    /// Until when it is asked last, in milliseconds since the edge started.
    avoid_until_ms: AtomicU64,
    idle: Mutex<Vec<Connection>>,
    /// No table names it any longer: connections are closed instead of kept.
    retired: AtomicBool,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Upstream({})", self.address)
    }
}

impl Upstream {
    pub(crate) fn new(address: SocketAddr, container: Arc<Container>) -> Self {
        Self { address, container, avoid_until_ms: AtomicU64::new(0), idle: Mutex::default(), retired: AtomicBool::new(false) }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request in.
    pub(crate) fn enter(&self) -> InFlight {
        self.container.enter()
    }

    /// Requests in flight at its container.
    pub(crate) fn in_flight(&self) -> u64 {
        self.container.in_flight()
    }

    /// Whether it refused a connection lately.
    pub(crate) fn avoided(&self, now_ms: u64) -> bool {
        self.avoid_until_ms.load(Ordering::Relaxed) > now_ms
    }

    /// It refused a connection: others are asked first for a while.
    pub(crate) fn avoid(&self, now_ms: u64) {
        self.avoid_until_ms.store(now_ms + AVOID_UPSTREAM.as_millis() as u64, Ordering::Relaxed);
    }

    /// A request ended without an answer.
    pub(crate) fn failed(&self) {
        self.container.failed();
    }

    /// A request was answered.
    pub(crate) fn answered(&self) {
        self.container.answered();
    }

    /// An idle connection that is still open, the one used last first. For a request that `repeats` any will do: if it turns out to be stale the request is
    /// sent again. Another takes none that the upstream may be about to close, and looks twice whether it has.
    pub(crate) fn take(&self, repeats: bool) -> Option<Connection> {
        loop {
            let mut connection = self.idle().pop()?;
            if !repeats {
                if connection.since.elapsed() > POOL_FRESH {
                    return None;
                }
                connection.doubt();
            }
            if connection.is_ready() {
                connection.reused = true;
                return Some(connection);
            }
        }
    }

    /// Keeps a connection for the next request.
    pub(crate) fn keep(&self, mut connection: Connection) {
        connection.since = std::time::Instant::now();
        let mut idle = self.idle();
        if idle.len() < POOL_LIMIT && !self.retired.load(Ordering::SeqCst) {
            idle.push(connection);
        }
    }

    /// Drops idle connections that were closed by the container or have been idle for long.
    pub(crate) fn sweep(&self) {
        self.idle().retain_mut(|connection| connection.since.elapsed() < POOL_IDLE && connection.is_ready());
    }

    /// No new request will come: the idle connections are closed, and those in use after their request.
    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::SeqCst);
        self.idle().clear();
    }
}

#[cfg(test)]
#[path = "upstream_tests.rs"]
mod tests;
