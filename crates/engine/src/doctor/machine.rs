//! The machine: disk, memory, clock, the data folder and the programs that Wharf runs.

use super::{Finding, State, finding};
use crate::ServerFacts;
use jiff::Timestamp;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

const DISK_SHORT_BYTES: u64 = 5_000_000_000;
const DISK_BAD_BYTES: u64 = 1_000_000_000;
const MEMORY_SHORT_BYTES: u64 = 256_000_000;
const GIGABYTE: f64 = 1_073_741_824.0;
/// How far in the future a file may lie before the clock is doubted, in seconds.
const CLOCK_SLACK_SECONDS: i64 = 60;
/// No clock that is right shows less: the first second of 2025.
const CLOCK_LEAST_SECONDS: i64 = 1_735_689_600;
/// Where systemd's clock service says that it runs, and that it is in step.
const CLOCK_SERVICE: &str = "/run/systemd/timesync";
const CLOCK_IN_STEP: &str = "/run/systemd/timesync/synchronized";
const PROGRAM_LIMIT: Duration = Duration::from_secs(10);

fn free_of(free: u64, total: u64) -> String {
    format!("{:.1} of {:.1} GB are free", free as f64 / GIGABYTE, total as f64 / GIGABYTE)
}

/// What is free of a disk.
pub(super) fn disk(what: &str, free_bytes: u64, total_bytes: u64) -> Finding {
    let state = match free_bytes {
        free if free < DISK_BAD_BYTES => State::Bad,
        free if free < DISK_SHORT_BYTES => State::Warn,
        _ => State::Ok,
    };
    finding(what, state, free_of(free_bytes, total_bytes), (state != State::Ok).then_some("docker builder prune && docker image prune"))
}

/// Disk and memory.
pub(super) fn machine(facts: Result<ServerFacts, String>) -> Vec<Finding> {
    let facts = match facts {
        Ok(facts) => facts,
        Err(why) => return vec![finding("Machine", State::Bad, why, None)],
    };
    let memory = if facts.memory_available_bytes < MEMORY_SHORT_BYTES { State::Warn } else { State::Ok };
    let memory_fix = (memory != State::Ok).then_some("lower limits of applications, or add memory");
    vec![
        disk("Disk", facts.disk_free_bytes, facts.disk_total_bytes),
        finding("Memory", memory, free_of(facts.memory_available_bytes, facts.memory_total_bytes), memory_fix),
    ]
}

/// Whether others can read the data folder.
pub(super) fn folder(data: &Path) -> Finding {
    const OTHERS: u32 = 0o077;
    let shown = data.display();
    match fs::metadata(data).map(|found| found.permissions().mode()) {
        Ok(mode) if mode & OTHERS == 0 => finding("Data folder", State::Ok, format!("{shown} is closed to others"), None),
        Ok(_) => finding("Data folder", State::Bad, format!("{shown} can be read by others"), Some(&format!("chmod 700 {shown}"))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => finding("Data folder", State::Ok, format!("{shown} is made by the first start"), None),
        Err(error) => finding(
            "Data folder",
            State::Bad,
            format!("{shown} cannot be looked at: {error}"),
            Some("run this as the user that Wharf runs as, or name another folder with --data"),
        ),
    }
}

/// A clock that went back shows by files from the future, one that was never set by its year.
pub(super) fn clock(data: &Path) -> Finding {
    const FIX: Option<&str> = Some("timedatectl set-ntp true");
    let newest = fs::read_dir(data).into_iter().flatten().flatten().filter_map(|file| file.metadata().ok()?.modified().ok()).max();
    let newest = newest.and_then(|newest| Timestamp::try_from(newest).ok());
    let now = Timestamp::now();
    if now.as_second() < CLOCK_LEAST_SECONDS {
        return finding("Clock", State::Bad, format!("It shows {now:.0}, which is long ago: certificates look as if they were not valid yet"), FIX);
    }
    if let Some(newest) = newest.filter(|newest| newest.as_second() > now.as_second() + CLOCK_SLACK_SECONDS) {
        return finding("Clock", State::Bad, format!("It shows {now:.0}, but files were written at {newest:.0}"), FIX);
    }
    if Path::new(CLOCK_SERVICE).exists() && !Path::new(CLOCK_IN_STEP).exists() {
        return finding("Clock", State::Warn, format!("It shows {now:.0} and is not in step with any time server yet"), FIX);
    }
    finding("Clock", State::Ok, format!("It shows {now:.0}"), None)
}

/// The programs that fetch sources.
pub(super) async fn programs() -> Finding {
    let mut missing = Vec::new();
    for (program, argument) in [("git", "--version"), ("ssh", "-V")] {
        if host::Command::new(program).arg(argument).timeout(PROGRAM_LIMIT).run().await.is_err() {
            missing.push(program);
        }
    }
    match missing.as_slice() {
        [] => finding("Programs", State::Ok, "git and ssh are there", None),
        missing => finding(
            "Programs",
            State::Bad,
            format!("{} cannot run: repositories cannot be fetched", missing.join(" and ")),
            Some("apt-get install git openssh-client"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn a_clock_behind_its_own_files_is_doubted() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_ne!(clock(folder.path()).state, State::Bad);
        let file = fs::File::create(folder.path().join("store")).expect("a file");
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(7_000_000_000)).expect("set");
        assert_eq!(clock(folder.path()).state, State::Bad);
    }

    #[test]
    fn a_disk_that_runs_short_and_a_folder_that_others_read_are_told_with_the_fix() {
        assert_eq!((disk("Disk", 9_000_000_000, 10_000_000_000).state, disk("Disk", 1, 2).state), (State::Ok, State::Bad));
        let data = tempfile::tempdir().expect("a folder");
        fs::set_permissions(data.path(), PermissionsExt::from_mode(0o755)).expect("set");
        assert!(folder(data.path()).fix.is_some_and(|fix| fix.starts_with("chmod 700 ")));
        assert!(folder(&data.path().join("not-there")).well);
    }
}
