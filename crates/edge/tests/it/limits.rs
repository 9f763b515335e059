//! Heads, silence and slowness have limits; slow answers have a generous one.

use crate::world::*;
use edge::Limits;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn a_head_that_is_too_large_is_431() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let many: String = (0..200).map(|number| format!("X-{number}: 1\r\n")).collect();
    assert_eq!(status(&raw(edge.http, &format!("GET / HTTP/1.1\r\nHost: a.example\r\n{many}\r\n")).await), "431");
    let mut stream = connect(edge.http).await;
    let large = format!("GET / HTTP/1.1\r\nHost: a.example\r\nX: {}", "x".repeat(65 * 1024));
    stream.write_all(large.as_bytes()).await.expect("a head");
    assert_eq!(status(&read_all(&mut stream).await), "431");
    edge.stop().await;
}

#[tokio::test]
async fn slow_heads_and_idle_connections_are_closed_and_slow_answers_are_not() {
    let state = tempfile::tempdir().expect("a folder");
    let limits = Limits { header_read: Duration::from_millis(200), idle: Duration::from_millis(400), ..Limits::default() };
    let edge = TestEdge::with(state.path(), limits).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let mut waiting = connect(edge.http).await;
    waiting.write_all(b"GET /wait HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n").await.expect("a request");
    let mut slow = connect(edge.http).await;
    slow.write_all(b"GET / HTTP/1.1\r\nHost: a.ex").await.expect("half a head");
    assert_eq!(read_all(&mut slow).await, "");
    let mut silent = connect(edge.http).await;
    assert_eq!(read_all(&mut silent).await, "");
    let mut idle = connect(edge.http).await;
    idle.write_all(b"GET /hops HTTP/1.1\r\nHost: a.example\r\n\r\n").await.expect("a request");
    assert_eq!(status(&read_all(&mut idle).await), "200");
    backend.emit("late").await;
    assert!(read_all(&mut waiting).await.ends_with("one says late"));
    edge.stop().await;
}

#[tokio::test]
async fn a_container_that_never_begins_to_answer_is_504_and_one_that_streams_is_left_alone() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::with(state.path(), Limits { answer: Duration::from_millis(300), ..Limits::default() }).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let mut stream = connect(edge.http).await;
    stream.write_all(b"GET /stream HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n").await.expect("a request");
    for request in ["GET /wait HTTP/1.1\r\nHost: a.example\r\n", "POST /wait HTTP/1.1\r\nContent-Length: 1\r\nHost: a.example\r\n"] {
        let answer = raw(edge.http, &format!("{request}Connection: close\r\n\r\nx")).await;
        assert_eq!(status(&answer), "504", "{answer}");
    }
    let upload = slow_upload(edge.http).await;
    assert!(upload.ends_with("one took 6"), "{upload}");
    backend.emit("late,").await;
    backend.emit("last").await;
    assert!(read_all(&mut stream).await.contains("last"));
    eventually(|| edge.in_flight("one"), |count| *count == 0).await;
    edge.stop().await;
}

/// Sends a body in pieces, each within the limit and all of them together not.
async fn slow_upload(port: u16) -> String {
    let mut stream = connect(port).await;
    stream.write_all(b"POST /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: 6\r\nConnection: close\r\n\r\n").await.expect("a head");
    for _ in 0..6 {
        // The slowness is what is tested.
        tokio::time::sleep(Duration::from_millis(100)).await;
        stream.write_all(b"x").await.expect("a piece");
    }
    read_all(&mut stream).await
}
