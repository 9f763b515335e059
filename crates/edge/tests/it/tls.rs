//! Certificates, and HTTP/2 to HTTP/1.

use crate::world::*;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, Version, body::Bytes};
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::{Secret, edge::Certificate};
use rustls::pki_types::ServerName;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{TlsConnector, client::TlsStream};

pub async fn secure(port: u16, name: &str, protocol: &[u8], named: bool) -> TlsStream<tokio::net::TcpStream> {
    let mut config = testkit::tls::trusting().expect("versions");
    config.alpn_protocols = vec![protocol.to_vec()];
    config.enable_sni = named;
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, connect(port).await).await.expect("a handshake")
}

fn leaf(stream: &TlsStream<tokio::net::TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().expect("a certificate")[0].to_vec()
}

fn certificate(hosts: &[&str]) -> (Certificate, Vec<u8>) {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let made = rcgen::generate_simple_self_signed(hosts.clone()).expect("a certificate");
    let leaf = made.cert.der().to_vec();
    (Certificate { hosts, chain_pem: made.cert.pem(), key_pem: Secret::new(made.signing_key.serialize_pem()) }, leaf)
}

#[tokio::test]
async fn certificates_are_chosen_by_name_and_outlive_a_restart() {
    let state = tempfile::tempdir().expect("a folder");
    let mut edge = TestEdge::start(state.path()).await;
    let fallback = leaf(&secure(edge.https, "a.example", b"http/1.1", true).await);
    let ((exact, exact_leaf), (wild, wild_leaf)) = (certificate(&["a.example"]), certificate(&["*.a.example", "b.example"]));
    edge.control.certificates(&[exact, wild]).await.expect("they are taken");
    let broken = Certificate { hosts: vec!["c.example".into()], chain_pem: "x".into(), key_pem: Secret::new("y") };
    let refused = edge.control.certificates(&[broken]).await;
    assert!(matches!(&refused, Err(proxy::Error::Rejected { why }) if why.contains("c.example")), "{refused:?}");
    for restarted in [false, true] {
        for (name, named, expected) in [
            ("a.example", true, &exact_leaf),
            ("x.a.example", true, &wild_leaf),
            ("b.example", true, &wild_leaf),
            ("x.y.a.example", true, &fallback),
            ("other.example", true, &fallback),
            ("a.example", false, &fallback),
        ] {
            assert_eq!(&leaf(&secure(edge.https, name, b"http/1.1", named).await), expected, "{name}, restarted: {restarted}");
        }
        if !restarted {
            edge.stop().await;
            edge = TestEdge::start(state.path()).await;
        }
    }
    edge.stop().await;
}

#[tokio::test]
async fn http2_visitors_reach_http1_containers() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    let mut only = route("a.example", "/", to(&[&backend]));
    only.https_only = true;
    edge.push(1, vec![only]).await;
    let stream = secure(edge.https, "a.example", b"h2", true).await;
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(connection);
    let asked = (0..20).map(|number| {
        let request = Request::get(format!("https://a.example/{number}")).version(Version::HTTP_2).header("cookie", "a=1").header("cookie", "b=2");
        sender.send_request(request.body(Empty::<Bytes>::new()).expect("a request"))
    });
    for (number, response) in futures_util::future::join_all(asked.collect::<Vec<_>>()).await.into_iter().enumerate() {
        let response = response.expect("an answer");
        assert_eq!(response.version(), Version::HTTP_2);
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        assert!(body.starts_with(&format!("one GET /{number}\n")), "{body}");
        for line in ["host: a.example\n", "cookie: a=1; b=2\n", "x-forwarded-proto: https\n"] {
            assert!(body.contains(line), "{body}");
        }
    }
    drop(sender);
    edge.stop().await;
}

/// What a browser does for `wss`: HTTP/1.1 over TLS, then its own protocol.
#[tokio::test]
async fn an_upgraded_connection_over_tls_outlives_a_switch() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let (old, new) = (Backend::start("old").await, Backend::start("new").await);
    edge.push(1, vec![route("a.example", "/", to(&[&old]))]).await;
    let mut tunnel = secure(edge.https, "a.example", b"http/1.1", true).await;
    tunnel.write_all(b"GET /upgrade HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n").await.expect("a request");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tunnel.read_u8().await.expect("an answer"));
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{:?}", String::from_utf8_lossy(&head));
    edge.push(2, vec![route("a.example", "/", to(&[&new]))]).await;
    for word in ["one", "two"] {
        tunnel.write_all(word.as_bytes()).await.expect("bytes");
        let mut echo = [0; 3];
        tunnel.read_exact(&mut echo).await.expect("an echo");
        assert_eq!(echo, word.as_bytes());
    }
    assert_eq!(edge.in_flight("old").await, 1);
    drop(tunnel);
    eventually(|| edge.in_flight("old"), |in_flight| *in_flight == 0).await;
    edge.stop().await;
}
