//! Trees and files read straight from the cache.

use super::{Git, TREE_ENTRIES_COUNT, TREE_LENGTH_BYTES};
use crate::Error;
use model::{CommitSha, EntryKind, GitUrl, RelativePath, TreeEntry};

/// Bytes of a tree's listing that are read; a larger one has too many entries.
const LIST_LENGTH_BYTES: usize = 128 * 1024 * 1024;

/// A line of `git ls-tree -l -z`.
pub(super) struct Listed<'a> {
    pub(super) kind: EntryKind,
    pub(super) object: &'a str,
    pub(super) size_bytes: u64,
    pub(super) path: &'a str,
}

impl<'a> Listed<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (facts, path) = line.split_once('\t')?;
        let mut facts = facts.split_whitespace();
        let kind = match facts.next()? {
            "040000" => EntryKind::Directory,
            "120000" => EntryKind::Symlink,
            "160000" => EntryKind::Submodule,
            _ => EntryKind::File,
        };
        let object = facts.nth(1)?;
        let size = facts.next().and_then(|size| size.parse().ok()).unwrap_or(0);
        let size_bytes = if kind == EntryKind::File { size } else { 0 };
        Some(Self { kind, object, size_bytes, path })
    }
}

pub(super) fn listed(list: &str) -> impl Iterator<Item = Listed<'_>> {
    list.split('\0').filter_map(Listed::parse)
}

impl Git {
    /// Everything below a directory of a fetched commit, directories included. Names that are no [`RelativePath`] (with control characters, say) are left out.
    ///
    /// # Errors
    /// The commit was not fetched, has no such directory, or holds more than [`TREE_ENTRIES_COUNT`] entries or [`TREE_LENGTH_BYTES`].
    pub async fn tree(&self, url: &GitUrl, commit: &CommitSha, base: &RelativePath) -> Result<Vec<TreeEntry>, Error> {
        let list = self.list_tree(url, commit, base).await?;
        let entry = |listed: Listed<'_>| {
            let path: RelativePath = listed.path.parse().ok()?;
            (path.as_str() == listed.path).then_some(TreeEntry { path, size_bytes: listed.size_bytes, kind: listed.kind })
        };
        Ok(listed(&list).filter_map(entry).collect())
    }

    /// The listing of a tree, within its limits. They are counted first, which is cheap: a few objects can make a tree without end.
    pub(super) async fn list_tree(&self, url: &GitUrl, commit: &CommitSha, base: &RelativePath) -> Result<String, Error> {
        let git = self.cached(url).output_length_bytes(LIST_LENGTH_BYTES).ends_when_full().args(["ls-tree", "-r", "-t", "-z", "--full-tree"]);
        let names = git.clone().arg("--name-only").arg(treeish(commit, base)).run().await?;
        if names.truncated || names.stdout.iter().filter(|byte| **byte == 0).count() > TREE_ENTRIES_COUNT {
            return Err(Error::TooLarge { limit: format!("{TREE_ENTRIES_COUNT} files") });
        }
        let output = git.arg("-l").arg(treeish(commit, base)).run().await?;
        if !output.status.success() && !output.truncated {
            let there = self.has(url, commit).await?;
            return Err(if there { Error::NoDirectory { path: base.to_string() } } else { Error::CommitGone { commit: commit.short().to_owned() } });
        }
        let list = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.truncated {
            return Err(Error::TooLarge { limit: format!("{TREE_ENTRIES_COUNT} files") });
        }
        if listed(&list).map(|listed| listed.size_bytes).sum::<u64>() > TREE_LENGTH_BYTES {
            return Err(Error::TooLarge { limit: "2 GiB".to_owned() });
        }
        Ok(list)
    }

    /// A file of a fetched commit, by its path from the top of the repository; none when there is no file (a link is none). `cap` is in bytes.
    ///
    /// # Errors
    /// The file is larger than `cap`.
    pub async fn read(&self, url: &GitUrl, commit: &CommitSha, path: &RelativePath, cap: usize) -> Result<Option<Vec<u8>>, Error> {
        if path.is_root() {
            return Ok(None);
        }
        let output = self.cached(url).args(["ls-tree", "-l", "-z", "--full-tree", commit.as_str(), "--", path.as_str()]).run().await?;
        if !output.status.success() && !self.has(url, commit).await? {
            return Err(Error::CommitGone { commit: commit.short().to_owned() });
        }
        let list = String::from_utf8_lossy(&output.stdout).into_owned();
        let Some(found) = listed(&list).find(|listed| listed.kind == EntryKind::File && listed.path == path.as_str()) else { return Ok(None) };
        if found.size_bytes > cap as u64 {
            return Err(Error::TooLarge { limit: format!("{cap} bytes for {path}") });
        }
        let output = self.cached(url).output_length_bytes(cap).args(["cat-file", "blob", found.object]).run().await?;
        if output.status.success() { Ok(Some(output.stdout)) } else { Err(Error::Failed { tail: String::from_utf8_lossy(&output.stderr).into_owned() }) }
    }
}

/// How git names a directory of a commit.
pub(super) fn treeish(commit: &CommitSha, base: &RelativePath) -> String {
    if base.is_root() { commit.to_string() } else { format!("{commit}:{base}") }
}
