//! The bare cache of one repository.

use super::{ARCHIVE_TIMEOUT, Git, cache_error, invocation::make_directory};
use crate::{Error, webhook::hexadecimal};
use aws_lc_rs::digest;
use model::{CommitSha, GitUrl};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

/// Settings of a tree that would make an archive differ from a checkout are switched off.
const ATTRIBUTES: &str = "* -export-ignore -export-subst\n";

/// The file of a cache that is written whenever it is used.
const USED: &str = "wharf-used";

/// Where a repository's cache lies.
pub(super) fn path(cache: &Path, url: &GitUrl) -> PathBuf {
    let name = hexadecimal(digest::digest(&digest::SHA256, url.as_str().as_bytes()).as_ref());
    repositories(cache).join(name).with_extension("git")
}

fn repositories(cache: &Path) -> PathBuf {
    cache.join("repositories")
}

/// How long ago a file was written; none where there is no such file.
fn age(path: &Path) -> Option<Duration> {
    let written = std::fs::metadata(path).ok()?.modified().ok()?;
    // What was written in the future was written a moment ago by another clock.
    Some(written.elapsed().unwrap_or_default())
}

impl Git {
    /// Makes the cache of a repository, or finds it made. Safe to do again after a process was killed in the middle.
    pub(super) async fn make_cache(&self, url: &GitUrl, commit: &CommitSha) -> Result<(), Error> {
        if self.initialise(url, commit).await.is_err() {
            // What a killed process wrote half can keep git from even beginning.
            self.remove_cache(url).await?;
            self.initialise(url, commit).await?;
        }
        let attributes = self.repository(url).join("info/attributes");
        tokio::fs::write(&attributes, ATTRIBUTES).await.map_err(|source| cache_error(&attributes, source))
    }

    async fn initialise(&self, url: &GitUrl, commit: &CommitSha) -> Result<(), Error> {
        make_directory(&self.repository(url).join("info"))?;
        let format = if commit.as_str().len() == 64 { "--object-format=sha256" } else { "--object-format=sha1" };
        let output = self.cached(url).args(["init", "--quiet", "--bare", "--template=", format]).run().await?;
        if output.status.success() { Ok(()) } else { Err(Error::Failed { tail: String::from_utf8_lossy(&output.stderr).trim().to_owned() }) }
    }

    /// Removes the cache of a repository; the next fetch begins anew.
    ///
    /// # Errors
    /// The files cannot be removed.
    pub async fn forget(&self, url: &GitUrl) -> Result<(), Error> {
        let lock = self.lock(url);
        let _held = lock.lock().await;
        self.remove_cache(url).await
    }

    /// Drops every fetched commit but these and those fetched within `fresh`, and the objects that only they used.
    ///
    /// # Errors
    /// Git cannot run or fails.
    pub async fn keep_only(&self, url: &GitUrl, commits: &[CommitSha], fresh: Duration) -> Result<(), Error> {
        let lock = self.lock(url);
        let _held = lock.lock().await;
        let repository = self.repository(url);
        if !repository.join("HEAD").exists() {
            return Ok(());
        }
        let output = self.cached(url).args(["for-each-ref", "--format=%(refname)"]).run().await?;
        let keep: Vec<_> = commits.iter().map(kept).collect();
        let references = String::from_utf8_lossy(&output.stdout).into_owned();
        let is_fresh = |reference: &str| age(&repository.join(reference)).is_some_and(|age| age < fresh);
        let drop = references.lines().filter(|reference| !keep.iter().any(|kept| kept == reference) && !is_fresh(reference));
        let drop: String = drop.map(|reference| format!("delete {reference}\n")).collect();
        if drop.is_empty() {
            return Ok(());
        }
        let dropped = self.cached(url).args(["update-ref", "--stdin"]).input(drop).run().await?;
        let collected = self.cached(url).timeout(ARCHIVE_TIMEOUT).args(["gc", "--quiet", "--prune=now"]).run().await?;
        let failed = [dropped, collected].into_iter().find(|output| !output.status.success());
        failed.map_or(Ok(()), |output| Err(Error::Failed { tail: String::from_utf8_lossy(&output.stderr).trim().to_owned() }))
    }

    /// Removes the caches of all repositories but these and those used within `fresh`, and answers how many. Submodules have caches of their own that
    /// nobody names: they go once no deployment uses them any more.
    ///
    /// # Errors
    /// The files cannot be removed.
    pub async fn forget_others(&self, known: &[GitUrl], fresh: Duration) -> Result<usize, Error> {
        let keep: BTreeSet<_> = known.iter().map(|url| self.repository(url)).collect();
        let Ok(mut folders) = tokio::fs::read_dir(repositories(&self.cache)).await else { return Ok(0) };
        let mut removed = 0;
        while let Ok(Some(folder)) = folders.next_entry().await {
            let path = folder.path();
            let lock = self.lock_of(&path);
            // Whoever holds it uses the repository right now.
            let Ok(_held) = lock.try_lock() else { continue };
            let unused = age(&path.join(USED)).or_else(|| age(&path)).is_some_and(|age| age >= fresh);
            if unused && !keep.contains(&path) {
                tokio::fs::remove_dir_all(&path).await.map_err(|source| cache_error(&path, source))?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Notes that a repository's cache was used now.
    pub(super) async fn note_use(&self, url: &GitUrl) -> Result<(), Error> {
        let path = self.repository(url).join(USED);
        tokio::fs::write(&path, "").await.map_err(|source| cache_error(&path, source))
    }

    pub(super) async fn remove_cache(&self, url: &GitUrl) -> Result<(), Error> {
        let path = self.repository(url);
        match tokio::fs::remove_dir_all(&path).await {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(cache_error(&path, source)),
            _ => Ok(()),
        }
    }

    /// Whether a commit is in the cache with all it consists of. Fetches are whole or nothing, so the commit itself tells.
    pub(super) async fn has(&self, url: &GitUrl, commit: &CommitSha) -> Result<bool, Error> {
        if !self.repository(url).join("HEAD").exists() {
            return Ok(false);
        }
        // The reference is set last: an object that is there without it may be a part of a fetch that was killed.
        let output = self.cached(url).args(["rev-parse", "--quiet", "--verify"]).arg(kept(commit) + "^{commit}").run().await?;
        Ok(output.status.success())
    }
}

/// The reference that keeps a fetched commit from being collected.
pub(super) fn kept(commit: &CommitSha) -> String {
    format!("refs/wharf/{commit}")
}
