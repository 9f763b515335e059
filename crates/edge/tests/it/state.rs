//! What an edge remembers and what its control socket says.

use crate::world::*;
use edge::Limits;
use model::{RouteTable, edge::CONTROL_SOCKET};
use proxy::Error;
use std::{os::unix::fs::PermissionsExt, time::Duration};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn the_table_outlives_a_restart_and_is_served_without_wharf() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(7, vec![route("a.example", "/", to(&[&backend]))]).await;
    edge.stop().await;
    let edge = TestEdge::start(state.path()).await;
    assert_eq!(status(&get(edge.http, "a.example", "/").await), "200");
    assert_eq!(edge.control.status().await.expect("a status").generation, 7);
    edge.stop().await;
}

#[tokio::test]
async fn an_older_table_is_refused_and_the_same_one_is_taken_again() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    edge.push(5, vec![]).await;
    edge.push(5, vec![]).await;
    let refused = edge.control.push(&RouteTable { generation: 4, routes: vec![] }).await;
    assert!(matches!(refused, Err(Error::Newer { generation: 5 })), "{refused:?}");
    assert_eq!(edge.control.table().await.expect("a table").generation, 5);
    edge.stop().await;
}

#[tokio::test]
async fn an_edge_that_does_not_run_is_unreachable_and_what_it_left_does_not_stop_the_next() {
    let state = tempfile::tempdir().expect("a folder");
    let control = proxy::Edge::at(state.path());
    assert!(matches!(control.status().await, Err(Error::Unreachable { .. })));
    for stale in ["control.sock", "handoff.sock"] {
        drop(std::os::unix::net::UnixListener::bind(state.path().join(stale)).expect("a socket"));
    }
    assert!(matches!(control.status().await, Err(Error::Unreachable { .. })));
    let edge = TestEdge::start(state.path()).await;
    let status = edge.control.status().await.expect("a status");
    assert_eq!((status.version.as_str(), status.http_port, status.https_port), ("test", edge.http, edge.https));
    let mode = std::fs::metadata(state.path().join(CONTROL_SOCKET)).expect("the socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    edge.stop().await;
    assert!(!state.path().join(CONTROL_SOCKET).exists());
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let state = tempfile::tempdir().expect("a folder");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let mut options = options(state.path());
    options.http.set_port(port);
    let error = edge::run(options, std::future::pending()).await.expect_err("the port is taken");
    assert!(matches!(error, edge::Error::PortInUse { .. }));
    assert!(error.to_string().contains(&format!("port {port}")), "{error}");
}

#[tokio::test]
async fn leaving_waits_for_open_requests() {
    let state = tempfile::tempdir().expect("a folder");
    let mut edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let idle = connect(edge.http).await;
    let port = edge.http;
    let waiting = tokio::spawn(async move { get(port, "a.example", "/wait").await });
    eventually(|| edge.in_flight("one"), |in_flight| *in_flight == 1).await;
    edge.leave();
    eventually(|| async { tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() }, |refused| *refused).await;
    backend.emit("done").await;
    assert!(waiting.await.expect("an answer").ends_with("one says done"));
    edge.left().await;
    drop(idle);
}

#[tokio::test]
async fn what_outlives_the_drain_limit_is_cut() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::set_up(edge::EdgeOptions { drain_limit: Duration::from_millis(50), ..options(state.path()) }, Limits::default()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let mut tunnel = connect(edge.http).await;
    tunnel.write_all(b"GET /upgrade HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n").await.expect("a request");
    read_until(&mut tunnel, "\r\n\r\n").await;
    let mut waiting = connect(edge.http).await;
    waiting.write_all(b"GET /wait HTTP/1.1\r\nHost: a.example\r\n\r\n").await.expect("a request");
    eventually(|| edge.in_flight("one"), |in_flight| *in_flight == 2).await;
    edge.stop().await;
    assert_eq!((read_all(&mut tunnel).await, read_all(&mut waiting).await), (String::new(), String::new()));
}

#[tokio::test]
async fn damaged_files_do_not_keep_the_edge_from_being_given_new_ones() {
    let state = tempfile::tempdir().expect("a folder");
    for file in ["table.json", "certificates.json", "fallback-certificate.json"] {
        std::fs::write(state.path().join(file), "{").expect("a file");
    }
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    assert_eq!(status(&get(edge.http, "a.example", "/").await), "200");
    edge.stop().await;
}
