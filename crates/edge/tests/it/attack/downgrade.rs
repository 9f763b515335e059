//! Requests over HTTP/2 that would be two requests, or another one, when they are written again as HTTP/1.1: none reaches a container.

use super::http2::{END_HEADERS, END_STREAM, HEADERS, PREFACE, RESET, SETTINGS, frame};
use crate::{tls::secure, world::*};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const DATA: u8 = 0;
const GO_AWAY: u8 = 7;
const SMUGGLED: &str = "x\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n";

/// A head of literals that are not indexed.
fn head(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        assert!(name.len() < 127 && value.len() < 127, "lengths of one byte");
        block.extend([0x00, name.len() as u8]);
        block.extend(name.bytes());
        block.push(value.len() as u8);
        block.extend(value.bytes());
    }
    block
}

/// Whether the edge answers a head and what follows it on stream 1 with 200, and not with another status or by ending stream or connection.
async fn taken(edge: &TestEdge, fields: &[(&str, &str)], body: Option<&[u8]>) -> bool {
    let mut stream = secure(edge.https, "a.example", b"h2", true).await;
    let flags = if body.is_none() { END_STREAM | END_HEADERS } else { END_HEADERS };
    let mut sent = [PREFACE, &frame(SETTINGS, 0, 0, &[]), &frame(HEADERS, flags, 1, &head(fields))].concat();
    sent.extend(body.into_iter().flat_map(|body| frame(DATA, END_STREAM, 1, body)));
    stream.write_all(&sent).await.expect("a request");
    let reading = async {
        loop {
            let mut begin = [0; 9];
            if stream.read_exact(&mut begin).await.is_err() {
                return false;
            }
            let length = u32::from_be_bytes([0, begin[0], begin[1], begin[2]]) as usize;
            let number = u32::from_be_bytes([begin[5], begin[6], begin[7], begin[8]]);
            let mut payload = vec![0; length];
            if stream.read_exact(&mut payload).await.is_err() {
                return false;
            }
            match (begin[3], number) {
                // The number of `:status: 200` in the table that every peer has.
                (HEADERS, 1) => return payload.first() == Some(&0x88),
                (RESET, 1) | (GO_AWAY, 0) => return false,
                _ => {}
            }
        }
    };
    tokio::time::timeout(DEADLINE, reading).await.expect("the edge answers or closes")
}

/// The fields that every request has, and more of them.
fn plain<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[(":method", "POST"), (":scheme", "https"), (":path", "/"), (":authority", "a.example")], more].concat()
}

/// A request over HTTP/2: its fields, and its body if it has one.
type Case<'a> = (Vec<(&'a str, &'a str)>, Option<&'a [u8]>);

async fn none_arrives(cases: Vec<Case<'_>>) {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    for (fields, body) in cases {
        assert!(!taken(&edge, &fields, body).await, "{fields:?} with {body:?} is answered");
        let arrived = edge.control.status().await.expect("a status").requests.get("one").copied();
        assert_eq!(arrived, Some(0), "{fields:?} with {body:?} reached the container");
    }
    assert!(taken(&edge, &plain(&[]), None).await, "a plain request is answered");
    assert_eq!(status(&get(edge.http, "a.example", "/").await), "200");
    edge.stop().await;
}

#[tokio::test]
async fn framing_of_http1_in_an_http2_head_is_refused() {
    let smuggled: &[u8] = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n";
    none_arrives(vec![
        (plain(&[("transfer-encoding", "chunked")]), Some(smuggled)),
        (plain(&[("transfer-encoding", "identity")]), Some(smuggled)),
        (plain(&[("content-length", "0"), ("transfer-encoding", "chunked")]), Some(smuggled)),
        (plain(&[("connection", "keep-alive")]), None),
        (plain(&[("connection", "transfer-encoding")]), None),
        (plain(&[("keep-alive", "timeout=5")]), None),
        (plain(&[("upgrade", "h2c")]), None),
        (plain(&[("proxy-connection", "close")]), None),
        (plain(&[("te", "chunked")]), None),
    ])
    .await;
}

#[tokio::test]
async fn line_ends_in_an_http2_head_are_refused() {
    none_arrives(vec![
        (plain(&[("x", SMUGGLED)]), None),
        (plain(&[("x", "a\nb: c")]), None),
        (plain(&[("x", "a\0b")]), None),
        (plain(&[("x\r\ntransfer-encoding: chunked\r\ny", "z")]), None),
        (plain(&[("x: y", "z")]), None),
        (plain(&[("X-Upper", "z")]), None),
        (plain(&[("", "z")]), None),
        (vec![(":method", "GET / HTTP/1.1\r\nHost: b.example\r\n\r\n"), (":scheme", "https"), (":path", "/"), (":authority", "a.example")], None),
        (vec![(":method", "GET"), (":scheme", "https"), (":path", "/ HTTP/1.1\r\nHost: b.example\r\n\r\n"), (":authority", "a.example")], None),
        (vec![(":method", "GET"), (":scheme", "https"), (":path", "/x y"), (":authority", "a.example")], None),
        (vec![(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a.example\r\nx: y")], None),
    ])
    .await;
}

#[tokio::test]
async fn a_pseudo_header_that_is_doubled_late_or_unknown_is_refused() {
    none_arrives(vec![
        (plain(&[(":path", "/admin")]), None),
        (plain(&[(":authority", "b.example")]), None),
        (plain(&[("x", "y"), (":method", "GET")]), None),
        (plain(&[(":unknown", "y")]), None),
        (plain(&[(":status", "200")]), None),
        (vec![(":method", "GET"), (":scheme", "https"), (":path", ""), (":authority", "a.example")], None),
        (vec![(":method", "GET"), (":path", "/"), (":authority", "a.example")], None),
        (vec![(":method", "GET"), (":scheme", "https"), (":authority", "a.example")], None),
        (vec![(":scheme", "https"), (":path", "/"), (":authority", "a.example")], None),
        (vec![(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "b@a.example")], None),
        (vec![(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a.example"), ("host", "b.example")], None),
        (vec![(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a.example"), ("host", "a.example"), ("host", "b.example")], None),
    ])
    .await;
}

#[tokio::test]
async fn a_length_that_is_not_the_body_s_never_becomes_a_whole_request() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let upload = |length| vec![(":method", "POST"), (":scheme", "https"), (":path", "/upload"), (":authority", "a.example"), ("content-length", length)];
    assert!(taken(&edge, &upload("5"), Some(b"hello")).await, "a true length is taken");
    for (length, body) in
        [("0", &b"GET /smuggled HTTP/1.1\r\n\r\n"[..]), ("3", b"hello"), ("50", b"hello"), ("-1", b"hello"), ("5, 5", b"hello"), ("x", b"hello")]
    {
        assert!(!taken(&edge, &upload(length), Some(body)).await, "{length} for {} bytes is taken", body.len());
    }
    eventually(|| edge.in_flight("one"), |count| *count == 0).await;
    edge.stop().await;
}
