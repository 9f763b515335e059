//! Containers that answer in unusual ways.

use crate::world::*;
use model::Target;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// An edge before a container that says this at each request and closes where it is told to. Returns how many connections the container saw, too.
async fn before(state: &std::path::Path, says: &'static str, closes: bool) -> (TestEdge, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let upstreams = vec![model::Upstream { container: "one".into(), address: listener.local_addr().expect("an address") }];
    let seen = Arc::new(AtomicU64::new(0));
    let counted = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let (mut read, mut bytes) = (Vec::new(), [0; 4096]);
                while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                    read.extend_from_slice(&bytes[..count]);
                    if read.ends_with(b"\r\n\r\n") {
                        read.clear();
                        stream.write_all(says.as_bytes()).await.expect("an answer");
                        if closes {
                            return;
                        }
                    }
                }
            });
        }
    });
    let edge = TestEdge::start(state).await;
    edge.push(1, vec![route("a.example", "/", Target::Upstreams { upstreams })]).await;
    (edge, seen)
}

/// What the edge answers three times, and over how many connections to the container.
async fn asked(method: &str, says: &'static str, closes: bool) -> (String, u64) {
    let state = tempfile::tempdir().expect("a folder");
    let (edge, seen) = before(state.path(), says, closes).await;
    let request = format!("{method} / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    for _ in 0..3 {
        answer = raw(edge.http, &request).await;
    }
    eventually(|| edge.in_flight("one"), |count| *count == 0).await;
    edge.stop().await;
    (answer, seen.load(Ordering::SeqCst))
}

#[tokio::test]
async fn an_answer_ends_where_its_head_says_and_its_connection_is_kept() {
    for (method, says, end) in [
        ("GET", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\nok", "\r\n\r\nok"),
        ("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n", "\r\n\r\n"),
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "\r\n\r\n"),
        ("POST", "HTTP/1.1 204 No Content\r\n\r\n", "\r\n\r\n"),
    ] {
        let (answer, connections) = asked(method, says, false).await;
        assert!(answer.ends_with(end) && connections == 1, "{connections} connections, {answer:?}");
    }
}

#[tokio::test]
async fn an_answer_without_a_length_ends_with_its_connection() {
    let (answer, connections) = asked("GET", "HTTP/1.0 200 OK\r\n\r\nall of it", true).await;
    assert!(status(&answer) == "200" && answer.contains("all of it") && connections == 3, "{connections} connections, {answer:?}");
}

#[tokio::test]
async fn a_connection_on_which_more_came_than_was_asked_for_is_not_used_again() {
    let (answer, connections) = asked("GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad", false).await;
    assert!(answer.ends_with("\r\n\r\nok") && connections == 3, "{connections} connections, {answer:?}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_502_and_one_that_breaks_off_is_cut() {
    for says in ["220 mail ready\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 101 Switching Protocols\r\n\r\n"] {
        let (answer, _) = asked("GET", says, false).await;
        assert_eq!(status(&answer), "502", "{answer:?}");
    }
    for says in ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"] {
        let (answer, _) = asked("GET", says, true).await;
        // As much of it as had been sent on, and no end.
        assert!(["200", "none"].contains(&status(&answer)) && !answer.ends_with("0\r\n\r\n"), "{answer:?}");
    }
}
