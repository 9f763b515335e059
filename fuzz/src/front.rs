//! The edge's HTTP front, over a socket: whatever the bytes, it answers or closes, and a container only sees requests that can be read in one way.

use edge::{Edge, EdgeOptions, Limits};
use model::{Route, RouteTable, Target, Upstream};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::OnceLock,
    time::Duration,
};

const SHORT: Duration = Duration::from_millis(50);
const DEADLINE: Duration = Duration::from_secs(10);

/// Sends the bytes, and then a plain request on another connection, which is served.
pub fn front(bytes: &[u8]) {
    let port = *PORT.get_or_init(start);
    let answer = ask(port, bytes);
    let status = answer.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 ") && status.first() != Some(&b'5') || [b"502", b"504"].iter().any(|known| status == *known));
    let plain = ask(port, b"GET /plain HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
    assert!(plain.starts_with(b"HTTP/1.1 200 "), "the edge does not serve on: {}", String::from_utf8_lossy(&plain));
}

static PORT: OnceLock<u16> = OnceLock::new();

/// Starts an edge and a container behind it, which live as long as the process; answers the edge's port.
fn start() -> u16 {
    let container = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = container.local_addr().expect("an address");
    std::thread::spawn(move || container.incoming().flatten().for_each(|stream| drop(std::thread::spawn(move || serve(stream)))));
    let (told, port) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let state = tempfile::tempdir().expect("a folder");
            let any = SocketAddr::from(([127, 0, 0, 1], 0));
            let options = EdgeOptions { state: state.path().to_owned(), http: any, https: any, version: "fuzz".into(), drain_limit: SHORT };
            let limits = Limits { header_read: SHORT, idle: SHORT, answer: SHORT, ..Limits::default() };
            let edge = Edge::start(options, limits).await.expect("the edge starts");
            let port = edge.http_port();
            let serving = tokio::spawn(edge.serve(std::future::pending()));
            let table = RouteTable { generation: 1, routes: vec![route(address)] };
            // The control socket is there once it serves.
            while proxy::Edge::at(state.path()).push(&table).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            told.send(port).expect("somebody waits");
            serving.await.expect("no panic").expect("it serves");
        });
    });
    port.recv().expect("the edge starts")
}

fn route(address: SocketAddr) -> Route {
    let upstreams = vec![Upstream { container: "one".into(), address }];
    Route {
        application: "abcdefghijklmnopqrstuvwx".parse().expect("an id"),
        host: "a.example".parse().expect("a host"),
        path: "/".parse().expect("a path"),
        strip_prefix: false,
        https_only: false,
        target: Target::Upstreams { upstreams },
    }
}

fn ask(port: u16, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.set_read_timeout(Some(DEADLINE)).expect("a time limit");
    // Who closes its half is taken for gone; the edge's own limits end the rest.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => panic!("the connection stays open"),
        _ => answer,
    }
}

/// A container that takes one request and looks at its head.
fn serve(mut stream: TcpStream) {
    let _ = stream.set_read_timeout(Some(DEADLINE));
    let (mut seen, mut bytes) = (Vec::new(), [0; 4096]);
    while !seen.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut bytes) {
            Ok(count @ 1..) => seen.extend_from_slice(&bytes[..count]),
            _ => return,
        }
    }
    let end = seen.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(seen.len());
    let head = String::from_utf8_lossy(&seen[..end]).to_ascii_lowercase();
    let count = |name: &str| head.split("\r\n").filter(|line| line.starts_with(name)).count();
    let lines = head.replace("\r\n", "");
    if count("host:") != 1 || count("content-length:") + count("transfer-encoding:") > 1 || lines.contains(['\r', '\n', '\0']) || head.contains("\r\n ") {
        eprintln!("a request that can be read in two ways reached the container: {head:?}");
        std::process::abort();
    }
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
}
