//! The engine's agreed face, until its crate has it: everything says that the engine cannot be reached.

use bytes::Bytes;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use model::{Application, ApplicationId, GitSource, GitUrl, ImageReference, Operation, Plan, Port, Secret, edge::EdgeStatus};
use std::{collections::BTreeMap, pin::Pin};
use tokio::{io::AsyncWrite, sync::watch};

/// Why the engine did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The container engine is out of reach.
    #[error("the container engine is out of reach: {why}")]
    Unavailable {
        /// Since when.
        since: Timestamp,
        /// Why.
        why: String,
    },
    /// The source could not be read.
    #[error(transparent)]
    Source(#[from] source::Error),
}

fn away<T>() -> Result<T, Error> {
    Err(Error::Unavailable { since: Timestamp::UNIX_EPOCH, why: "it was not started".into() })
}

/// How an application is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Nothing of it was ever live.
    NeverDeployed,
    /// All its containers run.
    Running,
    /// Some of its containers run.
    Degraded {
        /// How many.
        running: usize,
        /// Of how many.
        of: usize,
    },
    /// Its containers are being made.
    Starting,
    /// The engine starts its containers again and again.
    Restarting,
    /// A person stopped it.
    Stopped,
    /// Its containers ended.
    Exited {
        /// The exit code of one.
        code: i64,
        /// The kernel ended it for want of memory.
        out_of_memory: bool,
    },
    /// Nothing can be said: the engine is out of reach.
    Unknown {
        /// Since when.
        since: Timestamp,
        /// Why.
        why: String,
    },
}

impl Status {
    /// The word people read.
    pub fn word(&self) -> String {
        match self {
            Self::NeverDeployed => "never deployed".into(),
            Self::Running => "running".into(),
            Self::Degraded { running, of } => format!("degraded ({running} of {of})"),
            Self::Starting => "starting".into(),
            Self::Restarting => "restarting".into(),
            Self::Stopped => "stopped".into(),
            Self::Exited { out_of_memory: true, .. } => "exited (out of memory)".into(),
            Self::Exited { code, .. } => format!("exited ({code})"),
            Self::Unknown { .. } => "unknown".into(),
        }
    }
}

/// Which lines of containers are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogRequest {
    /// How many of the last lines; all when absent.
    pub tail: Option<u32>,
    /// Only lines written from then on.
    pub since: Option<Timestamp>,
    /// Whether to wait for lines to come.
    pub follow: bool,
    /// Of this container; of all when absent.
    pub container: Option<String>,
}

/// A line that a container wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerLine {
    /// Which container.
    pub container: String,
    /// When.
    pub at: Option<Timestamp>,
    /// `stdout` or `stderr`.
    pub stream: &'static str,
    /// The line, without its end.
    pub text: String,
}

/// What a program in a container answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecAnswer {
    /// Its exit code.
    pub code: i64,
    /// What it wrote, stdout and stderr as they came.
    pub output: String,
}

/// A program in a container with a terminal before it. Dropping it hangs up.
pub struct Terminal {
    /// What is typed.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    /// What is shown; ends with the program.
    pub output: BoxStream<'static, Result<Bytes, Error>>,
}

/// What an application's containers use now, summed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// When.
    pub at: Timestamp,
    /// Processor use in thousandths of one core.
    pub cpu_thousandths: i64,
    /// Memory in bytes.
    pub memory_bytes: i64,
}

/// What a repository has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The pack it looks made for.
    pub build_pack: Option<String>,
    /// The port it seems to listen on.
    pub port: Option<Port>,
    /// Why, in sentences.
    pub evidence: Vec<String>,
}

/// What a container engine says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its version.
    pub version: String,
    /// The newest API it speaks.
    pub api_version: String,
    /// The machine's operating system.
    pub operating_system: String,
    /// The machine's architecture.
    pub architecture: String,
    /// How many processors the machine has.
    pub processors: u32,
    /// The machine's memory, in bytes.
    pub memory_bytes: u64,
    /// Where the engine keeps its data on the machine.
    pub root_directory: String,
    /// How it stores layers.
    pub storage_driver: String,
    /// How many containers run, ours or not.
    pub containers_running: u64,
}

/// What is known of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerFacts {
    /// When this was looked at.
    pub at: Timestamp,
    /// What the container engine says of itself; nothing while it is out of reach.
    pub engine: Option<Facts>,
    /// Since when and why the container engine is out of reach.
    pub engine_down: Option<(Timestamp, String)>,
    /// Size of the disk that holds the data folder, in bytes.
    pub disk_total_bytes: u64,
    /// What is free of it, in bytes.
    pub disk_free_bytes: u64,
    /// The machine's memory, in bytes.
    pub memory_total_bytes: u64,
    /// What of it programs can still have, in bytes.
    pub memory_available_bytes: u64,
    /// Processor time in use, in percent of all cores.
    pub cpu_percent: f32,
    /// How many cores there are.
    pub cores: usize,
    /// Mean number of programs that wanted a core in the last minute.
    pub load: f64,
}

/// What a run of a reconciler left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which reconciler.
    pub name: &'static str,
    /// What it is for, as people read it.
    pub purpose: &'static str,
    /// When it ran last; never yet when absent.
    pub at: Option<Timestamp>,
    /// How long that took.
    pub took: std::time::Duration,
    /// What it changed.
    pub changed: Vec<String>,
    /// What it could not do.
    pub problem: Option<String>,
}

/// What the doctor found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    /// Whether it is well.
    pub well: bool,
    /// What was seen.
    pub sentence: String,
    /// What to do.
    pub fix: Option<String>,
}

/// The engine.
#[derive(Clone)]
pub struct Engine(watch::Sender<u64>);

#[allow(missing_docs, clippy::unused_async)]
impl Engine {
    pub fn away() -> Self {
        Self(watch::Sender::new(0))
    }
    pub fn wake(&self) {}
    pub fn status(&self, _: &ApplicationId) -> Status {
        Status::Unknown { since: Timestamp::UNIX_EPOCH, why: "the engine was not started".into() }
    }
    pub fn statuses(&self) -> BTreeMap<ApplicationId, Status> {
        BTreeMap::new()
    }
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
    pub async fn container_logs(&self, _: &Application, _: LogRequest) -> Result<BoxStream<'static, Result<ContainerLine, Error>>, Error> {
        away()
    }
    pub async fn exec(&self, _: &Application, _: Option<&str>, _: &[String]) -> Result<ExecAnswer, Error> {
        away()
    }
    pub async fn terminal(&self, _: &Application, _: Option<&str>, _rows: u16, _columns: u16) -> Result<Terminal, Error> {
        away()
    }
    pub async fn stats(&self, _: &Application) -> Result<Stats, Error> {
        away()
    }
    pub async fn look(&self, _: &GitUrl, _: Option<&Secret>) -> Result<source::Look, Error> {
        away()
    }
    pub async fn inspect_repository(&self, _: &GitSource, _: Option<&Secret>) -> Result<Inspection, Error> {
        away()
    }
    pub async fn image_look(&self, _: &ImageReference, _: Option<&store::Credential>) -> Result<(), Error> {
        away()
    }
    pub async fn plan_preview(&self, _: &Application, _: Operation, _: Option<&model::Release>, _with_volumes: bool) -> Result<Plan, Error> {
        away()
    }
    pub async fn server_facts(&self) -> Result<ServerFacts, Error> {
        away()
    }
    pub async fn edge_status(&self) -> Result<EdgeStatus, Error> {
        away()
    }
    pub fn reconcilers(&self) -> Vec<Report> {
        Vec::new()
    }
    pub async fn doctor(&self) -> Vec<Finding> {
        Vec::new()
    }
}
