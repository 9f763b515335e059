//! Keeps the edge's routes true: addresses change when the engine starts containers again, and an edge may have lost its table.

use crate::{Engine, Error};

pub(super) async fn activate(engine: &Engine) -> Result<Vec<String>, Error> {
    engine.parts.link.engine("observe")?;
    let pushed = engine.parts.routes.refresh(engine).await?;
    Ok(if pushed { vec!["pushed the route table".to_owned()] } else { Vec::new() })
}
