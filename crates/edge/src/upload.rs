//! The body of a request on its way up to a container, and how much of it can be sent again.
//!
//! A container may close a kept connection in the moment in which a request is sent over it. Then a body can begin anew on another connection as long as none
//! of it was sent; the body of a request that may be repeated, as long as all that was sent is still in memory.

use crate::limits::KEPT_LIMIT_BYTES;
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

/// The body of a request to a container.
#[derive(Debug)]
pub(crate) enum Upload {
    /// None.
    Nothing,
    /// The visitor's, as it comes.
    Visitor(Attempt),
}

impl Upload {
    /// The body of a visitor's request; its first pieces are kept where the request `repeats`.
    pub(crate) fn of(body: Incoming, repeats: bool) -> Self {
        if body.is_end_stream() {
            return Self::Nothing;
        }
        let state = State { body, ended: false, attempt: 0, kept: Vec::new(), left_bytes: if repeats { KEPT_LIMIT_BYTES } else { 0 }, whole: true };
        Self::Visitor(Attempt { source: Arc::new(Source { pieces: AtomicU64::new(0), state: Mutex::new(state) }), number: 0, at: 0 })
    }

    /// Where it comes from; nowhere without a body.
    pub(crate) fn source(&self) -> Option<Arc<Source>> {
        match self {
            Self::Nothing => None,
            Self::Visitor(attempt) => Some(attempt.source.clone()),
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Nothing => Poll::Ready(None),
            Self::Visitor(attempt) => attempt.poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Visitor(attempt) => attempt.source.state().ends_at(attempt.at),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Nothing => SizeHint::with_exact(0),
            Self::Visitor(attempt) => attempt.source.state().size_hint(attempt.at),
        }
    }
}

/// One attempt to send a visitor's body.
#[derive(Debug)]
pub(crate) struct Attempt {
    source: Arc<Source>,
    number: u32,
    /// How many of the pieces that are kept it has sent.
    at: usize,
}

impl Attempt {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let mut state = self.source.state();
        if state.attempt != self.number {
            return Poll::Ready(None); // It was given up: the body is another attempt's.
        }
        let frame = match state.kept.get(self.at) {
            Some(piece) => Some(Ok(Frame::data(piece.clone()))),
            None => ready!(state.poll_next(context)),
        };
        self.at = state.kept.len().min(self.at + 1);
        self.source.pieces.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(frame)
    }
}

/// A visitor's body, shared by the attempts to send it, of which only the last may read it.
#[derive(Debug)]
pub(crate) struct Source {
    /// How often a connection took a piece.
    pieces: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    body: Incoming,
    ended: bool,
    /// The attempt that reads now.
    attempt: u32,
    /// What was read, as long as it is kept.
    kept: Vec<Bytes>,
    /// How much more is kept, in bytes.
    left_bytes: usize,
    /// Whether all that was read is kept.
    whole: bool,
}

impl Source {
    /// How often a connection took a piece.
    pub(crate) fn pieces(&self) -> u64 {
        self.pieces.load(Ordering::Relaxed)
    }

    /// The body from its beginning, for another attempt; none where a part of it is gone.
    pub(crate) fn again(self: Arc<Self>) -> Option<Upload> {
        let mut state = self.state();
        if !state.whole {
            return None;
        }
        state.attempt += 1;
        let number = state.attempt;
        drop(state);
        Some(Upload::Visitor(Attempt { source: self, number, at: 0 }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Reads on, and keeps what may be needed again.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        self.ended = frame.is_none();
        match frame.as_ref().map(|frame| frame.as_ref().ok().and_then(Frame::data_ref)) {
            None => {}
            Some(Some(piece)) if self.whole && piece.len() <= self.left_bytes => {
                self.left_bytes -= piece.len();
                self.kept.push(piece.clone());
            }
            Some(_) => {
                self.whole = false;
                self.kept.clear();
            }
        }
        Poll::Ready(frame)
    }

    fn ends_at(&self, at: usize) -> bool {
        at >= self.kept.len() && (self.ended || self.body.is_end_stream())
    }

    fn size_hint(&self, at: usize) -> SizeHint {
        let again: usize = self.kept.iter().skip(at).map(Bytes::len).sum();
        let (again, rest) = (again as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(again + rest.lower());
        if let Some(upper) = rest.upper() {
            hint.set_upper(again + upper);
        }
        hint
    }
}
