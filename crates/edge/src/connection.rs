//! A connection to an upstream for a request with a body, or for one that asks for another protocol.
//!
//! hyper serves it in a task of its own, since an upload must go on whether or not the answer is being read. Others go over a [`crate::direct`] one.

use crate::{
    listen,
    pool::Kept,
    socket::{Doubt, Socket},
    upload::Upload,
    upstream::Upstream,
};
use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::{TrySendError, http1},
};
use hyper_util::rt::TokioIo;
use std::{io, sync::Arc, time::Duration};
use tokio::net::TcpStream;

/// A connection, idle or in use.
pub(crate) struct Connection {
    sender: http1::SendRequest<Upload>,
    doubt: Doubt,
}

impl Connection {
    /// Connects; `upgradable` for a request that asks for another protocol, whose connection is never pooled.
    pub(crate) async fn open(upstream: &Upstream, limit: Duration, upgradable: bool) -> io::Result<Self> {
        let stream = tokio::time::timeout(limit, TcpStream::connect(upstream.address)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        listen::tune(&stream)?;
        let (socket, doubt) = Socket::new(stream);
        let (sender, connection) = http1::handshake(TokioIo::new(socket)).await.map_err(io::Error::other)?;
        if upgradable {
            tokio::spawn(connection.with_upgrades());
        } else {
            tokio::spawn(connection);
        }
        Ok(Self { sender, doubt })
    }

    /// Sends a request and waits for the head of the answer.
    pub(crate) async fn send(&mut self, request: Request<Upload>) -> Result<Response<Incoming>, TrySendError<Request<Upload>>> {
        self.sender.try_send_request(request).await
    }
}

impl Kept for Connection {
    fn is_open(&mut self, surely: bool) -> bool {
        if surely {
            self.doubt.raise();
        }
        self.sender.is_ready()
    }
}

/// A connection in use for an answer's body.
pub(crate) struct Lease {
    connection: Connection,
    upstream: Arc<Upstream>,
}

impl Lease {
    pub(crate) fn new(connection: Connection, upstream: Arc<Upstream>) -> Self {
        Self { connection, upstream }
    }

    /// Returns the connection to its pool, now or as soon as its upload has ended too.
    pub(crate) fn give_back(mut self) {
        if self.connection.is_open(false) {
            self.upstream.tasked.keep(self.connection);
        } else if !self.connection.sender.is_closed() {
            tokio::spawn(async move {
                if self.connection.sender.ready().await.is_ok() {
                    self.upstream.tasked.keep(self.connection);
                }
            });
        }
    }
}
