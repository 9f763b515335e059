//! Which idle connections are taken.

use super::Upstream;
use crate::{container::Containers, direct::Direct};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

/// An upstream with an idle connection that has carried a request, and the container's side of it.
async fn idle() -> (Upstream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let upstream = Upstream::new(listener.local_addr().expect("an address"), Containers::default().named("one"));
    let mut connection = Direct::open(&upstream, Duration::from_secs(20)).await.expect("a connection");
    let container = tokio::task::spawn_blocking(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let read = stream.read(&mut [0; 4096]).expect("a request");
        assert!(read > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").expect("an answer");
        stream
    });
    let write = |head: &mut Vec<u8>| head.extend_from_slice(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    assert_eq!(connection.ask(Duration::from_secs(20), false, write).await.expect("an answer").response.status(), 200);
    let container = container.await.expect("the container's side");
    upstream.direct.keep(connection);
    (upstream, container)
}

#[tokio::test]
async fn an_idle_connection_is_taken_while_the_container_keeps_it() {
    let (upstream, _container) = idle().await;
    assert!(upstream.direct.take(false).expect("a connection").reused);
}

/// Nothing is awaited after the container closes: the runtime has not been told, as when it is busy.
#[tokio::test]
async fn what_the_container_has_just_closed_is_not_taken_for_what_cannot_be_sent_twice() {
    let (upstream, container) = idle().await;
    drop(container);
    let began = Instant::now();
    while let Some(taken) = upstream.direct.take(false) {
        assert!(began.elapsed() < Duration::from_secs(20), "a closed connection is still taken");
        upstream.direct.keep(taken.connection);
    }
}
