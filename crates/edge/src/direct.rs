//! A connection to an upstream for requests without a body, which are nearly all.
//!
//! The visitor's own task writes the request and reads the answer: no other task is woken for it, and nothing is handed from one to another, which is what a
//! proxy spends its time on otherwise. A request with a body, or one that asks for another protocol, goes over a [`crate::connection`].

use crate::{
    container::InFlight,
    listen,
    pool::Kept,
    reply::{self, Extent, Head, Malformed, Piece},
    upstream::Upstream,
};
use bytes::{Bytes, BytesMut};
use hyper::body::Frame;
use rustix::{
    io::Errno,
    net::{RecvFlags, recv},
};
use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::AsyncWrite,
    net::TcpStream,
    time::{Instant, Sleep, sleep_until, timeout},
};
use tokio_util::io::poll_read_buf;

/// How much is read at a time, in bytes, and how much for the rest of an answer once as much has come.
const READ_BYTES: usize = 8 * 1024;
const LONG_READ_BYTES: usize = 64 * 1024;

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// Nothing of the request was sent.
    #[error("the connection was closed before the request was sent: {0}")]
    Unsent(io::Error),
    /// The container has the request and says nothing.
    #[error("no answer came in time")]
    Silent,
    /// The connection broke off.
    #[error("the connection was closed before the answer: {0}")]
    Broken(#[from] io::Error),
    /// The answer is not HTTP.
    #[error("the answer cannot be read: {0}")]
    Malformed(#[from] Malformed),
}

/// A connection, idle or in use.
pub(crate) struct Direct {
    stream: TcpStream,
    /// What was read and not yet taken.
    arrived: BytesMut,
    read_bytes: usize,
    /// The head of the request.
    head: Vec<u8>,
    sent: usize,
    /// Until when the container may be silent.
    due: Instant,
    /// Wakes at a moment that has been due once. It is only set when it has passed, not for each request.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Direct {
    /// Connects.
    pub(crate) async fn open(upstream: &Upstream, limit: Duration) -> io::Result<Self> {
        let stream = timeout(limit, TcpStream::connect(upstream.address)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        listen::tune(&stream)?;
        Ok(Self { stream, arrived: BytesMut::new(), read_bytes: READ_BYTES, head: Vec::new(), sent: 0, due: Instant::now(), alarm: None })
    }

    /// Sends a request whose head is written by `write`, and waits for the head of the answer, so long.
    pub(crate) async fn ask(&mut self, limit: Duration, to_head: bool, write: impl FnOnce(&mut Vec<u8>)) -> Result<Head, Unanswered> {
        self.head.clear();
        self.sent = 0;
        write(&mut self.head);
        self.due = Instant::now() + limit;
        poll_fn(|context| match self.poll_answer(context, to_head) {
            Poll::Pending if self.is_overdue(context) => Poll::Ready(Err(Unanswered::Silent)),
            polled => polled,
        })
        .await
    }

    fn poll_answer(&mut self, context: &mut Context<'_>, to_head: bool) -> Poll<Result<Head, Unanswered>> {
        while self.sent < self.head.len() {
            match ready!(Pin::new(&mut self.stream).poll_write(context, &self.head[self.sent..])) {
                Ok(count) => self.sent += count,
                Err(error) if self.sent == 0 => return Poll::Ready(Err(Unanswered::Unsent(error))),
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
        loop {
            if let Some(head) = reply::head(&mut self.arrived, to_head)? {
                return Poll::Ready(Ok(head));
            }
            if ready!(self.poll_read(context))? == 0 {
                return Poll::Ready(Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()));
            }
        }
    }

    fn is_overdue(&mut self, context: &mut Context<'_>) -> bool {
        let due = self.due;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(due)));
        while alarm.as_mut().poll(context).is_ready() {
            if due <= Instant::now() {
                return true;
            }
            alarm.as_mut().reset(due);
        }
        false
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        // Takes the room of what has been sent on where that is gone, so that the same memory is used over and over.
        self.arrived.reserve(self.read_bytes);
        let count = ready!(poll_read_buf(Pin::new(&mut self.stream), context, &mut self.arrived))?;
        if count >= self.read_bytes {
            self.read_bytes = LONG_READ_BYTES;
        }
        Poll::Ready(Ok(count))
    }

    /// Lets go of more memory than a usual request and answer need.
    fn rest(&mut self) {
        if self.read_bytes > READ_BYTES {
            self.read_bytes = READ_BYTES;
            self.arrived = BytesMut::new();
        }
        if self.head.capacity() > READ_BYTES {
            self.head = Vec::new();
        }
    }
}

impl Kept for Direct {
    /// Whether the container has neither closed it nor said anything unasked.
    fn is_open(&mut self, surely: bool) -> bool {
        if surely {
            return matches!(recv(&self.stream, &mut [0; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT), Err(Errno::AGAIN));
        }
        self.stream.try_read(&mut [0; 1]).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }
}

/// The body of an answer, and the connection that it comes over, which is kept once it has ended.
pub(crate) struct DirectBody {
    /// None once it is kept.
    connection: Option<Direct>,
    pub(crate) extent: Extent,
    keeps: bool,
    upstream: Arc<Upstream>,
    _in_flight: InFlight,
}

impl DirectBody {
    pub(crate) fn new(connection: Direct, extent: Extent, keeps: bool, upstream: Arc<Upstream>, in_flight: InFlight) -> Self {
        Self { connection: Some(connection), extent, keeps, upstream, _in_flight: in_flight }
    }

    pub(crate) fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Some(connection) = &mut self.connection else { return Poll::Ready(None) };
        loop {
            match self.extent.next(&mut connection.arrived).map_err(io::Error::other)? {
                Piece::Data(data) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Piece::Trailers(trailers) => return Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
                Piece::End => return Poll::Ready(None),
                Piece::Awaited => match ready!(connection.poll_read(context))? {
                    0 if self.extent == Extent::Close => {
                        self.extent = Extent::Ended;
                        self.keeps = false;
                    }
                    0 => return Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::UnexpectedEof)))),
                    _ => {}
                },
            }
        }
    }
}

impl Drop for DirectBody {
    fn drop(&mut self) {
        if self.keeps
            && self.extent == Extent::Ended
            && let Some(mut connection) = self.connection.take()
            && connection.arrived.is_empty()
        {
            connection.rest();
            self.upstream.direct.keep(connection);
        }
    }
}
