//! Looks at the server: its disk, memory and load, and says when one runs short.

use crate::{Engine, Error, disk::Disk};
use jiff::Timestamp;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// Below this much free space, builds begin to fail.
const DISK_SHORT_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Below this much available memory, the kernel begins to end programs.
const MEMORY_SHORT_BYTES: u64 = 128 * 1024 * 1024;

/// What is known of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerFacts {
    /// When this was looked at.
    pub at: Timestamp,
    /// What the container engine says of itself; nothing while it is out of reach.
    pub engine: Option<docker::Facts>,
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

/// The last look.
#[derive(Default)]
pub(crate) struct LastFacts(Mutex<Option<ServerFacts>>);

pub(super) async fn activate(engine: &Engine) -> Result<Vec<String>, Error> {
    let facts = look(engine).await?;
    let mut short = Vec::new();
    if facts.disk_free_bytes < DISK_SHORT_BYTES {
        short.push(format!("the disk has {:.1} GB left: remove what is not needed or add space", facts.disk_free_bytes as f64 / 1e9));
    }
    if facts.memory_available_bytes < MEMORY_SHORT_BYTES {
        short.push(format!("{:.0} MB of memory are left: lower limits or add memory", facts.memory_available_bytes as f64 / 1e6));
    }
    *engine.parts.facts.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(facts);
    if short.is_empty() { Ok(Vec::new()) } else { Err(Error::failed(short.join("; "))) }
}

/// What is known of the server: the last look, or a first one.
///
/// # Errors
/// The machine cannot be looked at.
pub(crate) async fn facts(engine: &Engine) -> Result<ServerFacts, Error> {
    let last = engine.parts.facts.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match last {
        Some(facts) => Ok(ServerFacts { engine_down: engine.parts.link.down(), ..facts }),
        None => look(engine).await,
    }
}

async fn look(engine: &Engine) -> Result<ServerFacts, Error> {
    let data = engine.parts.options.data.clone();
    let machine = engine.parts.tasks.spawn_blocking(move || machine(&data)).await;
    let unseen = |why: String| Error::failed(format!("the machine could not be looked at: {why}"));
    let mut facts = machine.map_err(|error| unseen(error.to_string()))?.map_err(|error| unseen(error.to_string()))?;
    if let Ok(docker) = engine.parts.link.engine("facts") {
        facts.engine = docker.facts().await.ok();
    }
    facts.engine_down = engine.parts.link.down();
    Ok(facts)
}

/// What can be seen of the machine without its container engine. Takes a moment: use of the processor is the difference of two looks.
///
/// # Errors
/// The machine does not tell.
pub(crate) fn machine(data: &Path) -> Result<ServerFacts, sysinfo::Error> {
    let wanted = RefreshKind::nothing().with_memory(MemoryRefreshKind::everything()).with_cpu(CpuRefreshKind::nothing().with_usage());
    let mut system = System::new_with_specifics(wanted)?;
    // Use is the difference of two looks.
    std::thread::sleep(sysinfo::MINIMUM_CPU_UPDATE_INTERVAL);
    system.refresh_cpu_usage();
    let disk = Disk::of(data);
    Ok(ServerFacts {
        at: Timestamp::now(),
        engine: None,
        engine_down: None,
        disk_total_bytes: disk.as_ref().map_or(0, |disk| disk.total_bytes),
        disk_free_bytes: disk.as_ref().map_or(0, |disk| disk.free_bytes),
        memory_total_bytes: system.total_memory(),
        memory_available_bytes: system.available_memory(),
        cpu_percent: system.global_cpu_usage(),
        cores: system.cpus().len(),
        load: System::load_average()?.one,
    })
}
