//! Connections to an upstream that are kept for the next request.

use crate::limits::{POOL_FRESH, POOL_IDLE, POOL_LIMIT};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// A connection that can be kept.
pub(crate) trait Kept {
    /// Whether a request may be sent over it. `surely` asks the operating system itself, now or before the request is sent.
    fn is_open(&mut self, surely: bool) -> bool;
}

/// A connection out of a pool, or a new one.
pub(crate) struct Taken<C> {
    pub(crate) connection: C,
    /// Whether it has carried a request before.
    pub(crate) reused: bool,
}

/// Idle connections of one kind, each with when it was last in use.
pub(crate) struct Pool<C>(Mutex<Option<Vec<(C, Instant)>>>);

impl<C> Default for Pool<C> {
    fn default() -> Self {
        Self(Mutex::new(Some(Vec::new())))
    }
}

impl<C: Kept> Pool<C> {
    fn idle(&self) -> MutexGuard<'_, Option<Vec<(C, Instant)>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that is still open, the one used last first. For a request that `repeats` any will do: if it turns out to be stale the request is sent
    /// again. Another takes none that the upstream may be about to close, and looks twice whether it has.
    pub(crate) fn take(&self, repeats: bool) -> Option<Taken<C>> {
        loop {
            let (mut connection, since) = self.idle().as_mut()?.pop()?;
            if !repeats && since.elapsed() > POOL_FRESH {
                return None;
            }
            if connection.is_open(!repeats) {
                return Some(Taken { connection, reused: true });
            }
        }
    }

    /// Keeps a connection for the next request.
    pub(crate) fn keep(&self, connection: C) {
        if let Some(idle) = &mut *self.idle()
            && idle.len() < POOL_LIMIT
        {
            idle.push((connection, Instant::now()));
        }
    }

    /// Drops connections that were closed by the container or have been idle for long.
    pub(crate) fn sweep(&self) {
        if let Some(idle) = &mut *self.idle() {
            idle.retain_mut(|(connection, since)| since.elapsed() < POOL_IDLE && connection.is_open(false));
        }
    }

    /// Closes all, and keeps no other.
    pub(crate) fn close(&self) {
        *self.idle() = None;
    }
}
