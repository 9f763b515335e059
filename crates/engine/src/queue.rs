//! The queue: claims what waits, and carries each deployment out in a task of its own. One per application at a time, which is the store's law.

use crate::{Engine, run};
use jiff::Timestamp;
use std::time::Duration;

/// How long the queue rests after the store failed.
const REST: Duration = Duration::from_secs(1);

/// Claims work for as long as the engine runs; woken by [`Engine::wake`] and by writes to the store.
pub(crate) async fn keep(engine: Engine) {
    let mut changes = engine.parts.store.changes();
    loop {
        changes.mark_unchanged();
        match engine.parts.store.work_claim(Timestamp::now()).await {
            Ok(Some(work)) => {
                run::begin(&engine, work);
                continue;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "the queue cannot be read");
                tokio::time::sleep(REST).await;
                continue;
            }
        }
        tokio::select! {
            () = engine.parts.wake.notified() => {}
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}
