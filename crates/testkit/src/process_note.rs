//! Notes of the processes that run beside tests, so that a later run ends those of a run that crashed.

use rustix::process::{Pid, Signal, kill_process_group};
use std::fs;
use std::path::{Path, PathBuf};

/// Where the kernel tells when a process began, counted behind its name, which may hold spaces.
const BEGAN_FIELD: usize = 19;

/// One process: its note is there for as long as this is.
pub(crate) struct Note(PathBuf);

impl Note {
    /// Notes a process of this one; what cannot be noted is not swept.
    pub(crate) fn of(process: u32) -> Self {
        let file = folder().join(format!("{}.{process}", std::process::id()));
        if let Some(began) = began(process) {
            let _ = fs::create_dir_all(folder()).and_then(|()| fs::write(&file, began));
        }
        Self(file)
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Ends the processes of test processes that are gone, with their children.
pub(crate) fn sweep() {
    for file in fs::read_dir(folder()).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let numbers = name.split_once('.').and_then(|(owner, process)| Some((owner.parse::<u32>().ok()?, process.parse::<u32>().ok()?)));
        let Some((owner, process)) = numbers else { continue };
        if Path::new("/proc").join(owner.to_string()).exists() {
            continue;
        }
        // Another process may have got the number since: that one began at another time.
        let same = fs::read_to_string(&file).is_ok_and(|noted| Some(noted) == began(process));
        if let Some(group) = Pid::from_raw(process.cast_signed()).filter(|_| same) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = fs::remove_file(&file);
    }
}

/// When a process began, in ticks since the machine did.
fn began(process: u32) -> Option<String> {
    let told = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    told.rsplit_once(')')?.1.split_whitespace().nth(BEGAN_FIELD).map(str::to_owned)
}

fn folder() -> PathBuf {
    std::env::temp_dir().join("wharf-test-processes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::CommandExt;
    use std::process::Stdio;

    /// A process id that no process has: above the kernel's highest.
    const GONE: &str = "4999999";

    #[test]
    #[allow(clippy::disallowed_methods)] // The test must hold the child itself.
    fn a_process_of_a_run_that_is_gone_is_ended_and_one_of_this_run_is_not() {
        let start = || std::process::Command::new("sleep").arg("1000").process_group(0).stdin(Stdio::null()).spawn().expect("a process");
        let (mut left, mut another, mut own) = (start(), start(), start());
        let note = Note::of(own.id());
        let noted = |process: u32, began: &str| fs::write(folder().join(format!("{GONE}.{process}")), began).expect("noted");
        noted(left.id(), &began(left.id()).expect("it runs"));
        noted(another.id(), "1");
        sweep();
        assert!(!left.wait().expect("ended").success());
        assert!(another.try_wait().expect("asked").is_none(), "it only got the number of one that was noted");
        assert!(own.try_wait().expect("asked").is_none());
        drop(note);
        for process in [&mut another, &mut own] {
            process.kill().expect("killed");
            process.wait().expect("ended");
        }
    }
}
