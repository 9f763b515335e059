//! Git repositories: looked at, resolved, fetched into one bare cache each, and read from there without a checkout.
//!
//! Git runs hermetically (see `invocation`): no configuration but ours, no hooks, no prompts, one transport at a time.

mod archive;
mod cache;
mod door;
mod fetch;
mod invocation;
mod large;
mod look;
mod modules;
mod tree;

pub use archive::Archive;
pub use look::Look;

use crate::Error;
use invocation::Invocation;
use jiff::Timestamp;
use model::{CommitSha, GitUrl, Secret};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How long a look at a repository may take.
pub const LOOK_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a fetch may take.
pub const FETCH_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// How long reading from the cache may take.
pub const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// How long writing an archive may take.
pub const ARCHIVE_TIMEOUT: Duration = Duration::from_secs(10 * 60);
/// Most branches and most tags that a look lists.
pub const NAMES_COUNT: usize = 1000;
/// Most entries of a tree that is taken.
pub const TREE_ENTRIES_COUNT: usize = 200_000;
/// Largest tree that is taken, in bytes.
pub const TREE_LENGTH_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// Which repositories an instance takes besides those of public hosts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourcePolicy {
    /// Whether `file://` is read: `--allow-local-git`.
    pub allow_local: bool,
    /// Whether ssh, http and https reach private addresses: `--allow-private-sources`.
    pub allow_private: bool,
}

/// Git with its cache. Cloning it shares the locks: one fetch per repository at a time.
#[derive(Debug, Clone)]
pub struct Git {
    cache: PathBuf,
    policy: SourcePolicy,
    locks: Arc<Mutex<HashMap<PathBuf, Arc<tokio::sync::Mutex<()>>>>>,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub sha: CommitSha,
    /// The first line of its message.
    pub message: String,
    /// Who wrote it.
    pub author: String,
    /// When it was committed.
    pub at: Timestamp,
}

impl Git {
    /// Git with its cache in this directory, which is made when it is first needed. Make one and clone it: a second one would not know of the first one's locks,
    /// and removes what it takes for the remains of a process that was killed.
    pub fn new(cache: impl Into<PathBuf>, policy: SourcePolicy) -> Self {
        let cache = cache.into();
        // Keys that a killed process left behind.
        let _ = std::fs::remove_dir_all(invocation::keys_directory(&cache));
        let _ = std::fs::remove_dir_all(archive::directory(&cache));
        Self { cache, policy, locks: Arc::default() }
    }

    /// A commit that was fetched.
    ///
    /// # Errors
    /// It was not, or is no commit.
    pub async fn commit(&self, url: &GitUrl, commit: &CommitSha) -> Result<Commit, Error> {
        let output = self.cached(url).args(["log", "-1", "--no-show-signature", "--format=%ct%x00%an%x00%s"]).arg(commit.as_str()).arg("--").run().await?;
        if !output.status.success() {
            return Err(Error::CommitGone { commit: commit.to_string() });
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let mut fields = text.trim_end().splitn(3, '\0');
        let at = fields.next().and_then(|seconds| seconds.parse().ok()).and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or_default();
        let author = fields.next().unwrap_or_default().to_owned();
        Ok(Commit { sha: commit.clone(), message: fields.next().unwrap_or_default().to_owned(), author, at })
    }

    /// Forgets the host key that was pinned for a repository's host; the next one it shows is pinned anew.
    ///
    /// # Errors
    /// The file of pinned keys cannot be written.
    pub async fn forget_host(&self, url: &GitUrl) -> Result<(), Error> {
        let path = invocation::known_hosts(&self.cache);
        let host = url.host().unwrap_or_default();
        let Ok(text) = tokio::fs::read_to_string(&path).await else { return Ok(()) };
        let is_host = |name: &str| name == host || name.strip_prefix('[').and_then(|name| name.split_once("]:")).is_some_and(|(name, _)| name == host);
        let about = |line: &&str| line.split_whitespace().next().is_some_and(|names| names.split(',').any(is_host));
        let kept: String = text.lines().filter(|line| !about(line)).map(|line| format!("{line}\n")).collect();
        tokio::fs::write(&path, kept).await.map_err(|source| cache_error(&path, source))
    }

    /// A run of git in the repository's cache that needs no network.
    fn cached(&self, url: &GitUrl) -> Invocation {
        Invocation::local(&self.cache, &self.repository(url)).timeout(READ_TIMEOUT)
    }

    /// A run of git that talks to the repository, if the policy lets it.
    async fn remote(&self, url: &GitUrl, key: Option<&Secret>) -> Result<Invocation, Error> {
        let door = door::open(url, self.policy).await?;
        Invocation::remote(&self.cache, url, &door, key).await
    }

    /// The repository's bare cache.
    fn repository(&self, url: &GitUrl) -> PathBuf {
        cache::path(&self.cache, url)
    }

    fn lock(&self, url: &GitUrl) -> Arc<tokio::sync::Mutex<()>> {
        self.lock_of(&self.repository(url))
    }

    fn lock_of(&self, repository: &std::path::Path) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        locks.entry(repository.to_owned()).or_default().clone()
    }
}

fn cache_error(path: &std::path::Path, source: std::io::Error) -> Error {
    Error::Cache { path: path.display().to_string(), source }
}
