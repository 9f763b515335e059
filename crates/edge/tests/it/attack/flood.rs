//! Many connections, many headers, slow senders.

use crate::world::*;
use edge::Limits;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// Idle connections that are wanted; fewer where the machine allows fewer open files. Each takes two here: both ends are in this process.
const CONNECTIONS: usize = 10_000;
/// Files left to everything else.
const SPARE_FILES: usize = 256;
/// What an idle connection may cost, both of its ends and this test's own record of it included.
const CONNECTION_LIMIT_BYTES: usize = 32 * 1024;

/// How many idle connections this process may open.
fn allowed() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = (2 * CONNECTIONS + SPARE_FILES) as u64;
    let raised = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted)).max(limit.current.unwrap_or(wanted));
    let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: limit.maximum });
    let files = getrlimit(Resource::Nofile).current.unwrap_or(wanted) as usize;
    (files.saturating_sub(SPARE_FILES) / 2).min(CONNECTIONS)
}

/// Memory of this process that is in use, in bytes.
fn memory() -> usize {
    let facts = std::fs::read_to_string("/proc/self/statm").expect("statm");
    facts.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("pages") * 4096
}

#[tokio::test]
async fn thousands_of_idle_connections_cost_little_and_hinder_nobody() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    assert_eq!(status(&get(edge.http, "a.example", "/").await), "200");
    let count = allowed();
    assert!(count >= 300, "this machine allows only {count} connections");
    let before = memory();
    let mut idle = Vec::with_capacity(count);
    for at in 0..count {
        let mut stream = connect(edge.http).await;
        // Half of them have begun a head and say no more.
        if at % 2 == 0 {
            stream.write_all(b"GET / HTTP/1.1\r\nHost: a.ex").await.expect("half a head");
        }
        idle.push(stream);
    }
    assert_eq!(status(&get(edge.http, "a.example", "/").await), "200");
    let cost = memory().saturating_sub(before) / count;
    println!("{count} idle connections, {cost} bytes each");
    assert!(cost < CONNECTION_LIMIT_BYTES, "an idle connection costs {cost} bytes");
    drop(idle);
    assert_eq!(status(&get(edge.http, "a.example", "/").await), "200");
    edge.stop().await;
}

#[tokio::test]
async fn slow_senders_are_cut_and_others_are_served_meanwhile() {
    let state = tempfile::tempdir().expect("a folder");
    let limits = Limits { header_read: Duration::from_millis(500), ..Limits::default() };
    let edge = TestEdge::with(state.path(), limits).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let port = edge.http;
    let mut slow = tokio::task::JoinSet::new();
    for _ in 0..200 {
        slow.spawn(async move {
            let mut stream = connect(port).await;
            let mut sent = 0;
            // A byte now and then keeps no head alive: its limit counts from the first one.
            while stream.write_all(b"G").await.is_ok() && sent < 1000 {
                sent += 1;
                // The slowness is what is tested.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            sent
        });
    }
    for _ in 0..20 {
        assert_eq!(status(&get(port, "a.example", "/").await), "200");
    }
    while let Some(sent) = slow.join_next().await {
        assert!(sent.expect("no panic") < 1000, "a slow head was taken");
    }
    edge.stop().await;
}

#[tokio::test]
async fn floods_of_headers_are_refused_without_being_kept() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let before = memory();
    for _ in 0..20 {
        let mut stream = connect(edge.http).await;
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: a.example\r\n").await;
        let line = format!("X-Flood: {}\r\n", "x".repeat(4000));
        let mut sent = 0;
        while sent < 16 * 1024 * 1024 && stream.write_all(line.as_bytes()).await.is_ok() {
            sent += line.len();
        }
        assert!(sent < 16 * 1024 * 1024, "16 MiB of headers were taken");
    }
    let grown = memory().saturating_sub(before);
    assert!(grown < 32 * 1024 * 1024, "memory grew by {grown} bytes");
    for head in [
        format!("GET /{} HTTP/1.1\r\nHost: a.example\r\n", "x".repeat(70_000)),
        format!("GET / HTTP/1.1\r\nHost: {}.example\r\n", "a".repeat(70_000)),
        format!("GET / HTTP/1.1\r\nHost: a.example\r\n{}: x\r\n", "x".repeat(70_000)),
        format!("{} / HTTP/1.1\r\nHost: a.example\r\n", "G".repeat(70_000)),
    ] {
        let mut stream = connect(edge.http).await;
        let _ = stream.write_all(format!("{head}\r\n").as_bytes()).await;
        let answer = read_all(&mut stream).await;
        assert!(["400", "414", "431", "none"].contains(&status(&answer)), "{answer}");
    }
    assert_eq!(edge.control.status().await.expect("a status").requests.get("one"), Some(&0));
    edge.stop().await;
}
