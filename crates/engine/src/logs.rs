//! What containers write, for people: several replicas as one stream, secrets masked.

use crate::{Engine, Error};
use docker::{LogLine, LogOptions};
use futures_util::StreamExt;

/// The last lines of a container of ours; none of one that is not there.
///
/// # Errors
/// The engine cannot be asked.
pub(crate) async fn tail(engine: &Engine, container: &str, lines: u32) -> Result<Vec<LogLine>, Error> {
    let docker = engine.parts.link.engine("container_logs")?;
    let options = LogOptions { tail: Some(lines), ..LogOptions::default() };
    let found = match docker.container_logs(container, options).await {
        Ok(found) => found,
        Err(docker::Error::NotFound { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    Ok(found.filter_map(|line| std::future::ready(line.ok())).collect().await)
}
