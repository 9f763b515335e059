//! The only place that starts tasks. All of them end with the engine: what they were at is taken up again from the journal.

use std::time::Duration;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long tasks may take to end.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(10);

/// The tasks of one engine.
#[derive(Clone)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    shutdown: CancellationToken,
}

impl Tasks {
    pub(crate) fn new(shutdown: CancellationToken) -> Self {
        Self { tracker: TaskTracker::new(), shutdown }
    }

    /// Runs a task until it is done or the engine ends.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let shutdown = self.shutdown.clone();
        self.tracker.spawn(async move {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = task => {}
            }
        });
    }

    /// Runs what blocks on a thread of its own.
    pub(crate) fn spawn_blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> tokio::task::JoinHandle<T> {
        self.tracker.spawn_blocking(work)
    }

    /// Waits until all tasks have ended, once the engine ends; some may need longer than is waited for.
    pub(crate) async fn ended(&self) {
        self.shutdown.cancelled().await;
        self.tracker.close();
        if tokio::time::timeout(SHUTDOWN_LIMIT, self.tracker.wait()).await.is_err() {
            tracing::warn!(tasks = self.tracker.len(), "tasks did not end in time and are left");
        }
    }
}
