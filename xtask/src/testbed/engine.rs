//! The container engine: the one that answers, else one installed from the distribution's packages and started here.

use crate::program::Program;
use crate::testbed::{machine, packages, registry};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

const PID: &str = "dockerd.pid";

/// The version of the engine that answers.
pub fn version() -> Option<String> {
    Program::new("docker").args(["version", "--format", "{{.Server.Version}}"]).text().ok()
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
    stop_recorded(&state.join(PID), "dockerd", "the engine")
}

/// Ends the process whose id the file holds, when it still is that program.
pub fn stop_recorded(file: &Path, program: &str, what: &str) -> Result<()> {
    let pid = fs::read_to_string(file).unwrap_or_default();
    let comm = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    // The kernel keeps 15 characters of a program's name.
    if pid.is_empty() || comm.trim() != &program[..program.len().min(15)] {
        println!("{what} was not started by the test bed, or is gone: left alone");
        return Ok(());
    }
    Program::new("kill").args(["-TERM", &pid]).quiet()?;
    wait(&format!("{what} has stopped"), Duration::from_secs(30), || !is_running(&pid))?;
    println!("{what} has stopped");
    Ok(fs::remove_file(file)?)
}

fn is_running(pid: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !state.is_empty() && !state.contains(") Z ")
}

/// Waits until it is so, asking ten times a second.
pub fn wait(what: &str, within: Duration, so: impl Fn() -> bool) -> Result<()> {
    let deadline = Instant::now() + within;
    while !so() {
        if Instant::now() > deadline {
            bail!("waited {} s in vain until {what}", within.as_secs());
        }
        sleep(Duration::from_millis(100));
    }
    Ok(())
}
