//! One Wharf per data folder: a lock that the kernel drops with the process, however it ends.

use anyhow::Context;
use rustix::fs::{FlockOperation, flock};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Holds the data folder as long as it lives.
#[derive(Debug)]
pub(crate) struct DataLock(#[expect(dead_code, reason = "the lock lives as long as the file is open")] File);

/// Takes the data folder, making it where there is none.
///
/// # Errors
/// Another Wharf has it, or it cannot be written.
pub(crate) fn take(folder: &Path) -> anyhow::Result<DataLock> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("the data folder {} cannot be made: choose one you may write with --data, or start Wharf as root", folder.display()))?;
    let path = folder.join("wharf.lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("the data folder {} cannot be written", folder.display()))?;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        let holder = std::fs::read_to_string(&path).unwrap_or_default();
        anyhow::bail!("a Wharf runs on {} already (process {}): stop it first, or choose another folder with --data", folder.display(), holder.trim());
    }
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())?;
    Ok(DataLock(file))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_second_wharf_on_the_same_data_is_told_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = super::take(folder.path()).expect("free");
        let refused = format!("{:#}", super::take(folder.path()).expect_err("held"));
        assert!(refused.contains("runs on") && refused.contains(&std::process::id().to_string()), "{refused}");
        drop(first);
        super::take(folder.path()).expect("free again");
    }
}
