//! Keeps one edge running, and makes it serve what it should once it does.

use crate::{Engine, Error, edge};

pub(super) async fn activate(engine: &Engine) -> Result<Vec<String>, Error> {
    let changed = edge::ensure(engine).await?;
    if !changed.is_empty() {
        engine.parts.reconcilers.wake("routes");
    }
    Ok(changed)
}
