//! What passes the strict reader, and what it spoils.

use super::*;

/// Whether a stream passes, whole and byte by byte.
fn passes(stream: &str) -> bool {
    let mut whole = Framing::default();
    let mut bytes = stream.as_bytes().to_vec();
    let at_once = whole.take(&mut bytes) == stream.len() && whole.stage != Stage::Spoilt;
    let mut slowly = Framing::default();
    let one_by_one = stream.bytes().all(|byte| slowly.take(&mut [byte]) == 1) && slowly.stage != Stage::Spoilt;
    assert_eq!(at_once, one_by_one, "{stream:?}");
    at_once
}

#[test]
fn plain_requests_pass_one_after_another() {
    let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let sized = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na\nb\nc";
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\na\nb\r\n0\r\nX-Sum: 1\r\n\r\n";
    assert!(passes(&[get, sized, get, chunked, get, "\r\n", get].concat()));
}

#[test]
fn what_two_programs_read_in_two_ways_is_spoilt() {
    for headers in [
        "Host: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n",
        "Host: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
        "Host: a\r\nContent-Length: +1\r\n",
        "Host: a\r\nContent-Length: 1, 1\r\n",
        "Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Host: a\r\nTransfer-Encoding: gzip, chunked\r\n",
        "Host: a\r\nTransfer-Encoding: xchunked\r\n",
        "Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Host: a\r\nTransfer-Encoding : chunked\r\n",
        "Host: a\r\nTransfer-Encoding:\x0bchunked\r\n",
        "Host: a\r\nX: a\r\n b\r\n",
        "Host: a\nX: b\r\n",
        "Host: a\r\nHost: b\r\n",
        "Host: a\r\nX: a\rb\r\n",
        "Host: a\r\nX: a\x00b\r\n",
        "Host: a\r\nno colon\r\n",
    ] {
        assert!(!passes(&format!("POST / HTTP/1.1\r\n{headers}\r\n0\r\n\r\n")), "{headers:?}");
    }
}

#[test]
fn the_second_request_of_a_connection_is_read_as_strictly() {
    let first = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n0\r\n\r\n";
    assert!(!passes(&format!("{first}GET / HTTP/1.1\nHost: a\r\n\r\n")));
}

#[test]
fn after_an_upgrade_nothing_is_looked_at() {
    assert!(passes("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n\x00\n\x01\n"));
}
