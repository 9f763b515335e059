//! Routes switch under load.

use crate::world::*;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const UPGRADE: &[u8] = b"GET /upgrade HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";

#[tokio::test]
async fn what_is_open_outlives_a_switch_and_is_counted_until_it_ends() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let (old, new) = (Backend::start("old").await, Backend::start("new").await);
    edge.push(1, vec![route("a.example", "/", to(&[&old]))]).await;

    let mut tunnel = connect(edge.http).await;
    tunnel.write_all(UPGRADE).await.expect("a request");
    let answer = read_until(&mut tunnel, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 101") && answer.contains("upgrade: echo\r\n") && answer.contains("connection: upgrade\r\n"), "{answer}");
    let mut upload = connect(edge.http).await;
    upload
        .write_all(b"POST /upload HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        .await
        .expect("a request");
    let mut events = connect(edge.http).await;
    events.write_all(b"GET /stream HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n").await.expect("a request");
    old.emit("first").await;
    read_until(&mut events, "first\r\n").await;
    eventually(|| edge.in_flight("old"), |in_flight| *in_flight == 3).await;

    edge.push(2, vec![route("a.example", "/", to(&[&new]))]).await;
    assert!(get(edge.http, "a.example", "/").await.contains("new GET /"));
    assert_eq!(edge.in_flight("old").await, 3);

    old.emit("last").await;
    assert!(read_all(&mut events).await.ends_with("4\r\nlast\r\n0\r\n\r\n"));
    eventually(|| edge.in_flight("old"), |in_flight| *in_flight == 2).await;
    upload.write_all(b"3\r\ndef\r\n0\r\n\r\n").await.expect("the rest");
    assert!(read_all(&mut upload).await.ends_with("old took 6"));
    eventually(|| edge.in_flight("old"), |in_flight| *in_flight == 1).await;
    tunnel.write_all(b"hello").await.expect("bytes");
    assert_eq!(read_until(&mut tunnel, "hello").await, "hello");
    drop(tunnel);
    eventually(|| edge.in_flight("old"), |in_flight| *in_flight == 0).await;
    edge.stop().await;
}

#[tokio::test]
async fn a_visitor_who_leaves_is_no_longer_counted() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    for path in ["/wait", "/stream"] {
        let mut stream = connect(edge.http).await;
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: a.example\r\n\r\n").as_bytes()).await.expect("a request");
        eventually(|| edge.in_flight("one"), |in_flight| *in_flight == 1).await;
        drop(stream);
        eventually(|| edge.in_flight("one"), |in_flight| *in_flight == 0).await;
    }
    edge.stop().await;
}

#[tokio::test]
async fn a_large_body_goes_through_whole_in_both_ways() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let mut upload = connect(edge.http).await;
    let size = 8 * 1024 * 1024;
    let head = format!("POST /upload HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: {size}\r\n\r\n");
    upload.write_all(head.as_bytes()).await.expect("a head");
    assert!(read_until(&mut upload, "\r\n\r\n").await.starts_with("HTTP/1.1 100"));
    upload.write_all(&vec![b'\n'; size]).await.expect("a body");
    assert!(read_all(&mut upload).await.ends_with(&format!("one took {size}")));
    let asked = "GET /trailers HTTP/1.1\r\nHost: a.example\r\nConnection: close, TE\r\nTE: trailers\r\n\r\n";
    let answer = raw(edge.http, asked).await;
    assert!(answer.ends_with("4\r\nbody\r\n0\r\nx-sum: 7\r\n\r\n"), "{answer}");
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_table_changes_fail_no_request_and_none_reaches_a_container_after_the_acknowledgement() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backends = [Backend::start("even").await, Backend::start("odd").await];
    edge.push(1, vec![route("a.example", "/", to(&[&backends[1]]))]).await;
    let (done, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let visitors: Vec<_> = (0..8)
        .map(|_| {
            let (done, answered, port) = (done.clone(), answered.clone(), edge.http);
            tokio::spawn(async move {
                let mut stream = connect(port).await;
                let mut bytes = [0; 4096];
                while !done.load(Ordering::SeqCst) {
                    stream.write_all(b"HEAD / HTTP/1.1\r\nHost: a.example\r\n\r\n").await.expect("a request");
                    let count = stream.read(&mut bytes).await.expect("an answer");
                    assert!(bytes[..count].starts_with(b"HTTP/1.1 200"), "{:?}", String::from_utf8_lossy(&bytes[..count]));
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    for generation in 2..102 {
        let (this, other) = (generation as usize % 2, (generation as usize + 1) % 2);
        edge.push(generation, vec![route("a.example", "/", to(&[&backends[this]]))]).await;
        let name = backends[other].name.as_str();
        eventually(|| edge.in_flight(name), |in_flight| *in_flight == 0).await;
        let before = edge.control.status().await.expect("a status").requests.get(name).copied();
        assert_eq!(edge.in_flight(name).await, 0);
        let after = edge.control.status().await.expect("a status").requests.get(name).copied();
        assert_eq!(before, after);
    }
    done.store(true, Ordering::SeqCst);
    for visitor in visitors {
        visitor.await.expect("no request fails");
    }
    assert!(answered.load(Ordering::SeqCst) > 100);
    edge.stop().await;
}
