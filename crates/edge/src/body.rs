//! The bodies of answers, on their way down to the visitor.

use crate::{connection::Lease, container::InFlight, direct::DirectBody, reply::Extent, visitor::Busy};
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::AsyncRead;

/// Why a body broke off.
pub(crate) type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// The body of an answer to a visitor. The visitor counts as busy until it is dropped.
pub(crate) struct Download {
    kind: Kind,
    _busy: Option<Busy>,
}

enum Kind {
    Whole(Option<Bytes>),
    File(FileBody),
    Direct(DirectBody),
    Leased(Leased),
}

impl Download {
    /// A body that is in memory.
    pub(crate) fn whole(content: impl Into<Bytes>) -> Self {
        let content: Bytes = content.into();
        Self { kind: Kind::Whole((!content.is_empty()).then_some(content)), _busy: None }
    }

    /// So many bytes of a file, from where it stands.
    pub(crate) fn file(file: tokio::fs::File, length_bytes: u64) -> Self {
        Self { kind: Kind::File(FileBody { file, left: length_bytes, buffer: vec![0; FILE_CHUNK_BYTES] }), _busy: None }
    }

    /// A container's body.
    pub(crate) fn relayed(body: DirectBody) -> Self {
        Self { kind: Kind::Direct(body), _busy: None }
    }

    /// A container's body over a connection that has a task of its own.
    pub(crate) fn leased(body: Incoming, lease: Lease, in_flight: InFlight) -> Self {
        Self { kind: Kind::Leased(Leased { body, ended: false, lease: Some(lease), _in_flight: in_flight }), _busy: None }
    }

    /// This body, keeping its visitor busy.
    pub(crate) fn with(self, busy: Busy) -> Self {
        Self { _busy: Some(busy), ..self }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.get_mut().kind {
            Kind::Whole(content) => Poll::Ready(content.take().map(|content| Ok(Frame::data(content)))),
            Kind::File(file) => file.poll_chunk(context),
            Kind::Direct(body) => body.poll_frame(context).map_err(BodyError::from),
            Kind::Leased(leased) => leased.poll_frame(context).map_err(BodyError::from),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Whole(content) => content.is_none(),
            Kind::File(file) => file.left == 0,
            Kind::Direct(body) => body.extent == Extent::Ended,
            Kind::Leased(leased) => leased.ended || leased.body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Whole(content) => SizeHint::with_exact(content.as_ref().map_or(0, |content| content.len() as u64)),
            Kind::File(file) => SizeHint::with_exact(file.left),
            Kind::Direct(body) => match body.extent {
                Extent::Ended => SizeHint::with_exact(0),
                Extent::Bytes(left) => SizeHint::with_exact(left),
                _ => SizeHint::default(),
            },
            Kind::Leased(leased) => leased.body.size_hint(),
        }
    }
}

/// A container's body on its way down. Its connection goes back to the pool at the end.
struct Leased {
    body: Incoming,
    /// Its end was read. A body without a length does not know its end before.
    ended: bool,
    lease: Option<Lease>,
    _in_flight: InFlight,
}

impl Leased {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        self.ended |= matches!(polled, Poll::Ready(None));
        polled
    }
}

impl Drop for Leased {
    fn drop(&mut self) {
        if (self.ended || self.body.is_end_stream())
            && let Some(lease) = self.lease.take()
        {
            lease.give_back();
        }
    }
}

const FILE_CHUNK_BYTES: usize = 64 * 1024;

/// A stretch of a file.
struct FileBody {
    file: tokio::fs::File,
    left: u64,
    buffer: Vec<u8>,
}

impl FileBody {
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let want = usize::try_from(self.left).unwrap_or(FILE_CHUNK_BYTES).min(FILE_CHUNK_BYTES);
        let mut buffer = tokio::io::ReadBuf::new(&mut self.buffer[..want]);
        match Pin::new(&mut self.file).poll_read(context, &mut buffer) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was sent").into())))
            }
            Poll::Ready(Ok(())) => {
                let chunk = Bytes::copy_from_slice(buffer.filled());
                self.left -= chunk.len() as u64;
                Poll::Ready(Some(Ok(Frame::data(chunk))))
            }
        }
    }
}
