//! A connection to an upstream.
//!
//! A request without a body drives its connection itself, in the visitor's own task: no task is woken for the answer, which is what a proxy spends most of
//! its time on otherwise. A request with a body gets a connection that has a task, since the upload must go on whether or not the answer is being read.

use crate::{
    listen,
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
use std::{
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Waker},
    time::{Duration, Instant},
};
use tokio::net::TcpStream;

type Driver = Box<http1::Connection<TokioIo<Socket>, Upload>>;

/// A connection to an upstream, idle or in use.
pub(crate) struct Connection {
    sender: http1::SendRequest<Upload>,
    /// Who drives it: `None` when a task of its own does, or when it is closed.
    driver: Option<Driver>,
    doubt: Doubt,
    /// When it was last in use.
    pub(crate) since: Instant,
    /// Whether it has carried a request before.
    pub(crate) reused: bool,
}

impl Connection {
    /// Connects; `upgradable` for a request that asks for another protocol, whose connection is never pooled.
    pub(crate) async fn open(upstream: &Upstream, limit: Duration, upgradable: bool) -> io::Result<Self> {
        let stream = tokio::time::timeout(limit, TcpStream::connect(upstream.address)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        listen::tune(&stream)?;
        let (socket, doubt) = Socket::new(stream);
        let (sender, connection) = http1::handshake(TokioIo::new(socket)).await.map_err(io::Error::other)?;
        let mut opened = Self { sender, driver: None, doubt, since: Instant::now(), reused: false };
        if upgradable {
            tokio::spawn(connection.with_upgrades());
        } else {
            opened.driver = Some(Box::new(connection));
        }
        Ok(opened)
    }

    /// Gives the connection a task of its own.
    pub(crate) fn detach(&mut self) {
        if let Some(driver) = self.driver.take() {
            tokio::spawn(driver);
        }
    }

    /// Lets the connection read and write; a closed one is noticed here.
    pub(crate) fn drive(&mut self, context: &mut Context<'_>) {
        if let Some(driver) = &mut self.driver
            && Pin::new(driver).poll(context).is_ready()
        {
            self.driver = None;
        }
    }

    /// Has it look once more whether the container has closed it: now, or, where a task drives it, before it sends the next request.
    pub(crate) fn doubt(&self) {
        self.doubt.raise();
    }

    /// Whether it can take a request now.
    pub(crate) fn is_ready(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.sender.is_ready()
    }

    /// Sends a request and waits for the head of the answer.
    pub(crate) async fn send(&mut self, request: Request<Upload>) -> Result<Response<Incoming>, TrySendError<Request<Upload>>> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let driver = &mut self.driver;
        poll_fn(|context| {
            if let Some(running) = driver
                && Pin::new(running).poll(context).is_ready()
            {
                *driver = None;
            }
            answer.as_mut().poll(context)
        })
        .await
    }

    async fn ready(&mut self) -> bool {
        self.sender.ready().await.is_ok()
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

    /// Lets the connection read and write.
    pub(crate) fn drive(&mut self, context: &mut Context<'_>) {
        self.connection.drive(context);
    }

    /// Returns the connection to its pool, now or, with a task of its own, as soon as its upload has ended too.
    pub(crate) fn give_back(mut self) {
        if self.connection.is_ready() {
            self.upstream.keep(self.connection);
        } else if self.connection.driver.is_none() && !self.connection.sender.is_closed() {
            tokio::spawn(async move {
                if self.connection.ready().await {
                    self.upstream.keep(self.connection);
                }
            });
        }
    }
}
