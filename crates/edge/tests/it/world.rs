//! An edge, backends that stand for containers, and visitors.

use edge::{Edge, EdgeOptions, Limits};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Request, Response,
    body::{Bytes, Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use model::{PathPrefix, Route, RouteTable, Target, Upstream};
use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

/// How long the long answer of a backend is.
const LONG_BYTES: usize = 4_000_000;
/// How long a test waits for anything.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Waits until the state is as wanted; says the last state seen otherwise.
pub async fn eventually<S: std::fmt::Debug, F: Future<Output = S>>(mut look: impl FnMut() -> F, wanted: impl Fn(&S) -> bool) -> S {
    let started = Instant::now();
    loop {
        let state = look().await;
        if wanted(&state) {
            return state;
        }
        assert!(started.elapsed() < DEADLINE, "still {state:?}");
        // The pause between two looks.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// An edge that runs in this process.
pub struct TestEdge {
    pub http: u16,
    pub https: u16,
    pub control: proxy::Edge,
    shutdown: Option<oneshot::Sender<()>>,
    running: JoinHandle<Result<(), edge::Error>>,
}

pub fn options(state: &Path) -> EdgeOptions {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    EdgeOptions { state: state.to_owned(), http: any, https: any, version: "test".into(), drain_limit: Duration::from_secs(10) }
}

impl TestEdge {
    pub async fn start(state: &Path) -> Self {
        Self::with(state, Limits::default()).await
    }

    pub async fn with(state: &Path, limits: Limits) -> Self {
        Self::set_up(options(state), limits).await
    }

    pub async fn set_up(options: EdgeOptions, limits: Limits) -> Self {
        let control = proxy::Edge::at(&options.state);
        let edge = Edge::start(options, limits).await.expect("the edge starts");
        let (http, https) = (edge.http_port(), edge.https_port());
        let (shutdown, asked) = oneshot::channel::<()>();
        let running = tokio::spawn(edge.serve(async move {
            let _ = asked.await;
        }));
        let since = control.clone();
        eventually(move || ask(since.clone()), Result::is_ok).await.expect("the edge answers");
        Self { http, https, control, shutdown: Some(shutdown), running }
    }

    /// Pushes a table.
    pub async fn push(&self, generation: u64, routes: Vec<Route>) {
        let acknowledged = self.control.push(&RouteTable { generation, routes }).await.expect("the table is taken");
        assert_eq!(acknowledged.generation, generation);
    }

    pub async fn in_flight(&self, container: &str) -> u64 {
        self.control.status().await.expect("a status").in_flight.get(container).copied().unwrap_or(0)
    }

    /// Asks it to leave.
    pub fn leave(&mut self) {
        if let Some(shutdown) = self.shutdown.take() {
            let _ = shutdown.send(());
        }
    }

    /// Waits until it has left.
    pub async fn left(self) {
        let Self { running, shutdown, .. } = self;
        tokio::time::timeout(DEADLINE, running).await.expect("the edge leaves").expect("it does not panic").expect("it leaves cleanly");
        drop(shutdown);
    }

    /// Makes it leave.
    pub async fn stop(mut self) {
        self.leave();
        self.left().await;
    }
}

async fn ask(control: proxy::Edge) -> Result<(), String> {
    control.status().await.map(|_| ()).map_err(|error| error.to_string())
}

pub fn route(host: &str, path: &str, target: Target) -> Route {
    let path: PathPrefix = path.parse().expect("a path");
    let application = "abcdefghijklmnopqrstuvwx".parse().expect("an id");
    Route { application, host: host.parse().expect("a host"), path, strip_prefix: false, https_only: false, target }
}

pub fn to(backends: &[&Backend]) -> Target {
    Target::Upstreams { upstreams: backends.iter().map(|backend| backend.upstream()).collect() }
}

/// A server that stands for a container.
///
/// `/upload` counts a body and says so, `/count` says the count alone, `/long` is a long answer, `/upgrade` echoes on another protocol, `/stream` sends a chunk each time [`Backend::emit`] is called until `last`, `/wait` answers once
/// [`Backend::emit`] was called, `/trailers` sends trailers, everything else tells what was asked.
pub struct Backend {
    pub name: String,
    pub address: SocketAddr,
    emit: tokio::sync::broadcast::Sender<&'static str>,
    pub connections: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

type Body = UnsyncBoxBody<Bytes, Infallible>;

impl Backend {
    pub async fn start(name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (emit, _) = tokio::sync::broadcast::channel(16);
        let connections = Arc::new(AtomicU64::new(0));
        let told = Teller { name: name.to_owned(), emit: emit.clone() };
        let counted = connections.clone();
        let task = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let told = told.clone();
                open.spawn(async move {
                    let service = service_fn(move |request| told.clone().answer(request));
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
                });
            }
        });
        Self { name: name.to_owned(), address, emit, connections, task }
    }

    pub fn upstream(&self) -> Upstream {
        Upstream { container: self.name.clone(), address: self.address }
    }

    /// Lets requests to `/stream` and `/wait` go on; waits until there is one.
    pub async fn emit(&self, word: &'static str) {
        eventually(|| async { self.emit.receiver_count() }, |listening| *listening > 0).await;
        self.emit.send(word).expect("someone listens");
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Teller {
    name: String,
    emit: tokio::sync::broadcast::Sender<&'static str>,
}

impl Teller {
    async fn answer(self, mut request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let whole = |text: String| Full::new(Bytes::from(text)).boxed_unsync();
        Ok(match request.uri().path() {
            "/upgrade" => {
                let upgrade = hyper::upgrade::on(&mut request);
                tokio::spawn(async move {
                    let Ok(upgraded) = upgrade.await else { return };
                    let mut stream = TokioIo::new(upgraded);
                    let mut bytes = [0; 1024];
                    while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                        stream.write_all(&bytes[..count]).await.expect("an echo");
                    }
                });
                let builder = Response::builder().status(101).header("connection", "upgrade").header("upgrade", "echo");
                builder.body(whole(String::new())).expect("a response")
            }
            path @ ("/upload" | "/count") => {
                let told = if path == "/upload" { format!("{} took ", self.name) } else { String::new() };
                let mut bytes = 0;
                let mut body = request.into_body();
                while let Some(frame) = body.frame().await {
                    match frame {
                        Ok(frame) => bytes += frame.into_data().map_or(0, |data| data.len()),
                        Err(error) => return Ok(Response::builder().status(400).body(whole(error.to_string())).expect("a response")),
                    }
                }
                Response::new(whole(format!("{told}{bytes}")))
            }
            "/long" => Response::new(whole("x".repeat(LONG_BYTES))),
            "/wait" => {
                let mut words = self.emit.subscribe();
                let word = words.recv().await.unwrap_or("gone");
                Response::new(whole(format!("{} says {word}", self.name)))
            }
            "/stream" => {
                let words = self.emit.subscribe();
                let stream = futures_util::stream::unfold(Some(words), |words| async {
                    let mut words = words?;
                    let word = words.recv().await.ok()?;
                    let frame = Ok(Frame::data(Bytes::from(word)));
                    Some((frame, (word != "last").then_some(words)))
                });
                Response::new(BodyExt::boxed_unsync(StreamBody::new(stream)))
            }
            "/trailers" => {
                let trailers = [("x-sum".parse().expect("a name"), "7".parse().expect("a value"))].into_iter().collect();
                let frames = [Ok(Frame::data(Bytes::from("body"))), Ok(Frame::trailers(trailers))];
                let body = BodyExt::boxed_unsync(StreamBody::new(futures_util::stream::iter(frames)));
                Response::builder().header("trailer", "x-sum").body(body).expect("a response")
            }
            "/hops" => {
                let builder = Response::builder().header("connection", "x-private").header("x-private", "1").header("keep-alive", "timeout=5");
                builder.header("x-public", "1").body(whole(String::new())).expect("a response")
            }
            _ => {
                let mut text = format!("{} {} {}\n", self.name, request.method(), request.uri());
                for (name, value) in request.headers() {
                    text += &format!("{name}: {}\n", value.to_str().unwrap_or("?"));
                }
                Response::new(whole(text))
            }
        })
    }
}

/// Sends bytes and reads until the other side closes.
pub async fn raw(port: u16, bytes: &str) -> String {
    let mut stream = connect(port).await;
    stream.write_all(bytes.as_bytes()).await.expect("bytes are sent");
    read_all(&mut stream).await
}

pub async fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).await.expect("a connection")
}

/// Reads until the other side closes, cleanly or not.
pub async fn read_all(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the connection stays open after {:?}", String::from_utf8_lossy(&answer));
    String::from_utf8_lossy(&answer).into_owned()
}

/// Reads until what was read ends with a text.
pub async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut answer = Vec::new();
    let reading = async {
        let mut bytes = [0; 4096];
        while !answer.ends_with(end.as_bytes()) {
            let count = stream.read(&mut bytes).await.expect("bytes are read");
            assert!(count > 0, "closed after {:?}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&bytes[..count]);
        }
    };
    assert!(tokio::time::timeout(DEADLINE, reading).await.is_ok(), "no {end:?}");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Gets a path on a connection of its own.
pub async fn get(port: u16, host: &str, path: &str) -> String {
    raw(port, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await
}

/// The status of an answer.
pub fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}
