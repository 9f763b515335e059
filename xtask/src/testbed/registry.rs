//! A registry on 127.0.0.1:5000 that answers for Docker Hub's names.

use crate::background::{self, wait};
use crate::program::Program;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Where it answers; engines inside test hosts reach it by the address of the bridge.
pub const ADDRESS: &str = "127.0.0.1:5000";
const PID: &str = "registry.pid";

/// Whether one answers.
pub fn answers() -> bool {
    ureq::get(format!("http://{ADDRESS}/v2/")).call().is_ok()
}

/// Starts one, unless one answers.
pub fn start(state: &Path) -> Result<()> {
    if answers() {
        return Ok(());
    }
    let configuration = state.join("registry.yml");
    let images = state.join("registry");
    fs::create_dir_all(&images)?;
    let images = images.display();
    fs::write(
        &configuration,
        format!("version: 0.1\nstorage:\n  filesystem: {{rootdirectory: {images}}}\n  delete: {{enabled: true}}\nhttp: {{addr: \"0.0.0.0:5000\"}}\n"),
    )?;
    let log = state.join("registry.log");
    let pid = Program::new("docker-registry").arg("serve").arg(&configuration).start_detached(&log)?;
    fs::write(state.join(PID), pid.to_string())?;
    wait("the registry answers", Duration::from_secs(15), answers).with_context(|| format!("its log is {}", log.display()))
}

/// Stops it, if it was started here.
pub fn stop(state: &Path) -> Result<()> {
    background::stop(&state.join(PID), "docker-registry", "the registry")
}
