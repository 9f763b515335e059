//! Connections to containers are kept, and may be closed by the container in the moment in which a request is sent over them.

use crate::world::*;
use model::Target;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A container that answers the first request on each connection, and closes at the next without a word.
struct Fickle {
    address: SocketAddr,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

/// What it has seen.
#[derive(Default)]
struct Seen {
    /// Connections over which something came.
    begun: AtomicU64,
    /// Requests that it has read.
    asked: AtomicU64,
    /// How many of them it closed at.
    closed: AtomicU64,
}

impl Seen {
    async fn serve(&self, mut stream: TcpStream, end: &str, closes_at: &str) {
        stream.readable().await.expect("something comes");
        self.begun.fetch_add(1, Ordering::SeqCst);
        if reads(&mut stream, end).await {
            self.asked.fetch_add(1, Ordering::SeqCst);
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.expect("an answer");
        }
        if reads(&mut stream, closes_at).await {
            drop(stream);
            self.asked.fetch_add(1, Ordering::SeqCst);
            self.closed.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Fickle {
    /// The request that it answers ends with this; it closes where it has read that.
    async fn start(end: &'static str, closes_at: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(Seen::default());
        let told = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let told = told.clone();
                tokio::spawn(async move { told.serve(stream, end, closes_at).await });
            }
        });
        Self { address, seen, task }
    }

    async fn behind(&self, edge: &TestEdge) {
        let upstreams = vec![model::Upstream { container: "one".into(), address: self.address }];
        edge.push(1, vec![route("a.example", "/", Target::Upstreams { upstreams })]).await;
    }

    fn begun(&self) -> u64 {
        self.seen.begun.load(Ordering::SeqCst)
    }

    fn asked(&self) -> u64 {
        self.seen.asked.load(Ordering::SeqCst)
    }

    fn closed(&self) -> u64 {
        self.seen.closed.load(Ordering::SeqCst)
    }

    /// Asks until it has closed at so many requests; answers all answers.
    async fn ask(&self, edge: &TestEdge, request: &str, times: u64) -> Vec<String> {
        let began = Instant::now();
        let mut answers = Vec::new();
        while self.closed() < times {
            assert!(began.elapsed() < DEADLINE, "it closed at {} of {} requests", self.closed(), answers.len());
            answers.push(raw(edge.http, request).await);
        }
        answers
    }
}

impl Drop for Fickle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads until what was read ends with a text; false where the other side closes before.
async fn reads(stream: &mut TcpStream, end: &str) -> bool {
    let (mut read, mut bytes) = (Vec::new(), [0; 4096]);
    while !read.ends_with(end.as_bytes()) {
        match stream.read(&mut bytes).await {
            Ok(count @ 1..) => read.extend_from_slice(&bytes[..count]),
            _ => return false,
        }
    }
    true
}

#[tokio::test]
async fn connections_are_kept_on_both_sides() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let mut stream = connect(edge.http).await;
    for _ in 0..50 {
        stream.write_all(b"GET /trailers HTTP/1.1\r\nHost: a.example\r\n\r\n").await.expect("a request");
        read_until(&mut stream, "0\r\n\r\n").await;
    }
    for _ in 0..50 {
        stream.write_all(b"POST /upload HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n").await.expect("a request");
        read_until(&mut stream, "one took 3").await;
    }
    let opened = backend.connections.load(Ordering::SeqCst);
    assert!(opened < 10, "{opened} connections for 100 requests");
    edge.stop().await;
}

#[tokio::test]
async fn a_kept_connection_that_the_container_closes_costs_no_request_that_may_be_repeated() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    for (request, end) in [
        ("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n", "\r\n\r\n"),
        ("PUT / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc", "abc"),
        ("DELETE / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "abc\r\n0\r\n\r\n"),
    ] {
        let fickle = Fickle::start(end, end).await;
        fickle.behind(&edge).await;
        let answers = fickle.ask(&edge, request, 10).await;
        assert!(answers.iter().all(|answer| answer.ends_with("\r\n\r\nok")), "{answers:?}");
    }
    assert_eq!(edge.control.status().await.expect("a status").failures["one"], 0);
    edge.stop().await;
}

#[tokio::test]
async fn a_request_whose_body_was_not_sent_yet_goes_to_another_connection() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let fickle = Fickle::start("abc", "\r\n\r\n").await;
    fickle.behind(&edge).await;
    let began = Instant::now();
    while fickle.closed() < 5 {
        assert!(began.elapsed() < DEADLINE, "it closed at {} requests", fickle.closed());
        let whole = "POST / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc";
        let (head, body) = whole.split_at(whole.len() - 3);
        let (before, mut visitor) = (fickle.begun(), connect(edge.http).await);
        visitor.write_all(head.as_bytes()).await.expect("a head");
        // It has closed the connection that was kept, if there was one: the head came over a new one.
        eventually(|| async { fickle.begun() }, |now| *now > before).await;
        visitor.write_all(body.as_bytes()).await.expect("a body");
        let answer = read_all(&mut visitor).await;
        assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
    }
    edge.stop().await;
}

#[tokio::test]
async fn a_request_that_may_have_been_acted_on_is_never_sent_twice() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    for (body, end) in [("Content-Length: 3\r\n\r\nabc", "abc"), ("Content-Length: 0\r\n\r\n", "\r\n\r\n")] {
        let fickle = Fickle::start(end, end).await;
        fickle.behind(&edge).await;
        let answers = fickle.ask(&edge, &format!("POST / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n{body}"), 3).await;
        assert_eq!(fickle.asked(), answers.len() as u64, "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| status(answer) == "502").count(), 3, "{answers:?}");
    }
    edge.stop().await;
}
