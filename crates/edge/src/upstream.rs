//! An upstream: a container's address, and the connections to it that are kept.

use crate::{
    connection::Connection,
    container::{Container, InFlight},
    direct::Direct,
    limits::AVOID_UPSTREAM,
    pool::Pool,
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// A container's address.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    container: Arc<Container>,
    /// Until when it is asked last, in milliseconds since the edge started.
    avoid_until_ms: AtomicU64,
    /// Connections for requests without a body.
    pub(crate) direct: Pool<Direct>,
    /// Connections for requests with one.
    pub(crate) tasked: Pool<Connection>,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Upstream({})", self.address)
    }
}

impl Upstream {
    pub(crate) fn new(address: SocketAddr, container: Arc<Container>) -> Self {
        Self { address, container, avoid_until_ms: AtomicU64::new(0), direct: Pool::default(), tasked: Pool::default() }
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

    /// Drops idle connections that were closed by the container or have been idle for long.
    pub(crate) fn sweep(&self) {
        self.direct.sweep();
        self.tasked.sweep();
    }

    /// No new request will come: the idle connections are closed, and those in use after their request.
    pub(crate) fn retire(&self) {
        self.direct.close();
        self.tasked.close();
    }
}

#[cfg(test)]
#[path = "upstream_tests.rs"]
mod tests;
