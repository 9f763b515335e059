//! What lies in a source tree.

use crate::RelativePath;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link; it is never followed.
    Symlink,
    /// Another repository, mounted here.
    Submodule,
}

/// One thing in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// Its path below the directory that was listed.
    pub path: RelativePath,
    /// Its size in bytes; 0 for anything but a file.
    pub size_bytes: u64,
    /// What it is.
    pub kind: EntryKind,
}
