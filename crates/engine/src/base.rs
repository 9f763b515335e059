//! The base image: our own binary and nothing else. The edge runs from it, and static sites are built on it.

use crate::{Engine, Error, context::Pieces};
use aws_lc_rs::digest::{Context, SHA256};
use docker::{ByteStream, ImportOptions};
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Where the binary is in the image.
const BINARY: &str = "wharf";
/// Hexadecimal digits of the binary's digest that name the image.
const DIGEST_LENGTH_DIGITS: usize = 16;
const PIECE_LENGTH_BYTES: usize = 256 * 1024;
const PIECES_WAITING: usize = 4;

/// The image's repository: `wharf/<instance>-base`.
pub(crate) fn repository(engine: &Engine) -> String {
    format!("wharf/{}-base", engine.parts.options.instance.short())
}

/// The image's tag; it is made where it is not there.
///
/// # Errors
/// The binary cannot be read, or the engine not take it.
pub(crate) async fn ensure(engine: &Engine) -> Result<String, Error> {
    let tag = format!("{}:{}", repository(engine), digest(engine).await?);
    let docker = engine.parts.link.engine("image_import")?;
    // Two that make it at a time make it twice, which is harmless but slow.
    let _turn = engine.parts.base_turn.lock().await;
    if docker.image_facts(&tag).await?.is_none() {
        let options = ImportOptions { entrypoint: vec![format!("/{BINARY}")], labels: Vec::new() };
        docker.image_import(packed(engine), &tag, options).await?;
    }
    Ok(tag)
}

/// The digest of our own binary.
///
/// # Errors
/// It cannot be read.
pub(crate) async fn digest(engine: &Engine) -> Result<String, Error> {
    let made = engine.parts.binary_digest.get_or_try_init(|| async {
        let path = engine.parts.options.binary().to_owned();
        let shown = path.display().to_string();
        let read = engine.parts.tasks.spawn_blocking(move || digest_of(&path)).await;
        read.unwrap_or_else(|_| Err(io::Error::other("the reader failed"))).map_err(|source| Error::File { what: format!("the executable {shown}"), source })
    });
    made.await.cloned()
}

fn digest_of(path: &Path) -> io::Result<String> {
    let (mut file, mut digest, mut buffer) = (File::open(path)?, Context::new(&SHA256), vec![0; PIECE_LENGTH_BYTES]);
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => digest.update(&buffer[..read]),
        }
    }
    let mut text: String = digest.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    text.truncate(DIGEST_LENGTH_DIGITS);
    Ok(text)
}

fn packed(engine: &Engine) -> ByteStream {
    let (pieces, receiver) = mpsc::channel(PIECES_WAITING);
    let path = engine.parts.options.binary().to_owned();
    engine.parts.tasks.spawn_blocking(move || {
        let output = io::BufWriter::with_capacity(PIECE_LENGTH_BYTES, Pieces(pieces.clone()));
        if let Err(error) = pack(path, output) {
            // Who received may have gone away, and then the error is of no interest.
            drop(pieces.blocking_send(Err(error)));
        }
    });
    Box::pin(ReceiverStream::new(receiver))
}

fn pack(path: PathBuf, output: impl io::Write) -> io::Result<()> {
    let file = File::open(path)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(file.metadata()?.len());
    header.set_mode(0o755);
    let mut builder = tar::Builder::new(output);
    builder.append_data(&mut header, BINARY, file)?;
    builder.into_inner()?.flush()
}
