//! The stream of a connection to an upstream.
//!
//! The runtime reads from a stream when the operating system has told it that there is something, and hears of that a moment later. In that moment a connection
//! that the other side has closed still looks open. A stream that is in doubt asks the operating system itself at its next read.

use rustix::{
    io::Errno,
    net::{RecvFlags, recv},
};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// Puts a stream in doubt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doubt(Arc<AtomicBool>);

impl Doubt {
    /// Has the stream look for itself at its next read.
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn settle(&self) -> bool {
        self.0.load(Ordering::Relaxed) && self.0.swap(false, Ordering::Acquire)
    }
}

/// A stream that can be doubted.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    doubt: Doubt,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream) -> (Self, Doubt) {
        let doubt = Doubt::default();
        (Self { stream, doubt: doubt.clone() }, doubt)
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.doubt.settle() {
            match recv(&self.stream, buffer.initialize_unfilled(), RecvFlags::DONTWAIT) {
                Ok((_, count)) => {
                    buffer.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, pieces: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
