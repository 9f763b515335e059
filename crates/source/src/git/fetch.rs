//! Fetching a commit into the cache: one commit deep where the host allows it, deeper where it does not.

use super::{FETCH_TIMEOUT, Git, cache::kept};
use crate::{
    Error,
    stderr::{blames_cache, classify},
};
use host::Stream;
use model::{CommitSha, GitReference, GitSource, GitUrl, Secret};

/// Characters of a failed fetch's output that are kept to understand it.
const SAID_LENGTH_BYTES: usize = 64 * 1024;

/// Lines about references of the cache, which mean nothing to people.
const OUR_OWN_AFFAIR: [&str; 4] = ["From ", " * ", " + ", "   "];

/// What is fetched.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) url: &'a GitUrl,
    /// Where the commit stands, for hosts that hand out no single commits.
    pub(super) reference: Option<&'a GitReference>,
    pub(super) commit: &'a CommitSha,
    pub(super) key: Option<&'a Secret>,
}

/// Who hears each line that git writes.
type Sink<'a> = &'a mut (dyn FnMut(&str) + Send);

/// How a fetch ended.
enum Fetched {
    Whole,
    Failed(String),
}

impl Git {
    /// Fetches a commit, and its submodules when the source asks for them. What is there already is not fetched again. Each line git writes goes to `sink`.
    ///
    /// # Errors
    /// The repository cannot be reached or read, or no longer has the commit. A half fetch leaves nothing that the next one stumbles over.
    pub async fn fetch(&self, source: &GitSource, commit: &CommitSha, key: Option<&Secret>, mut sink: impl FnMut(&str) + Send) -> Result<(), Error> {
        self.fetch_commit(Wanted { url: &source.url, reference: Some(&source.reference), commit, key }, &mut sink).await?;
        if let Some(said) = self.large_files_said(source, commit).await {
            sink(&said);
        }
        if source.submodules { self.fetch_modules(&source.url, commit, key, &mut sink).await } else { Ok(()) }
    }

    pub(super) async fn fetch_commit(&self, wanted: Wanted<'_>, sink: Sink<'_>) -> Result<(), Error> {
        let lock = self.lock(wanted.url);
        let _held = lock.lock().await;
        if !self.has(wanted.url, wanted.commit).await? {
            self.bring(wanted, sink).await?;
        }
        self.note_use(wanted.url).await
    }

    async fn bring(&self, wanted: Wanted<'_>, sink: Sink<'_>) -> Result<(), Error> {
        let fetched = match self.try_ways(wanted, sink).await? {
            Fetched::Failed(said) if blames_cache(&said) => {
                sink("The cache of this repository is damaged; it is made anew.");
                self.remove_cache(wanted.url).await?;
                self.try_ways(wanted, sink).await?
            }
            fetched => fetched,
        };
        match fetched {
            Fetched::Whole => Ok(()),
            Fetched::Failed(said) => Err(classify(&said, wanted.url, wanted.commit.short())),
        }
    }

    /// The commit alone; then, for hosts that hand out no single commits, the branch's or tag's newest; then everything.
    async fn try_ways(&self, wanted: Wanted<'_>, sink: Sink<'_>) -> Result<Fetched, Error> {
        let Wanted { url, reference, commit, key } = wanted;
        self.make_cache(url, commit).await?;
        let alone = format!("+{commit}:{}", kept(commit));
        let Fetched::Failed(said) = self.run_fetch(url, &["--depth=1"], &[&alone], key, sink).await? else { return Ok(Fetched::Whole) };
        if !matches!(classify(&said, url, ""), Error::CommitGone { .. } | Error::Failed { .. }) || blames_cache(&said) {
            return Ok(Fetched::Failed(said));
        }
        let named = match reference {
            Some(GitReference::Branch(name)) => Some(format!("+refs/heads/{name}:refs/remotes/{name}")),
            Some(GitReference::Tag(name)) => Some(format!("+refs/tags/{name}:refs/tags/{name}")),
            Some(GitReference::Commit(_)) | None => None,
        };
        if let Some(named) = named
            && matches!(self.run_fetch(url, &["--depth=1"], &[&named], key, sink).await?, Fetched::Whole)
            && self.keep(url, commit).await?
        {
            return Ok(Fetched::Whole);
        }
        sink("The host does not hand out this commit alone; all of the repository is fetched.");
        let depth: &[&str] = if self.repository(url).join("shallow").exists() { &["--unshallow"] } else { &[] };
        let everything = ["+refs/heads/*:refs/remotes/*", "+refs/tags/*:refs/tags/*"];
        match self.run_fetch(url, depth, &everything, key, sink).await? {
            Fetched::Whole if self.keep(url, commit).await? => Ok(Fetched::Whole),
            Fetched::Whole => Err(Error::CommitGone { commit: commit.short().to_owned() }),
            failed => Ok(failed),
        }
    }

    async fn run_fetch(&self, url: &GitUrl, depth: &[&str], refspecs: &[&str], key: Option<&Secret>, sink: Sink<'_>) -> Result<Fetched, Error> {
        let git = self.remote(url, key).await?.inside(&self.repository(url)).timeout(FETCH_TIMEOUT);
        let git = git.args(["fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--force"]);
        let git = git.args(depth.iter().copied()).arg("--").arg(url.as_str()).args(refspecs.iter().copied());
        let mut said = String::new();
        let keep_and_tell = |stream, line: &str| {
            if said.len() + line.len() < SAID_LENGTH_BYTES {
                said.push_str(line);
                said.push('\n');
            }
            if stream == Stream::Stderr && !OUR_OWN_AFFAIR.iter().any(|start| line.starts_with(start)) {
                sink(line.trim_end());
            }
        };
        let status = git.stream(keep_and_tell).await?;
        Ok(if status.success() { Fetched::Whole } else { Fetched::Failed(said) })
    }

    /// Keeps a commit that came with others; false when it did not come.
    async fn keep(&self, url: &GitUrl, commit: &CommitSha) -> Result<bool, Error> {
        let output = self.cached(url).args(["update-ref", &kept(commit), commit.as_str()]).run().await?;
        Ok(output.status.success() && self.has(url, commit).await?)
    }
}
