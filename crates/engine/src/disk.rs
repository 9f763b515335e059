//! The disk that a path lies on.

use std::path::{Path, PathBuf};
use sysinfo::Disks;

/// A disk of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disk {
    mounted_at: PathBuf,
    /// What is free of it, in bytes.
    pub(crate) free_bytes: u64,
    /// Its size, in bytes.
    pub(crate) total_bytes: u64,
}

impl Disk {
    /// The disk that a path is on. What is not there yet will be where the nearest folder above it is.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let path = path.ancestors().find_map(|path| path.canonicalize().ok())?;
        let disks = Disks::new_with_refreshed_list().ok()?;
        let disk = disks.iter().filter(|disk| path.starts_with(disk.mount_point())).max_by_key(|disk| disk.mount_point().as_os_str().len())?;
        Some(Self { mounted_at: disk.mount_point().to_owned(), free_bytes: disk.available_space(), total_bytes: disk.total_space() })
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_folder_that_is_not_there_yet_has_a_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = super::Disk::of(&folder.path().join("not/there/yet")).expect("a disk");
        assert!(disk.total_bytes > 0);
        assert_eq!(super::Disk::of(folder.path()).map(|disk| disk.mounted_at), Some(disk.mounted_at));
    }
}
