//! Servers that run beside a test, each in a process group of its own, and ports for them.

use crate::process_note::{self, Note};
use crate::wait_for;
use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::OsStr;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};

/// Below the range that the kernel takes the near ends of connections from: a port from there may be gone when a server starts on it for the second time.
const PORTS: std::ops::Range<u16> = 10_000..32_000;

/// A port that nobody listens on, on any address.
///
/// # Errors
/// None of a hundred tried was free.
pub fn free_port() -> Result<u16> {
    let tried = (0..100).map(|_| rand::random_range(PORTS));
    tried.into_iter().find(|port| TcpListener::bind(("0.0.0.0", *port)).is_ok()).context("no port is free on this machine")
}

/// A process that runs beside the test. Dropping it kills it with its children.
pub struct Running {
    child: Child,
    name: String,
    log: PathBuf,
    _note: Option<Note>,
}

impl Running {
    /// Starts a program; what it says goes to the log file, after what is there already.
    ///
    /// # Errors
    /// The program cannot be started, or the log cannot be written.
    pub fn start<A: AsRef<OsStr>>(program: &Path, arguments: impl IntoIterator<Item = A>, variables: &[(&str, &str)], log: &Path) -> Result<Self> {
        process_note::sweep();
        let file = File::options().create(true).append(true).open(log).with_context(|| format!("{} cannot be written", log.display()))?;
        let mut command = Command::new(program);
        command.args(arguments).envs(variables.iter().copied()).stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = command.process_group(0).kill_on_drop(true).spawn().with_context(|| format!("{} does not start", program.display()))?;
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let note = child.id().map(Note::of);
        Ok(Self { child, name, log: log.to_owned(), _note: note })
    }

    /// Its process id, while it has not been waited for.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it accepts connections on a port of 127.0.0.1.
    ///
    /// # Errors
    /// It does not within the time, or has ended; its log is part of the error.
    pub async fn wait_for_port(&mut self, port: u16, within: Duration) -> Result<()> {
        let what = format!("{} to listen on port {port}", self.name);
        let listening = wait_for(&what, within, async || {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Ok(Err(status));
            }
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.map(|_| Ok(())).map_err(|error| error.to_string())
        });
        let outcome = listening.await.with_context(|| format!("its log:\n{}", std::fs::read_to_string(&self.log).unwrap_or_default()))?;
        outcome.map_err(|status| anyhow::anyhow!("{} ended with {status}; its log:\n{}", self.name, self.log()))
    }

    /// Ends it at once, with its children, as a power cut would.
    pub async fn kill(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.child.wait().await;
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// It has not ended within the time; its log is part of the error.
    pub async fn ended(&mut self, within: Duration) -> Result<ExitStatus> {
        let ended = tokio::time::timeout(within, self.child.wait()).await;
        Ok(ended.with_context(|| format!("{} still runs after {} s; its log:\n{}", self.name, within.as_secs(), self.log()))??)
    }

    /// Asks it to end (SIGTERM) and waits.
    ///
    /// # Errors
    /// It has not ended within the time.
    pub async fn terminate(&mut self, within: Duration) -> Result<ExitStatus> {
        self.signal(Signal::TERM);
        let ended = tokio::time::timeout(within, self.child.wait()).await;
        let status = ended.with_context(|| format!("{} has not ended {} s after SIGTERM; its log:\n{}", self.name, within.as_secs(), self.log()))?;
        Ok(status?)
    }

    fn signal(&self, signal: Signal) {
        let group = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if let Some(group) = group {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}
