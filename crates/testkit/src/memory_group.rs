//! A control group that bounds the memory of what runs in it, in the kernel's first or second hierarchy.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Where control groups are mounted.
pub(crate) const CGROUPS: &str = "/sys/fs/cgroup";

/// A bounded group. Dropping it removes it with the groups in it; its processes must have ended.
pub struct MemoryGroup {
    name: String,
    folder: PathBuf,
}

impl MemoryGroup {
    /// Makes one of this name and bound.
    ///
    /// # Errors
    /// The machine has no control groups, or this is not root.
    pub fn make(name: &str, bytes: u64) -> Result<Self> {
        let first = Path::new(CGROUPS).join("memory");
        let limit = if first.is_dir() { "memory.limit_in_bytes" } else { "memory.max" };
        let folder = if first.is_dir() { first } else { PathBuf::from(CGROUPS) }.join(name);
        std::fs::create_dir(&folder).with_context(|| format!("{} cannot be made: this test needs control groups and root", folder.display()))?;
        let group = Self { name: name.to_owned(), folder };
        std::fs::write(group.folder.join(limit), bytes.to_string())?;
        Ok(group)
    }

    /// Its name, which is its path below the root of the hierarchy.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Moves a process into it. What the process has already taken counts where it was.
    ///
    /// # Errors
    /// The process is gone.
    pub fn take(&self, process: u32) -> Result<()> {
        std::fs::write(self.folder.join("cgroup.procs"), process.to_string()).with_context(|| format!("process {process} cannot be moved"))
    }
}

impl Drop for MemoryGroup {
    fn drop(&mut self) {
        let root = PathBuf::from(CGROUPS);
        let controllers = std::fs::read_dir(&root).into_iter().flatten().flatten().map(|entry| entry.path());
        for group in controllers.chain([root.clone()]).map(|controller| controller.join(&self.name)).filter(|group| group.is_dir()) {
            remove_group(&group);
        }
    }
}

/// Removes a control group with those in it.
fn remove_group(group: &Path) {
    for inner in std::fs::read_dir(group).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir()) {
        remove_group(&inner.path());
    }
    let _ = std::fs::remove_dir(group);
}
