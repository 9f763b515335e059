//! An edge hands its sockets to its successor: nothing is refused or cut.

use crate::world::*;
use model::Target;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Asks again and again, on connections that are kept as long as the edge keeps them. Panics where a request fails.
async fn visit(port: u16, done: Arc<AtomicBool>, answered: Arc<AtomicU64>, keep: bool) {
    let mut stream = connect(port).await;
    let mut bytes = [0; 4096];
    while !done.load(Ordering::SeqCst) {
        stream.write_all(b"HEAD / HTTP/1.1\r\nHost: a.example\r\n\r\n").await.expect("a request");
        let count = stream.read(&mut bytes).await.expect("an answer");
        let answer = String::from_utf8_lossy(&bytes[..count]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n"), "{answer:?}");
        answered.fetch_add(1, Ordering::SeqCst);
        if !keep || answer.contains("connection: close") {
            stream = connect(port).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_under_load_refuses_and_cuts_nothing() {
    let state = tempfile::tempdir().expect("a folder");
    let mut edge = TestEdge::start(state.path()).await;
    let port = edge.http;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let (done, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let visitors: Vec<_> = (0..8).map(|number| tokio::spawn(visit(port, done.clone(), answered.clone(), number % 2 == 0))).collect();
    for _ in 0..5 {
        let before = answered.load(Ordering::SeqCst);
        eventually(|| async { answered.load(Ordering::SeqCst) }, |now| *now > before + 50).await;
        let successor = TestEdge::start(state.path()).await;
        assert_eq!(successor.http, port);
        edge.left().await;
        edge = successor;
    }
    done.store(true, Ordering::SeqCst);
    for visitor in visitors {
        visitor.await.expect("no request fails");
    }
    edge.stop().await;
}

#[tokio::test]
async fn the_successor_counts_and_routes_what_its_predecessor_still_has() {
    let state = tempfile::tempdir().expect("a folder");
    let old_edge = TestEdge::start(state.path()).await;
    let (old, new) = (Backend::start("old").await, Backend::start("new").await);
    old_edge.push(1, vec![route("a.example", "/", to(&[&old])), route("held.example", "/", Target::Hold)]).await;
    let mut tunnel = connect(old_edge.http).await;
    tunnel.write_all(b"GET /upgrade HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n").await.expect("a request");
    read_until(&mut tunnel, "\r\n\r\n").await;
    let mut kept = connect(old_edge.http).await;
    kept.write_all(b"GET /hops HTTP/1.1\r\nHost: a.example\r\n\r\n").await.expect("a request");
    read_until(&mut kept, "\r\n\r\n").await;
    let mut held = connect(old_edge.http).await;
    held.write_all(b"GET / HTTP/1.1\r\nHost: held.example\r\nConnection: close\r\n\r\n").await.expect("a request");
    eventually(|| async { old_edge.control.status().await.expect("a status").connections }, |open| *open == 2).await;

    let edge = TestEdge::start(state.path()).await;
    assert_eq!(edge.control.table().await.expect("a table").generation, 1);
    assert_eq!(edge.in_flight("old").await, 1);
    edge.push(2, vec![route("a.example", "/", to(&[&new])), route("held.example", "/", to(&[&new]))]).await;
    assert!(read_all(&mut held).await.contains("new GET /"));
    kept.write_all(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").await.expect("a request");
    let last = read_all(&mut kept).await;
    assert!(last.contains("new GET /") && last.contains("connection: close"), "{last}");
    tunnel.write_all(b"hello").await.expect("bytes");
    read_until(&mut tunnel, "hello").await;
    drop(tunnel);
    eventually(|| edge.in_flight("old"), |in_flight| *in_flight == 0).await;
    old_edge.left().await;
    assert!(get(edge.http, "a.example", "/").await.contains("new GET /"));
    edge.stop().await;
}

#[tokio::test]
async fn a_successor_that_dies_before_it_serves_changes_nothing() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    let mut successor = tokio::net::UnixStream::connect(state.path().join("handoff.sock")).await.expect("the handoff socket");
    assert_eq!(successor.read_u8().await.expect("a byte that carries the sockets"), b's');
    drop(successor);
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    assert_eq!(status(&get(edge.http, "a.example", "/").await), "200");
    let next = TestEdge::start(state.path()).await;
    edge.left().await;
    assert_eq!(status(&get(next.http, "a.example", "/").await), "200");
    next.stop().await;
}
