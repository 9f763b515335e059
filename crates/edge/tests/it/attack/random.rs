//! Heads that mutation makes: whatever the bytes, the edge answers or closes, and a container sees whole requests only.

use crate::world::*;
use edge::Limits;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

const ROUNDS: usize = 1024;
const AT_A_TIME: usize = 64;
const SEEDS: [&str; 4] = [
    "GET /x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n",
    "POST /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello",
    "POST /upload HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
    "GET /upgrade HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
];
const WORDS: [&[u8]; 16] = [
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b" ",
    b"\t",
    b":",
    b"\xff",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: 3\r\n",
    b"Host: b.example\r\n",
    b"0\r\n\r\n",
    b"GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n",
    b"-1",
    b"ffffffffffffffff",
    b"HTTP/1.0",
];

struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

fn mutation(chance: &mut Chance) -> Vec<u8> {
    let mut bytes = SEEDS[chance.below(SEEDS.len())].as_bytes().to_vec();
    for _ in 0..=chance.below(3) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + chance.below(8)).min(bytes.len());
        match chance.below(4) {
            0 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            1 => drop(bytes.drain(at..end)),
            _ => drop(bytes.splice(at..end, WORDS[chance.below(WORDS.len())].iter().copied())),
        }
    }
    bytes
}

#[tokio::test]
async fn whatever_the_bytes_the_edge_answers_or_closes_and_serves_on() {
    let state = tempfile::tempdir().expect("a folder");
    let limit = Duration::from_millis(300);
    let limits = Limits { header_read: limit, idle: limit, answer: limit, ..Limits::default() };
    let edge = TestEdge::with(state.path(), limits).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut answered, mut refused) = (0, 0);
    for _ in 0..ROUNDS / AT_A_TIME {
        let sent: Vec<Vec<u8>> = (0..AT_A_TIME).map(|_| mutation(&mut chance)).collect();
        let answers = futures_util::future::join_all(sent.iter().map(|bytes| ask(edge.http, bytes))).await;
        for (bytes, answer) in sent.iter().zip(answers) {
            match status(&answer) {
                "200" | "101" => answered += 1,
                "none" | "400" | "404" | "413" | "431" | "502" | "504" => refused += 1,
                _ => panic!("{:?} is answered {answer:?}", String::from_utf8_lossy(bytes)),
            }
        }
    }
    println!("{answered} answered, {refused} refused or closed");
    assert!(answered > ROUNDS / 20 && refused > ROUNDS / 2, "{answered} answered, {refused} refused");
    eventually(|| edge.in_flight("one"), |count| *count == 0).await;
    assert_eq!(status(&get(edge.http, "a.example", "/").await), "200");
    edge.stop().await;
}

/// Sends bytes; once something comes back, or nothing did for a while, nothing follows: a tunnel ends.
async fn ask(port: u16, bytes: &[u8]) -> String {
    let mut stream = connect(port).await;
    let _ = stream.write_all(bytes).await;
    let _ = tokio::time::timeout(Duration::from_secs(1), stream.peek(&mut [0])).await;
    let _ = stream.shutdown().await;
    read_all(&mut stream).await
}
