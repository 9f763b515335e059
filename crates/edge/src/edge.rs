//! An edge from its start to its end.

use crate::{
    Error, Limits, control, forward,
    handoff::{self, Takeover},
    limits::HANDSHAKE_LIMIT,
    listen,
    shared::Shared,
    tls::Certificates,
    visitor::{Phase, Visit},
};
use model::edge::{CONTROL_SOCKET, HANDOFF_SOCKET};
use rustix::process::{Resource, getrlimit, setrlimit};
use std::{fs, io, net::SocketAddr, os::unix::fs::DirBuilderExt, path::PathBuf, sync::Arc, time::Duration};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How often connections to upstreams are looked at.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// How an edge is set up.
#[derive(Debug, Clone)]
pub struct EdgeOptions {
    /// The folder of its table, certificates and sockets.
    pub state: PathBuf,
    /// Where it listens for HTTP.
    pub http: SocketAddr,
    /// Where it listens for HTTPS.
    pub https: SocketAddr,
    /// The version it reports.
    pub version: String,
    /// How long open connections may take to end when it leaves.
    pub drain_limit: Duration,
}

/// An edge that listens.
pub struct Edge {
    shared: Arc<Shared>,
    sockets: Arc<(TcpListener, TcpListener)>,
    predecessor: Option<tokio::net::UnixStream>,
}

/// Runs an edge until `shutdown`, or until a successor has taken over, and its connections have ended.
///
/// # Errors
/// When it cannot listen, or its state folder cannot be used.
pub async fn run(options: EdgeOptions, shutdown: impl Future<Output = ()> + Send) -> Result<(), Error> {
    Edge::start(options, Limits::default()).await?.serve(shutdown).await
}

impl Edge {
    /// Listens, taking the sockets over where an edge runs on the same state folder, and loads the table and the certificates that were saved there.
    ///
    /// # Errors
    /// When it cannot listen, or its state folder cannot be used.
    pub async fn start(options: EdgeOptions, limits: Limits) -> Result<Self, Error> {
        raise_descriptor_limit();
        let failed = |act| {
            let path = options.state.clone();
            move |source| Error::State { act, path, source }
        };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&options.state).map_err(failed("create"))?;
        let certificates = Certificates::load(&options.state)?;
        let takeover = handoff::ask(&options.state.join(HANDOFF_SOCKET)).await.map_err(failed("take over the sockets of the edge in"))?;
        let (http, https, predecessor) = match takeover {
            Some(Takeover { sockets: (http, https), stream }) => (wanted(http, options.http).await?, wanted(https, options.https).await?, Some(stream)),
            None => (listen::tcp(options.http).await?, listen::tcp(options.https).await?, None),
        };
        let port = |listener: &TcpListener, address| listener.local_addr().map(|bound| bound.port()).map_err(|source| Error::Listen { address, source });
        let ports = (port(&http, options.http)?, port(&https, options.https)?);
        let shared = Shared::new(options, limits, certificates, ports);
        if let Err(error) = shared.reload().await {
            // An edge that does not start could not be given another table either.
            tracing::error!(%error, "no route is known until the next table is pushed");
        }
        Ok(Self { shared, sockets: Arc::new((http, https)), predecessor })
    }

    /// The port it listens on for HTTP.
    pub fn http_port(&self) -> u16 {
        self.shared.http_port
    }

    /// The port it listens on for HTTPS.
    pub fn https_port(&self) -> u16 {
        self.shared.https_port
    }

    /// Serves until `shutdown`, or until a successor has taken over, and the connections have ended or the drain limit has passed.
    ///
    /// # Errors
    /// When the sockets of the state folder cannot be made.
    pub async fn serve(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), Error> {
        let Self { shared, sockets, predecessor } = self;
        accept(&shared, &sockets);
        if let Some(stream) = predecessor
            && let Err(error) = handoff::follow(stream, &shared).await
        {
            tracing::warn!(%error, "the edge before this one did not say that it leaves");
        }
        let state = shared.options.state.clone();
        let control = listen::unix(&state.join(CONTROL_SOCKET))?;
        let handoff = listen::unix(&state.join(HANDOFF_SOCKET))?;
        tokio::spawn(control::serve(shared.clone(), control));
        tokio::spawn(handoff::offer(shared.clone(), handoff, sockets.clone()));
        tracing::info!(http = shared.http_port, https = shared.https_port, generation = shared.table.load().source.generation, "the edge serves");
        tokio::select! {
            () = shutdown => {
                shared.life.enter(Phase::Leaving);
                for socket in [CONTROL_SOCKET, HANDOFF_SOCKET] {
                    if let Err(error) = fs::remove_file(state.join(socket)) {
                        tracing::debug!(socket, %error, "the socket file could not be removed");
                    }
                }
            }
            () = shared.life.reached(Phase::HandedOver) => tracing::info!("a newer edge serves; this one finishes its connections"),
        }
        drop(sockets);
        shared.life.drain(shared.options.drain_limit, shared.predecessor.gone()).await;
        Ok(())
    }
}

/// The socket of a predecessor if it is where this edge shall listen, else one of its own.
async fn wanted(received: TcpListener, address: SocketAddr) -> Result<TcpListener, Error> {
    match received.local_addr() {
        Ok(bound) if address.port() == 0 || bound == address => Ok(received),
        _ => listen::tcp(address).await,
    }
}

/// Each visitor takes a descriptor and each request another: the usual soft limit of 1024 is for programs that use select.
fn raise_descriptor_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(error = %io::Error::from(error), "the limit of open files could not be raised");
    }
}

/// Accepts connections from here on.
///
/// This is no part of [`Edge::serve`], which is generic: that is compiled with the crate that calls it, for size, and what it spawns with it.
fn accept(shared: &Arc<Shared>, sockets: &Arc<(TcpListener, TcpListener)>) {
    tokio::spawn(accept_plain(shared.clone(), sockets.clone()));
    tokio::spawn(accept_tls(shared.clone(), sockets.clone()));
    tokio::spawn(sweep(shared.clone()));
}

async fn accept_plain(shared: Arc<Shared>, sockets: Arc<(TcpListener, TcpListener)>) {
    let take = |stream, peer| {
        let shared = shared.clone();
        let visit = Visit::new(peer, shared.http_port, false, shared.life.clone());
        shared.life.tasks.clone().spawn(async move {
            let _counted = shared.count();
            visit.serve_http1(stream, &shared.limits, |request, visit| forward::answer(shared.clone(), request, visit)).await;
        });
    };
    shared.life.accept(&sockets.0, take).await;
}

async fn accept_tls(shared: Arc<Shared>, sockets: Arc<(TcpListener, TcpListener)>) {
    let acceptor = TlsAcceptor::from(shared.certificates.config.clone());
    let take = |stream, peer| {
        let (shared, acceptor) = (shared.clone(), acceptor.clone());
        let visit = Visit::new(peer, shared.https_port, true, shared.life.clone());
        shared.life.tasks.clone().spawn(serve_tls(shared, acceptor, stream, visit));
    };
    shared.life.accept(&sockets.1, take).await;
}

async fn serve_tls(shared: Arc<Shared>, acceptor: TlsAcceptor, stream: TcpStream, visit: Arc<Visit>) {
    let _counted = shared.count();
    let stream = tokio::select! {
        () = shared.life.reached(Phase::Cut) => return,
        shaken = tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)) => match shaken {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => return tracing::debug!("a TLS handshake took too long"),
        },
    };
    let limits = &shared.limits;
    let answering = shared.clone();
    let answer = move |request, visit| forward::answer(answering.clone(), request, visit);
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        visit.serve_http2(stream, limits, answer).await;
    } else {
        visit.serve_http1(stream, limits, answer).await;
    }
}

/// Closes connections to upstreams that are idle for long or closed from the other side.
async fn sweep(shared: Arc<Shared>) {
    let mut tick = tokio::time::interval(SWEEP_EVERY);
    while shared.life.phase() < Phase::Cut {
        tick.tick().await;
        shared.table.load_full().upstreams().for_each(|upstream| upstream.sweep());
    }
}
