//! What the kernel tells of a process.

use anyhow::{Context, Result};
use std::fs;

/// Units of time in `/proc/<pid>/stat`, per second: the same on every Linux that programs see.
const TICKS_PER_SECOND: f64 = 100.0;

/// Memory of a process, in MB of a million bytes.
pub(crate) struct Memory {
    /// All that is resident, parts of the executable's file included.
    pub(crate) resident: f64,
    /// What it allocated itself: the kernel cannot drop it and read it again.
    pub(crate) anonymous: f64,
}

/// The memory of a process.
pub(crate) fn memory(pid: u32) -> Result<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let megabytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("the kernel tells no {name}"))?;
        Ok::<_, anyhow::Error>(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0 / 1e6)
    };
    Ok(Memory { resident: megabytes("VmRSS:")?, anonymous: megabytes("RssAnon:")? })
}

/// Seconds of processor time that a process and its children have used.
pub(crate) fn processor_seconds(pid: u32) -> Result<f64> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
    std::iter::once(pid).chain(children).map(own_seconds).sum()
}

fn own_seconds(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("the kernel tells of a process in another form")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / TICKS_PER_SECOND)
}
