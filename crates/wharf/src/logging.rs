//! Log lines on standard error.

use crate::config::{Config, LogFormat};
use anyhow::Context;
use tracing_subscriber::{EnvFilter, fmt};

/// Starts writing log lines.
///
/// # Errors
/// A filter that is none.
pub(crate) fn start(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log).with_context(|| format!("log filter {:?}: it looks like info or engine=debug", config.log))?;
    // Its trace lines hold the bodies of requests, variables of containers included.
    let filter = filter.add_directive("bollard=info".parse()?);
    // It would say so on standard error, and panic when that fails too: on a full disk.
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    match config.log_format {
        LogFormat::Human => lines.with_target(false).compact().init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    Ok(())
}
