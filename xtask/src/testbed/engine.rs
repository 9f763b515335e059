//! The container engine: the one that answers, else one installed from the distribution's packages and started here.

use crate::background::{self, wait};
use crate::program::Program;
use crate::testbed::{machine, packages, registry};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::time::Duration;

const PID: &str = "dockerd.pid";

/// The version of the engine that answers.
pub fn version() -> Option<String> {
    Program::new("docker").args(["version", "--format", "{{.Server.Version}}"]).text().ok()
}

/// Whether an engine answers that was not told of the test bed's registry and fetches from Docker Hub.
pub fn reaches_hub() -> bool {
    let mirrors = Program::new("docker").args(["info", "--format", "{{.RegistryConfig.Mirrors}}"]).text().unwrap_or_default();
    version().is_some() && !mirrors.contains(registry::ADDRESS) && Program::new("docker").args(["pull", "--quiet", "busybox"]).succeeds()
}

/// Makes sure that an engine answers.
pub fn start(state: &Path) -> Result<()> {
    packages::install(if version().is_some() { &packages::ENGINE[2..4] } else { packages::ENGINE })?;
    if version().is_some() {
        return Ok(());
    }
    if !machine::is_root()? {
        bail!("no container engine answers, and only root may start one; start dockerd, or add yourself to the group docker");
    }
    if Path::new("/run/systemd/system").exists() {
        println!("Starting the engine as a service of this machine.");
        Program::new("systemctl").args(["enable", "--now", "docker"]).quiet()?;
    } else {
        println!("Starting the engine.");
        let mirror = format!("http://{}", registry::ADDRESS);
        let pid = Program::new("dockerd")
            .args(["--registry-mirror", &mirror, "--insecure-registry", "172.17.0.1:5000"])
            .start_detached(&state.join("dockerd.log"))?;
        fs::write(state.join(PID), pid.to_string())?;
    }
    wait("the engine answers", Duration::from_secs(60), || version().is_some()).with_context(|| format!("its log is {}", state.join("dockerd.log").display()))
}

/// Stops the engine, if it was started here.
pub fn stop(state: &Path) -> Result<()> {
    background::stop(&state.join(PID), "dockerd", "the engine")
}
