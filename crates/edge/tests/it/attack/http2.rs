//! Floods of HTTP/2 frames, written by hand: rapid reset, continuations without end, settings and pings.

use crate::{tls::secure, world::*};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::client::TlsStream;

pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
pub(super) const HEADERS: u8 = 1;
pub(super) const RESET: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;
/// Frames of a flood; a server that takes them all does not notice one.
const FLOOD: u32 = 50_000;

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A head in HPACK: GET, https, `/`, and the host as a literal that is not indexed.
fn head() -> Vec<u8> {
    [&[0x82, 0x87, 0x84, 0x01, 9], &b"a.example"[..]].concat()
}

/// Writes a flood while it reads what comes back; answers how many of its pieces were written before the edge closed the connection.
async fn flood(edge: &TestEdge, piece: impl Fn(u32) -> Vec<u8>) -> u32 {
    let stream: TlsStream<tokio::net::TcpStream> = secure(edge.https, "a.example", b"h2", true).await;
    let (mut reader, mut writer) = tokio::io::split(stream);
    let read = tokio::spawn(async move {
        let mut bytes = [0; 16 * 1024];
        while let Ok(1..) = reader.read(&mut bytes).await {}
    });
    let begin = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    writer.write_all(&begin).await.expect("a preface");
    let mut written = 0;
    while written < FLOOD && !read.is_finished() && writer.write_all(&piece(written)).await.is_ok() {
        written += 1;
    }
    if written < FLOOD {
        tokio::time::timeout(DEADLINE, read).await.expect("the edge closes the connection").expect("no panic");
    }
    written
}

async fn attacked() -> (tempfile::TempDir, TestEdge, Backend) {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    (state, edge, backend)
}

/// Others are served, and nothing is left in flight.
async fn unharmed(edge: TestEdge) {
    assert_eq!(status(&get(edge.http, "a.example", "/").await), "200");
    eventually(|| edge.in_flight("one"), |count| *count == 0).await;
    edge.stop().await;
}

#[tokio::test]
async fn streams_that_are_opened_and_reset_without_end_close_their_connection() {
    let (_state, edge, _backend) = attacked().await;
    let written = flood(&edge, |number| {
        let stream = 2 * number + 1;
        [frame(HEADERS, END_STREAM | END_HEADERS, stream, &head()), frame(RESET, 0, stream, &8_u32.to_be_bytes())].concat()
    })
    .await;
    println!("closed after {written} resets");
    assert!(written < FLOOD, "all {FLOOD} were taken");
    unharmed(edge).await;
}

#[tokio::test]
async fn a_head_that_is_continued_without_end_closes_its_connection() {
    let (_state, edge, _backend) = attacked().await;
    let written = flood(&edge, |number| match number {
        0 => frame(HEADERS, END_STREAM, 1, &head()),
        _ => frame(CONTINUATION, 0, 1, &[&[0x00, 1, b'x', 100][..], &[b'y'; 100]].concat()),
    })
    .await;
    println!("closed after {written} continuations");
    assert!(written < FLOOD, "all {FLOOD} were taken");
    unharmed(edge).await;
}

#[tokio::test]
async fn empty_continuations_close_their_connection_or_cost_nothing() {
    let (_state, edge, _backend) = attacked().await;
    flood(&edge, |number| if number == 0 { frame(HEADERS, END_STREAM, 1, &head()) } else { frame(CONTINUATION, 0, 1, &[]) }).await;
    unharmed(edge).await;
}

#[tokio::test]
async fn floods_of_settings_and_pings_hinder_nobody() {
    let (_state, edge, _backend) = attacked().await;
    flood(&edge, |_| [frame(SETTINGS, 0, 0, &[]), frame(PING, 0, 0, &[0; 8])].concat()).await;
    unharmed(edge).await;
}

#[tokio::test]
async fn frames_out_of_order_close_their_connection() {
    let (_state, edge, _backend) = attacked().await;
    for wrong in [
        frame(CONTINUATION, END_HEADERS, 1, &head()),
        frame(HEADERS, END_HEADERS, 0, &head()),
        frame(HEADERS, END_HEADERS, 2, &head()),
        frame(SETTINGS, 0, 1, &[]),
        frame(PING, 0, 0, &[0; 7]),
        frame(HEADERS, END_HEADERS, 1, &[0xff; 64]),
        vec![0xff; 64 * 1024],
    ] {
        let written = flood(&edge, |_| wrong.clone()).await;
        assert!(written < FLOOD, "{:?} was taken", &wrong[..9]);
    }
    unharmed(edge).await;
}
