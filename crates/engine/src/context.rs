//! The build context: the tree's recipe, and its archive on the way to the engine, copied by a thread between two pipes.

use crate::{Engine, Error, log::Log};
use buildpack::{Entry, FileTree, Kind, Recipe};
use bytes::Bytes;
use docker::ByteStream;
use model::{BuildPack, CommitSha, GitSource, Release, Source};
use source::{Archive, EntryKind, TreeEntry};
use std::io;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Largest file that is read to decide how to build, in bytes.
const READ_LENGTH_BYTES: usize = 1024 * 1024;
/// Pieces of the context, and how many of them wait to be sent.
const PIECE_LENGTH_BYTES: usize = 64 * 1024;
const PIECES_WAITING: usize = 16;

/// What a build is sent.
pub(crate) struct Prepared {
    pub(crate) recipe: Recipe,
    archive: Option<Archive>,
    modified: u64,
    log: Log,
}

/// Decides how a release is built, and makes its tree ready to be sent.
///
/// # Errors
/// The tree cannot be read, or not be built.
pub(crate) async fn prepare(engine: &Engine, release: &Release, log: &Log) -> Result<Prepared, Error> {
    let settings = &release.spec.settings;
    let names: Vec<_> = release.spec.variables.iter().filter(|variable| variable.build_time).map(|variable| variable.name.clone()).collect();
    let Source::Git(source) = &settings.source else {
        let recipe = buildpack::recipe(&settings.pack, &settings.source, &FileTree::default(), &names)?;
        return Ok(Prepared { recipe, archive: None, modified: 0, log: log.clone() });
    };
    let commit = release.commit.as_ref().ok_or_else(|| Error::failed("the commit is not known: deploy again"))?;
    let tree = tree(engine, source, commit, Some(&settings.pack)).await?;
    let recipe = buildpack::recipe(&settings.pack, &settings.source, &tree, &names)?;
    let git = &engine.parts.git;
    let archive = match recipe.directory() {
        Some(directory) => {
            let base = source.base_directory.join(&directory);
            let archive = if source.submodules {
                git.archive_with_submodules(&source.url, commit, &base).await?
            } else {
                git.archive(&source.url, commit, &base).await?
            };
            Some(archive)
        }
        None => None,
    };
    let at = git.commit(&source.url, commit).await?.at;
    Ok(Prepared { recipe, archive, modified: u64::try_from(at.as_second()).unwrap_or_default(), log: log.clone() })
}

/// The tree of a fetched commit, with the content of the files that decide how it is built.
///
/// # Errors
/// The tree cannot be read.
pub(crate) async fn tree(engine: &Engine, source: &GitSource, commit: &CommitSha, pack: Option<&BuildPack>) -> Result<FileTree, Error> {
    let git = &engine.parts.git;
    let entries = git.tree(&source.url, commit, &source.base_directory).await?;
    let mut tree = FileTree::new(entries.into_iter().map(entry).collect());
    for path in tree.wanted(pack) {
        if let Some(content) = git.read(&source.url, commit, &source.base_directory.join(&path), READ_LENGTH_BYTES).await? {
            tree.give(&path, content);
        }
    }
    Ok(tree)
}

fn entry(found: TreeEntry) -> Entry {
    let kind = match found.kind {
        EntryKind::File => Kind::File,
        EntryKind::Directory => Kind::Directory,
        EntryKind::Symlink => Kind::Symlink,
        EntryKind::Submodule => Kind::Submodule,
    };
    Entry { path: found.path, size_bytes: found.size_bytes, kind }
}

impl Prepared {
    /// The context as it is copied.
    pub(crate) fn stream(self, engine: &Engine) -> ByteStream {
        let (pieces, receiver) = mpsc::channel(PIECES_WAITING);
        let Self { recipe, archive, modified, log } = self;
        engine.parts.tasks.spawn_blocking(move || {
            let output = io::BufWriter::with_capacity(PIECE_LENGTH_BYTES, Pieces(pieces.clone()));
            let sent = match archive {
                Some(archive) => buildpack::assemble(&recipe, archive.file, output, modified),
                None => buildpack::assemble(&recipe, io::empty(), output, modified),
            };
            match sent {
                Ok(sent) => log.say(format!("Sent {} files, {:.1} MB; {} left out", sent.files, sent.bytes as f64 / 1e6, sent.left_out)),
                // Who received may have gone away, and then the error is of no interest.
                Err(error) => drop(pieces.blocking_send(Err(error))),
            }
        });
        Box::pin(ReceiverStream::new(receiver))
    }
}

/// The writing end of a stream of pieces.
pub(crate) struct Pieces(pub(crate) mpsc::Sender<io::Result<Bytes>>);

impl io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes))).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
