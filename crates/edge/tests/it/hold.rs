//! Requests wait on a route that holds, up to a limit.

use crate::world::*;
use edge::Limits;
use model::Target;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn held_requests_wait_for_upstreams_and_keep_their_bodies() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("new").await;
    edge.push(1, vec![route("a.example", "/", Target::Hold)]).await;
    let mut visitors = Vec::new();
    for _ in 0..20 {
        let mut stream = connect(edge.http).await;
        stream.write_all(b"POST /upload HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello").await.expect("a request");
        visitors.push(stream);
    }
    eventually(|| async { edge.control.status().await.expect("a status").connections }, |open| *open == 20).await;
    edge.push(2, vec![route("a.example", "/", Target::Hold)]).await;
    edge.push(3, vec![route("a.example", "/", to(&[&backend]))]).await;
    for stream in &mut visitors {
        assert!(read_all(stream).await.ends_with("new took 5"));
    }
    edge.stop().await;
}

#[tokio::test]
async fn a_hold_has_an_end_and_a_queue_a_length() {
    let state = tempfile::tempdir().expect("a folder");
    let limits = Limits { hold: Duration::from_millis(50), held: 1, ..Limits::default() };
    let edge = TestEdge::with(state.path(), limits).await;
    edge.push(1, vec![route("a.example", "/", Target::Hold)]).await;
    let (one, two) = tokio::join!(get(edge.http, "a.example", "/"), get(edge.http, "a.example", "/"));
    for answer in [one, two] {
        assert_eq!(status(&answer), "503");
        assert!(answer.contains("retry-after: 5"), "{answer}");
    }
    edge.stop().await;
}
