//! Archives of trees, written without a checkout.

use super::{
    ARCHIVE_TIMEOUT, Git, cache_error,
    invocation::make_directory,
    tree::{listed, treeish},
};
use crate::Error;
use model::{CommitSha, GitUrl, RelativePath};
use std::{
    fs::File,
    io::{Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// A tar archive. With submodules several follow one another in one file, each with its own end; readers must not stop at the first.
#[derive(Debug)]
pub struct Archive {
    /// The file, at its beginning. It has no name any more: it is gone once it is closed.
    pub file: File,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Entries of the tree.
    pub entries: usize,
}

/// Where archives lie while they are written.
pub(super) fn directory(cache: &Path) -> PathBuf {
    cache.join("archives")
}

impl Git {
    /// A tar archive of a directory of a fetched commit. It is whole before it is handed out, so what reads it never sees half a tree. The file is a
    /// [`std::fs::File`], as blocking readers want it; `tokio::fs::File::from_std` makes it a stream.
    ///
    /// # Errors
    /// Those of [`Git::tree`], and a full disk.
    pub async fn archive(&self, url: &GitUrl, commit: &CommitSha, base: &RelativePath) -> Result<Archive, Error> {
        let (file, entries) = (self.new_file()?, listed(&self.list_tree(url, commit, base).await?).count());
        self.write_archive(url, commit, base, &RelativePath::root(), &file).await?;
        finished(file, entries)
    }

    /// Like [`Git::archive`], with the submodules below the directory, which [`Git::fetch`] fetched too.
    ///
    /// # Errors
    /// Those of [`Git::archive`].
    pub async fn archive_with_submodules(&self, url: &GitUrl, commit: &CommitSha, base: &RelativePath) -> Result<Archive, Error> {
        let mut archive = self.archive(url, commit, base).await?;
        archive.file.seek(SeekFrom::End(0)).map_err(|source| cache_error(&directory(&self.cache), source))?;
        for module in self.modules_below(url, commit, base).await? {
            archive.entries += listed(&self.list_tree(&module.url, &module.commit, &RelativePath::root()).await?).count();
            let part = self.new_file()?;
            self.write_archive(&module.url, &module.commit, &RelativePath::root(), &module.path, &part).await?;
            let mut target = archive.file.try_clone().map_err(|source| cache_error(part.path(), source))?;
            let copied = tokio::task::spawn_blocking(move || std::io::copy(&mut part.into_file(), &mut target)).await;
            copied.unwrap_or_else(|_| Err(std::io::Error::other("stopped"))).map_err(|source| cache_error(&directory(&self.cache), source))?;
        }
        rewound(archive.file, archive.entries).map_err(|source| cache_error(&directory(&self.cache), source))
    }

    fn new_file(&self) -> Result<tempfile::NamedTempFile, Error> {
        let directory = directory(&self.cache);
        make_directory(&directory)?;
        tempfile::Builder::new().prefix("tree-").tempfile_in(&directory).map_err(|source| cache_error(&directory, source))
    }

    async fn write_archive(
        &self,
        url: &GitUrl,
        commit: &CommitSha,
        base: &RelativePath,
        below: &RelativePath,
        file: &tempfile::NamedTempFile,
    ) -> Result<(), Error> {
        let mut git = self.cached(url).timeout(ARCHIVE_TIMEOUT).args(["archive", "--format=tar", "--output"]).arg(file.path());
        if !below.is_root() {
            git = git.arg(format!("--prefix={below}/"));
        }
        let output = git.arg(treeish(commit, base)).run().await?;
        if output.status.success() { Ok(()) } else { Err(Error::Failed { tail: String::from_utf8_lossy(&output.stderr).trim().to_owned() }) }
    }
}

fn finished(file: tempfile::NamedTempFile, entries: usize) -> Result<Archive, Error> {
    let path = file.path().to_owned();
    // Opened anew: git may have put another file under the name.
    let opened = file.reopen().and_then(|opened| rewound(opened, entries));
    opened.map_err(|source| cache_error(&path, source))
}

fn rewound(mut file: File, entries: usize) -> std::io::Result<Archive> {
    file.seek(SeekFrom::Start(0))?;
    let size_bytes = file.metadata()?.len();
    Ok(Archive { file, size_bytes, entries })
}
