//! Files of the state folder: written whole or not at all.

use crate::Error;
use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Writes a file that only its owner may read: beside, synced, renamed, so that a crash leaves the old one or the new one.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    let failed = |act| move |source| Error::State { act, path: path.to_owned(), source };
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside).map_err(failed("write"))?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed("write"))?;
    fs::rename(&beside, path).map_err(failed("replace"))?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("sync the folder of"))
}

/// Writes a file as [`write`] does, without keeping requests waiting for the disk.
pub(crate) async fn write_aside(path: PathBuf, content: Vec<u8>) -> Result<(), Error> {
    let written = path.clone();
    let outcome = tokio::task::spawn_blocking(move || write(&path, &content)).await;
    outcome.unwrap_or_else(|error| Err(Error::State { act: "write", path: written, source: std::io::Error::other(error) }))
}

/// Reads a file of JSON; `None` where there is none.
pub(crate) fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    let content = match fs::read(path) {
        Ok(content) => content,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Error::State { act: "read", path: path.to_owned(), source }),
    };
    serde_json::from_slice(&content).map(Some).map_err(|error| Error::Damaged { path: path.to_owned(), why: error.to_string() })
}
