//! What a container's answer says: its head, by the parser that hyper uses too, and where its body ends.

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version, header};
use httparse::Status;
use hyper::ext::ReasonPhrase;
use std::mem::MaybeUninit;

/// Longest head, trailers, or line with the size of a chunk, in bytes.
const HEAD_LIMIT_BYTES: usize = 256 * 1024;
/// Most headers in a head or in trailers.
const HEADERS_LIMIT: usize = 100;

/// Why an answer cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(&'static str);

/// The head of an answer.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) response: Response<()>,
    /// Where its body ends.
    pub(crate) extent: Extent,
    /// Whether the connection may be used again behind the body.
    pub(crate) keeps: bool,
}

/// How much of a body is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// So many bytes.
    Bytes(u64),
    /// Chunks, of which one begins.
    ChunkSize,
    /// So many bytes of this chunk, and others.
    Chunk(u64),
    /// The end of this chunk, and others.
    ChunkEnd,
    /// What follows the last chunk.
    Trailers,
    /// All until the container closes.
    Close,
    /// Nothing.
    Ended,
}

/// What is next in a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Data(Bytes),
    Trailers(HeaderMap),
    /// It has not arrived yet.
    Awaited,
    End,
}

/// Takes the head of the answer to a request out of what has arrived; `None` until it has arrived as a whole. Heads that only announce one are skipped.
pub(crate) fn head(arrived: &mut BytesMut, to_head: bool) -> Result<Option<Head>, Malformed> {
    while !arrived.is_empty() {
        let mut space = [const { MaybeUninit::uninit() }; HEADERS_LIMIT];
        let mut parsed = httparse::Response::new(&mut []);
        let parsing = httparse::ParserConfig::default().parse_response_with_uninit_headers(&mut parsed, arrived, &mut space);
        let Status::Complete(length) = parsing.map_err(|_| Malformed("its head is not HTTP/1"))? else {
            return if arrived.len() < HEAD_LIMIT_BYTES { Ok(None) } else { Err(Malformed("its head is too long")) };
        };
        let status = parsed.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or(Malformed("its status is none"))?;
        if status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS {
            arrived.advance(length);
            continue;
        }
        let mut response = Response::new(());
        *response.status_mut() = status;
        if parsed.version == Some(0) {
            *response.version_mut() = Version::HTTP_10;
        }
        if let Some(reason) = parsed.reason.filter(|reason| status.canonical_reason() != Some(reason))
            && let Ok(reason) = ReasonPhrase::try_from(reason.as_bytes())
        {
            response.extensions_mut().insert(reason);
        }
        let places = places(arrived, parsed.headers);
        let bytes = arrived.split_to(length).freeze();
        *response.headers_mut() = taken(&bytes, &places)?;
        let extent = extent(&mut response, to_head)?;
        let keeps = keeps(&response);
        return Ok(Some(Head { response, extent, keeps }));
    }
    Ok(None)
}

type Places = [[usize; 4]];

/// Where the names and values are, from where to where.
fn places(bytes: &[u8], headers: &[httparse::Header<'_>]) -> Vec<[usize; 4]> {
    let begin = |part: *const u8| part.addr() - bytes.as_ptr().addr();
    let place = |header: &httparse::Header<'_>| {
        let (name, value) = (begin(header.name.as_ptr()), begin(header.value.as_ptr()));
        [name, name + header.name.len(), value, value + header.value.len()]
    };
    headers.iter().map(place).collect()
}

/// The headers at these places; their values are not copied.
fn taken(bytes: &Bytes, places: &Places) -> Result<HeaderMap, Malformed> {
    let mut headers = HeaderMap::with_capacity(places.len());
    for [name, name_end, value, value_end] in places.iter().copied() {
        let name = HeaderName::from_bytes(&bytes[name..name_end]).map_err(|_| Malformed("the name of a header is none"))?;
        let value = HeaderValue::from_maybe_shared(bytes.slice(value..value_end)).map_err(|_| Malformed("the value of a header is none"))?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// Where the body ends, by RFC 9112, section 6.3. A length beside chunks goes: it does not count, and nobody behind shall think so.
fn extent(response: &mut Response<()>, to_head: bool) -> Result<Extent, Malformed> {
    let status = response.status();
    if to_head || status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
        return Ok(Extent::Ended);
    }
    if let Some(last) = response.headers().get_all(header::TRANSFER_ENCODING).iter().next_back() {
        if response.version() == Version::HTTP_10 {
            return Err(Malformed("HTTP/1.0 knows no Transfer-Encoding"));
        }
        let chunked = last.as_bytes().rsplit(|byte| *byte == b',').next().is_some_and(|last| last.trim_ascii().eq_ignore_ascii_case(b"chunked"));
        response.headers_mut().remove(header::CONTENT_LENGTH);
        return Ok(if chunked { Extent::ChunkSize } else { Extent::Close });
    }
    let mut known = None;
    for written in response.headers().get_all(header::CONTENT_LENGTH).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b',')) {
        let written = written.trim_ascii();
        let digits = std::str::from_utf8(written).ok().filter(|_| written.iter().all(u8::is_ascii_digit));
        let length = digits.and_then(|digits| digits.parse().ok()).ok_or(Malformed("its Content-Length is no number"))?;
        if known.replace(length).is_some_and(|before| before != length) {
            return Err(Malformed("it has two lengths"));
        }
    }
    Ok(match known {
        Some(0) => Extent::Ended,
        Some(length) => Extent::Bytes(length),
        None => Extent::Close,
    })
}

fn keeps(response: &Response<()>) -> bool {
    let said = |word: &[u8]| {
        let mut tokens = response.headers().get_all(header::CONNECTION).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        tokens.any(|token| token.trim_ascii().eq_ignore_ascii_case(word))
    };
    !said(b"close") && (response.version() == Version::HTTP_11 || said(b"keep-alive"))
}

impl Extent {
    /// Takes what is next out of what has arrived.
    pub(crate) fn next(&mut self, arrived: &mut BytesMut) -> Result<Piece, Malformed> {
        loop {
            match *self {
                Self::Ended => return Ok(Piece::End),
                _ if arrived.is_empty() => return Ok(Piece::Awaited),
                Self::Close => return Ok(Piece::Data(arrived.split().freeze())),
                Self::Bytes(left) => return Ok(Piece::Data(self.stretch(arrived, left, Self::Bytes, Self::Ended))),
                Self::Chunk(left) => return Ok(Piece::Data(self.stretch(arrived, left, Self::Chunk, Self::ChunkEnd))),
                Self::ChunkEnd if arrived.len() < 2 => return Ok(Piece::Awaited),
                Self::ChunkEnd if arrived.starts_with(b"\r\n") => {
                    arrived.advance(2);
                    *self = Self::ChunkSize;
                }
                Self::ChunkEnd => return Err(Malformed("a chunk is longer than it says")),
                Self::ChunkSize if !arrived[0].is_ascii_hexdigit() => return Err(Malformed("a chunk has no size")),
                Self::ChunkSize => match httparse::parse_chunk_size(arrived) {
                    Ok(Status::Complete((length, size))) => {
                        arrived.advance(length);
                        *self = if size == 0 { Self::Trailers } else { Self::Chunk(size) };
                    }
                    Ok(Status::Partial) => return awaited(arrived),
                    Err(_) => return Err(Malformed("a chunk has no size")),
                },
                Self::Trailers => {
                    let mut space = [httparse::EMPTY_HEADER; HEADERS_LIMIT];
                    let (length, places) = match httparse::parse_headers(arrived, &mut space) {
                        Ok(Status::Complete((length, headers))) => (length, places(arrived, headers)),
                        Ok(Status::Partial) => return awaited(arrived),
                        Err(_) => return Err(Malformed("its trailers are no headers")),
                    };
                    let trailers = taken(&arrived.split_to(length).freeze(), &places)?;
                    *self = Self::Ended;
                    return Ok(if trailers.is_empty() { Piece::End } else { Piece::Trailers(trailers) });
                }
            }
        }
    }

    fn stretch(&mut self, arrived: &mut BytesMut, left: u64, more: fn(u64) -> Self, then: Self) -> Bytes {
        let step = usize::try_from(left).unwrap_or(usize::MAX).min(arrived.len());
        let left = left - step as u64;
        *self = if left == 0 { then } else { more(left) };
        arrived.split_to(step).freeze()
    }
}

fn awaited(arrived: &BytesMut) -> Result<Piece, Malformed> {
    if arrived.len() < HEAD_LIMIT_BYTES { Ok(Piece::Awaited) } else { Err(Malformed("a chunk says too much of itself")) }
}

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
