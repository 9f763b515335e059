//! Programs that outlive the task which started them: their ids are kept in files, so that a later task can stop them.

use crate::program::Program;
use anyhow::{Result, bail};
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

const PERIOD: Duration = Duration::from_millis(100);
const STOPS_WITHIN: Duration = Duration::from_secs(30);
/// The kernel keeps this much of a program's name.
const NAME_LENGTH: usize = 15;

/// Waits until it is so, asking ten times a second.
pub fn wait(what: &str, within: Duration, so: impl Fn() -> bool) -> Result<()> {
    let deadline = Instant::now() + within;
    while !so() {
        if Instant::now() > deadline {
            bail!("waited {} s in vain until {what}", within.as_secs());
        }
        sleep(PERIOD);
    }
    Ok(())
}

/// Ends the process whose id the file holds, when it still is that program.
pub fn stop(file: &Path, program: &str, what: &str) -> Result<()> {
    let pid = fs::read_to_string(file).unwrap_or_default();
    let name = fs::read_to_string(Path::new("/proc").join(&pid).join("comm")).unwrap_or_default();
    if pid.is_empty() || name.trim() != &program[..program.len().min(NAME_LENGTH)] {
        println!("{what} was not started here, or is gone: left alone");
        return Ok(());
    }
    Program::new("kill").args(["-TERM", &pid]).quiet()?;
    wait(&format!("{what} has stopped"), STOPS_WITHIN, || !is_running(&pid))?;
    println!("{what} has stopped");
    Ok(fs::remove_file(file)?)
}

fn is_running(pid: &str) -> bool {
    let state = fs::read_to_string(Path::new("/proc").join(pid).join("stat")).unwrap_or_default();
    !state.is_empty() && !state.contains(") Z ")
}
