//! Reads a visitor's HTTP/1 bytes before hyper does, and spoils those that two programs could read in two ways.
//!
//! hyper is lenient where the protocol lets it be: it takes a bare line feed for a line end, equal Content-Length headers for one, and Transfer-Encoding over
//! Content-Length. What it forwards is unambiguous, but a proxy in front of the edge may have read something else, and that difference is what request
//! smuggling lives on. This reader follows the framing of the stream, and replaces the end of an offending line by a byte that hyper refuses with 400.

use crate::visitor::Visit;
use memchr::memchr;
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Longest piece of a line that is kept while its rest is on its way, in bytes; hyper answers 431 before that.
const LINE_LIMIT_BYTES: usize = 128 * 1024;
/// Empty lines taken before a request: some programs end a body with one too many.
const EMPTY_LINES: u8 = 2;
/// Longest message that is copied to be sent in one piece, in bytes: cheaper than telling the system of each piece.
const SMALL_BYTES: usize = 1024;
/// In no message: makes hyper answer 400.
const SPOILT: u8 = 0;

/// Where the stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Before a request, so many empty lines in.
    Start(u8),
    Headers,
    /// So many bytes of a body are to come.
    Body(u64),
    ChunkSize,
    /// So many bytes of a chunk and its line end are to come.
    Chunk(u64),
    Trailers,
    /// Another protocol: not looked at.
    Raw,
    Spoilt,
}

/// What the headers of a request have said so far.
#[derive(Debug, Default)]
struct Said {
    length: Option<u64>,
    chunked: bool,
    host: bool,
    upgrade: bool,
}

/// The framing of a stream of requests.
#[derive(Debug)]
pub(crate) struct Framing {
    stage: Stage,
    said: Said,
    line: Vec<u8>,
}

impl Default for Framing {
    fn default() -> Self {
        Self { stage: Stage::Start(0), said: Said::default(), line: Vec::new() }
    }
}

/// A line that is refused.
struct Offence;

impl Framing {
    /// Takes the next bytes of the stream. Returns how many of them hyper may see; fewer than all once a line was spoilt.
    fn take(&mut self, data: &mut [u8]) -> usize {
        let mut at = 0;
        while at < data.len() {
            match self.stage {
                Stage::Raw => return data.len(),
                Stage::Spoilt => return at,
                Stage::Body(left) => at += self.skip(left, data.len() - at, Stage::Body, Stage::Start(0)),
                Stage::Chunk(left) => at += self.skip(left, data.len() - at, Stage::Chunk, Stage::ChunkSize),
                _ => {
                    let Some(end) = memchr(b'\n', &data[at..]) else {
                        self.line.extend_from_slice(&data[at..]);
                        if self.line.len() > LINE_LIMIT_BYTES {
                            self.stage = Stage::Spoilt;
                        }
                        return data.len();
                    };
                    let end = at + end;
                    if self.line_ends(&data[at..end]).is_err() {
                        self.stage = Stage::Spoilt;
                        data[end] = SPOILT;
                        return end + 1;
                    }
                    at = end + 1;
                }
            }
        }
        data.len()
    }

    fn skip(&mut self, left: u64, have: usize, more: fn(u64) -> Stage, then: Stage) -> usize {
        let step = usize::try_from(left).unwrap_or(usize::MAX).min(have);
        let left = left - step as u64;
        self.stage = if left == 0 { then } else { more(left) };
        step
    }

    /// Takes the rest of a line, without its line feed.
    fn line_ends(&mut self, rest: &[u8]) -> Result<(), Offence> {
        if self.line.is_empty() {
            return self.line_is(rest.strip_suffix(b"\r").ok_or(Offence)?);
        }
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(rest);
        let outcome = self.line_is(line.strip_suffix(b"\r").ok_or(Offence)?);
        line.clear();
        self.line = line;
        outcome
    }

    fn line_is(&mut self, line: &[u8]) -> Result<(), Offence> {
        // Without a way out in the middle, which lets many bytes be looked at together.
        if line.iter().fold(false, |found, byte| found | (*byte < b' ' && *byte != b'\t') | (*byte == 0x7f)) {
            return Err(Offence);
        }
        self.stage = match self.stage {
            Stage::Start(EMPTY_LINES) if line.is_empty() => return Err(Offence),
            Stage::Start(before) if line.is_empty() => Stage::Start(before + 1),
            Stage::Start(_) => {
                self.said = Said::default();
                Stage::Headers
            }
            Stage::Headers if line.is_empty() => self.said.body(),
            Stage::Headers => {
                self.said.header(line)?;
                Stage::Headers
            }
            Stage::ChunkSize => match chunk_size(line)? {
                0 => Stage::Trailers,
                size => Stage::Chunk(size + 2),
            },
            Stage::Trailers if line.is_empty() => Stage::Start(0),
            other => other,
        };
        Ok(())
    }

    /// Whether a request has begun and its head has not ended.
    fn in_head(&self) -> bool {
        matches!(self.stage, Stage::Headers) || (matches!(self.stage, Stage::Start(_)) && !self.line.is_empty())
    }
}

impl Said {
    fn header(&mut self, line: &[u8]) -> Result<(), Offence> {
        let colon = memchr(b':', line).ok_or(Offence)?;
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        // A line that begins with a blank continues the one before, a blank before the colon hides a name from some.
        if name.is_empty() || name.iter().any(|byte| *byte == b' ' || *byte == b'\t') {
            return Err(Offence);
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = std::str::from_utf8(value.trim_ascii()).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            let length = length.and_then(|text| text.parse().ok()).ok_or(Offence)?;
            if self.chunked || self.length.replace(length).is_some() {
                return Err(Offence);
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if self.length.is_some() || self.chunked || !value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                return Err(Offence);
            }
            self.chunked = true;
        } else if name.eq_ignore_ascii_case(b"host") {
            if std::mem::replace(&mut self.host, true) {
                return Err(Offence);
            }
        } else if name.eq_ignore_ascii_case(b"upgrade") {
            self.upgrade = true;
        }
        Ok(())
    }

    /// What follows the head.
    fn body(&self) -> Stage {
        match self.length {
            _ if self.upgrade => Stage::Raw,
            _ if self.chunked => Stage::ChunkSize,
            Some(length) if length > 0 => Stage::Body(length),
            _ => Stage::Start(0),
        }
    }
}

fn chunk_size(line: &[u8]) -> Result<u64, Offence> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii_end();
    if digits.is_empty() || digits.len() > 15 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(Offence);
    }
    std::str::from_utf8(digits).ok().and_then(|text| u64::from_str_radix(text, 16).ok()).ok_or(Offence)
}

/// A visitor's stream, strictly read.
pub(crate) struct Strict<S> {
    stream: S,
    framing: Framing,
    visit: Arc<Visit>,
}

impl<S> Strict<S> {
    pub(crate) fn new(stream: S, visit: Arc<Visit>) -> Self {
        Self { stream, framing: Framing::default(), visit }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Strict<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        std::task::ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        if this.framing.stage != Stage::Raw {
            let seen = this.framing.take(&mut buffer.filled_mut()[before..]);
            buffer.set_filled(before + seen);
            this.visit.head_begun(this.framing.in_head());
            if this.framing.stage == Stage::Raw {
                this.visit.may_upgrade();
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Strict<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, data)
    }

    fn poll_write_vectored(self: Pin<&mut Self>, context: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let stream = Pin::new(&mut self.get_mut().stream);
        let length: usize = slices.iter().map(|slice| slice.len()).sum();
        if length > SMALL_BYTES {
            return stream.poll_write_vectored(context, slices);
        }
        let (mut whole, mut at) = ([0; SMALL_BYTES], 0);
        for slice in slices {
            whole[at..at + slice.len()].copy_from_slice(slice);
            at += slice.len();
        }
        stream.poll_write(context, &whole[..length])
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
#[path = "strict_tests.rs"]
mod tests;
