//! What answers mean, however they arrive.

use super::{Extent, Head, Malformed, Piece, head};
use bytes::BytesMut;
use http::{HeaderMap, header};

/// Reads an answer that arrives so many bytes at a time. Returns its head, its body, its trailers, and whether its end was seen before the container closes.
fn read(answer: &[u8], step: usize, to_head: bool) -> Result<(Head, Vec<u8>, HeaderMap, bool), Malformed> {
    let (mut arrived, mut coming) = (BytesMut::new(), answer.chunks(step));
    let begun = loop {
        if let Some(begun) = head(&mut arrived, to_head)? {
            break begun;
        }
        arrived.extend_from_slice(coming.next().expect("the head ends"));
    };
    let (mut extent, mut body, mut trailers) = (begun.extent, Vec::new(), HeaderMap::new());
    loop {
        match extent.next(&mut arrived)? {
            Piece::Data(data) => body.extend_from_slice(&data),
            Piece::Trailers(read) => trailers = read,
            Piece::End => return Ok((begun, body, trailers, true)),
            Piece::Awaited => match coming.next() {
                Some(piece) => arrived.extend_from_slice(piece),
                None => return Ok((begun, body, trailers, false)),
            },
        }
    }
}

#[test]
fn a_body_ends_where_the_head_says_however_it_arrives() {
    for (answer, body, ends, keeps) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc", true, true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\nContent-Length: 3\r\n\r\nabc", "abc", true, true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true, true),
        ("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 3\r\n\r\nabc", "abc", true, false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc", true, false),
        ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc", "abc", true, true),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", "", true, true),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", "", true, true),
        ("HTTP/1.1 200 OK\r\n\r\nabc", "abc", false, true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc", "abc", false, true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n", "abc", true, true),
        ("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc", true, true),
    ] {
        for step in 1..=answer.len() {
            let (head, read, trailers, ended) = read(answer.as_bytes(), step, false).expect(answer);
            assert_eq!((read.as_slice(), trailers.len(), ended, head.keeps), (body.as_bytes(), 0, ends, keeps), "{answer:?} by {step}");
        }
    }
}

#[test]
fn an_answer_to_head_has_no_body_whatever_it_says() {
    let (head, body, _, ended) = read(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", 7, true).expect("an answer");
    assert_eq!((head.response.headers()[header::CONTENT_LENGTH].as_bytes(), body.len(), ended), (&b"3"[..], 0, true));
}

#[test]
fn trailers_are_told_and_a_length_beside_chunks_is_not() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n";
    for step in 1..=answer.len() {
        let (head, body, trailers, ended) = read(answer, step, false).expect("an answer");
        assert_eq!((body.as_slice(), trailers["x-sum"].as_bytes(), ended), (&b"abc"[..], &b"7"[..], true), "by {step}");
        assert!(!head.response.headers().contains_key(header::CONTENT_LENGTH));
    }
}

#[test]
fn what_follows_an_answer_is_left() {
    let mut arrived = BytesMut::from(&b"HTTP/1.1 200 Fine\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\n"[..]);
    let mut begun = head(&mut arrived, false).expect("a head").expect("a whole one");
    assert_eq!(begun.response.extensions().get::<hyper::ext::ReasonPhrase>().map(|reason| reason.as_bytes()), Some(&b"Fine"[..]));
    assert_eq!(begun.extent.next(&mut arrived), Ok(Piece::Data("a".into())));
    assert_eq!((begun.extent, &arrived[..]), (Extent::Ended, &b"HTTP/1.1 200 OK\r\n"[..]));
}

#[test]
fn an_answer_that_can_be_read_in_two_ways_is_refused() {
    for answer in [
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 99 OK\r\n\r\n",
        "220 mail ready\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\nabcd",
        "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;x\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n",
    ] {
        for step in 1..=answer.len() {
            assert!(read(answer.as_bytes(), step, false).is_err(), "{answer:?} by {step}");
        }
    }
    let endless = ["HTTP/1.1 200 OK\r\nX: ", &"x".repeat(300 * 1024)].concat();
    assert!(read(endless.as_bytes(), 8192, false).is_err());
}
