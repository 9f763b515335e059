//! A visitor's connection: what is known of it, how long it may idle, how it ends.

use crate::{body::Download, limits, limits::Limits, strict::Strict};
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Notify,
    time::sleep,
};
use tokio_util::task::TaskTracker;

/// How far a server is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Phase {
    /// It accepts connections.
    Open,
    /// Another accepts them. The next answer on each connection is its last; one without a request stays, so that none is lost on its way.
    HandedOver,
    /// Nobody accepts them. Connections without a request are closed.
    Leaving,
    /// What is still open is cut.
    Cut,
}

/// The life of a server: its phase, and all that must end before it may.
#[derive(Debug)]
pub(crate) struct Life {
    phase: AtomicU8,
    changed: Notify,
    /// Connections, tunnels.
    pub(crate) tasks: TaskTracker,
    started: Instant,
}

impl Life {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { phase: AtomicU8::new(Phase::Open as u8), changed: Notify::new(), tasks: TaskTracker::new(), started: Instant::now() })
    }

    /// Milliseconds since the server started; never 0.
    pub(crate) fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64 + 1
    }

    /// The phase.
    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::SeqCst) {
            0 => Phase::Open,
            1 => Phase::HandedOver,
            2 => Phase::Leaving,
            _ => Phase::Cut,
        }
    }

    /// Goes on to a phase; never back.
    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.fetch_max(phase as u8, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// Waits for a phase.
    pub(crate) async fn reached(&self, phase: Phase) {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if self.phase() >= phase {
                return;
            }
            changed.await;
        }
    }

    /// Waits until all connections have ended, and `others` too; after the limit, cuts them.
    pub(crate) async fn drain(&self, limit: Duration, others: impl Future<Output = ()>) {
        self.tasks.close();
        let ended = async { tokio::join!(self.tasks.wait(), others) };
        if tokio::time::timeout(limit, ended).await.is_err() {
            tracing::warn!(open = self.tasks.len(), seconds = limit.as_secs(), "connections outlived the drain limit and are cut");
        }
        self.enter(Phase::Cut);
        self.tasks.wait().await;
    }

    /// Hands each connection to `take` until the server leaves.
    pub(crate) async fn accept(self: &Arc<Self>, listener: &TcpListener, take: impl Fn(TcpStream, SocketAddr)) {
        let mut leaving = pin!(self.reached(Phase::HandedOver));
        loop {
            tokio::select! {
                biased;
                () = &mut leaving => return,
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => take(stream, peer),
                    Err(error) => {
                        // Out of file descriptors, or a visitor who left: neither ends the server.
                        tracing::warn!(%error, "a connection could not be accepted");
                        sleep(Duration::from_millis(20)).await;
                    }
                },
            }
        }
    }
}

/// A visitor's connection.
#[derive(Debug)]
pub(crate) struct Visit {
    /// Their address.
    pub(crate) address: HeaderValue,
    /// Whether they came over TLS.
    pub(crate) secure: bool,
    /// The port they came to.
    pub(crate) port_text: HeaderValue,
    /// The server they came to.
    pub(crate) life: Arc<Life>,
    busy: AtomicUsize,
    /// When the head of a request began that has not ended; 0 when there is none.
    head_since_ms: AtomicU64,
    idle_since_ms: AtomicU64,
    /// A request asked for another protocol: what follows it was not read strictly.
    unread: AtomicBool,
}

/// A request in progress.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Visit>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.idle_since_ms.store(self.0.life.now_ms(), Ordering::Relaxed);
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What to do about a connection now.
enum Verdict {
    LookAgain(Duration),
    Close,
    Cut,
}

impl Visit {
    /// A new connection.
    pub(crate) fn new(peer: SocketAddr, port: u16, secure: bool, life: Arc<Life>) -> Arc<Self> {
        let address: IpAddr = peer.ip().to_canonical();
        let now_ms = life.now_ms();
        Arc::new(Self {
            address: HeaderValue::from_str(&address.to_string()).unwrap_or(HeaderValue::from_static("unknown")),
            secure,
            port_text: HeaderValue::from(port),
            life,
            busy: AtomicUsize::new(0),
            head_since_ms: AtomicU64::new(0),
            idle_since_ms: AtomicU64::new(now_ms),
            unread: AtomicBool::new(false),
        })
    }

    /// Tells whether a head has begun that has not ended.
    pub(crate) fn head_begun(&self, begun: bool) {
        if !begun {
            self.head_since_ms.store(0, Ordering::Relaxed);
        } else if self.head_since_ms.load(Ordering::Relaxed) == 0 {
            self.head_since_ms.store(self.life.now_ms(), Ordering::Relaxed);
        }
    }

    /// Tells that the connection may be about to speak another protocol. If it is not, the next answer is its last.
    pub(crate) fn may_upgrade(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }

    /// Whether no further request is taken on this connection.
    fn ends(&self) -> bool {
        self.life.phase() > Phase::Open || self.unread.load(Ordering::Relaxed)
    }

    fn begin(self: &Arc<Self>) -> Busy {
        self.busy.fetch_add(1, Ordering::Relaxed);
        Busy(self.clone())
    }

    fn verdict(&self, limits: &Limits) -> Verdict {
        let now_ms = self.life.now_ms();
        let left = |since_ms: u64, limit: Duration| {
            (Duration::from_millis(since_ms) + limit).checked_sub(Duration::from_millis(now_ms)).filter(|left| !left.is_zero())
        };
        let look = limits.header_read / 4;
        if self.busy.load(Ordering::Relaxed) > 0 {
            return Verdict::LookAgain(look);
        }
        let head_since_ms = self.head_since_ms.load(Ordering::Relaxed);
        if head_since_ms > 0 {
            return left(head_since_ms, limits.header_read).map_or(Verdict::Cut, |left| Verdict::LookAgain(left.min(look)));
        }
        left(self.idle_since_ms.load(Ordering::Relaxed), limits.idle).map_or(Verdict::Close, |left| Verdict::LookAgain(left.min(look)))
    }

    /// Serves HTTP/1 on a connection until it ends.
    pub(crate) async fn serve_http1<S, F, A>(self: Arc<Self>, stream: S, limits: &Limits, answer: F)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Fn(Request<Incoming>, Arc<Visit>) -> A,
        A: Future<Output = Response<Download>>,
    {
        let mut builder = http1::Builder::new();
        builder.header_read_timeout(None).max_buf_size(limits::HEAD_LIMIT_BYTES).max_header_size(limits::HEAD_LIMIT_BYTES);
        let stream = TokioIo::new(Strict::new(stream, self.clone()));
        let answered = |request| answered(self.clone(), &answer, request, true);
        let connection = builder.serve_connection(stream, service_fn(answered)).with_upgrades();
        self.live(connection, |connection| connection.graceful_shutdown(), limits, Phase::Leaving).await;
    }

    /// Serves HTTP/2 on a connection until it ends.
    pub(crate) async fn serve_http2<S, F, A>(self: Arc<Self>, stream: S, limits: &Limits, answer: F)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Fn(Request<Incoming>, Arc<Visit>) -> A + Clone + Send + 'static,
        A: Future<Output = Response<Download>> + Send + 'static,
    {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new()).keep_alive_interval(Duration::from_secs(20)).keep_alive_timeout(Duration::from_secs(20));
        builder.max_concurrent_streams(limits::STREAMS_LIMIT).max_header_list_size(limits::HEAD_LIMIT_BYTES as u32);
        let answered = |request| answered(self.clone(), answer.clone(), request, false);
        let connection = builder.serve_connection(TokioIo::new(stream), service_fn(answered));
        self.live(connection, |connection| connection.graceful_shutdown(), limits, Phase::HandedOver).await;
    }

    /// Lives a connection to its end: its own, of idleness, or of the server, which a connection is told of from phase `leave` on.
    ///
    /// The wait for a change of phase is only polled when the phase has changed: it takes a lock that all connections would meet at, on every packet.
    async fn live<C: Future>(&self, connection: C, close: impl Fn(Pin<&mut C>), limits: &Limits, leave: Phase) {
        let mut connection = pin!(connection);
        let mut changed = pin!(self.life.changed.notified());
        let mut look = pin!(sleep(limits.header_read / 4));
        let mut seen = None;
        let mut closing = false;
        poll_fn(|context| {
            loop {
                if connection.as_mut().poll(context).is_ready() {
                    return Poll::Ready(());
                }
                let phase = self.life.phase();
                if seen != Some(phase) {
                    seen = Some(phase);
                    changed.set(self.life.changed.notified());
                    if phase == Phase::Cut {
                        return Poll::Ready(());
                    }
                    if phase >= leave && !closing {
                        closing = true;
                        close(connection.as_mut());
                    }
                    if changed.as_mut().poll(context).is_ready() || self.life.phase() != phase {
                        seen = None;
                    }
                    continue;
                }
                if look.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                match self.verdict(limits) {
                    Verdict::LookAgain(after) => look.as_mut().reset(tokio::time::Instant::now() + after),
                    Verdict::Close if !closing => {
                        closing = true;
                        close(connection.as_mut());
                        look.as_mut().reset(tokio::time::Instant::now() + limits.header_read);
                    }
                    Verdict::Close | Verdict::Cut => return Poll::Ready(()),
                }
            }
        })
        .await;
    }
}

/// Answers a request, and counts it as in progress until the answer has been sent. Over HTTP/1 an answer `may_close` its connection.
///
/// The future is made here and not by the caller: hyper moves this one to the heap for each request, and an argument would be in it twice.
async fn answered<F, A>(visit: Arc<Visit>, answer: F, request: Request<Incoming>, may_close: bool) -> Result<Response<Download>, Infallible>
where
    F: Fn(Request<Incoming>, Arc<Visit>) -> A,
    A: Future<Output = Response<Download>>,
{
    let busy = visit.begin();
    visit.head_begun(false);
    let response = answer(request, visit.clone()).await;
    let mut response = response.map(|body| body.with(busy));
    if may_close && visit.ends() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}
