//! Which idle connections are taken.

use super::Upstream;
use crate::{connection::Connection, container::Containers, upload::Upload};
use hyper::Request;
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

/// An upstream with an idle connection that has carried a request, and the container's side of it.
async fn idle() -> (Upstream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let upstream = Upstream::new(listener.local_addr().expect("an address"), Containers::default().named("one"));
    let mut connection = Connection::open(&upstream, Duration::from_secs(20), false).await.expect("a connection");
    let container = tokio::task::spawn_blocking(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let read = stream.read(&mut [0; 4096]).expect("a request");
        assert!(read > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").expect("an answer");
        stream
    });
    let request = Request::get("/").header("host", "a.example").body(Upload::Nothing).expect("a request");
    assert_eq!(connection.send(request).await.expect("an answer").status(), 200);
    let container = container.await.expect("the container's side");
    assert!(connection.is_ready());
    upstream.keep(connection);
    (upstream, container)
}

#[tokio::test]
async fn an_idle_connection_is_taken_while_the_container_keeps_it() {
    let (upstream, _container) = idle().await;
    let connection = upstream.take(false).expect("a connection");
    assert!(connection.reused);
}

/// Nothing is awaited after the container closes: the runtime has not been told, as when it is busy.
#[tokio::test]
async fn what_the_container_has_just_closed_is_not_taken_for_what_cannot_be_sent_twice() {
    let (upstream, container) = idle().await;
    drop(container);
    let began = Instant::now();
    while let Some(connection) = upstream.take(false) {
        assert!(began.elapsed() < Duration::from_secs(20), "a closed connection is still taken");
        upstream.keep(connection);
    }
}
