//! A small disk in memory, to be filled up and freed, and folders of tests.

use anyhow::{Context, Result};
use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use std::ffi::CString;
use std::fs::File;
use std::path::Path;
use tempfile::TempDir;

const PREFIX: &str = "wharf-disk-";
const BALLAST: &str = "ballast";

/// A disk of its own; dropping it takes it away with all that is on it.
pub struct SmallDisk(TempDir);

impl SmallDisk {
    /// Mounts one of this size.
    ///
    /// # Errors
    /// This user may not mount.
    pub fn mounted(size_bytes: u64) -> Result<Self> {
        sweep();
        let folder = tempfile::Builder::new().prefix(&format!("{PREFIX}{}-", std::process::id())).tempdir()?;
        let options = CString::new(format!("size={size_bytes}"))?;
        mount(c"tmpfs", folder.path(), c"tmpfs", MountFlags::empty(), options.as_c_str()).context("a small disk cannot be mounted: these tests need root")?;
        Ok(Self(folder))
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Fills it until only this much is free.
    ///
    /// # Errors
    /// Less is free already.
    pub fn fill(&self, left_bytes: u64) -> Result<()> {
        let seen = statvfs(self.path())?;
        let ballast = (seen.f_bavail * seen.f_frsize).checked_sub(left_bytes).context("the disk is fuller than it should become")?;
        let file = File::create(self.path().join(BALLAST))?;
        Ok(fallocate(&file, FallocateFlags::empty(), 0, ballast)?)
    }

    /// Takes away what [`fill`](Self::fill) filled it with.
    ///
    /// # Errors
    /// It was not filled.
    pub fn free(&self) -> Result<()> {
        Ok(std::fs::remove_file(self.path().join(BALLAST))?)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = unmount(self.path(), UnmountFlags::DETACH);
    }
}

/// Removes the disks of test processes that are gone.
fn sweep() {
    for folder in left_behind(PREFIX) {
        let _ = unmount(&folder, UnmountFlags::DETACH);
        let _ = std::fs::remove_dir_all(&folder);
    }
}

/// A temporary folder of this prefix and the id of this process; those of processes that are gone go.
pub(crate) fn temporary(prefix: &str) -> std::io::Result<TempDir> {
    for folder in left_behind(prefix) {
        let _ = std::fs::remove_dir_all(&folder);
    }
    tempfile::Builder::new().prefix(&format!("{prefix}{}-", std::process::id())).tempdir()
}

/// Temporary folders of this prefix, followed by the id of a process that is gone.
pub(crate) fn left_behind(prefix: &str) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    let gone = |name: &str| {
        let owner = name.strip_prefix(prefix).and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        owner.is_some_and(|process| !Path::new("/proc").join(process.to_string()).exists())
    };
    entries.filter(|entry| gone(&entry.file_name().to_string_lossy())).map(|entry| entry.path()).collect()
}
