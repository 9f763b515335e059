//! What can be read in two ways is refused; what is merely unusual is passed on.

use crate::world::*;

#[tokio::test]
async fn a_request_that_can_be_read_in_two_ways_is_refused_and_its_connection_closed() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let smuggled = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n";
    for head in [
        "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nContent-Length: 6\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nContent-Length: 5\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5, 5\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: -1\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0x5\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: identity\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked, identity\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: gzip, chunked\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: xchunked\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: \"chunked\"\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding:\x0bchunked\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding : chunked\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nX: a\r\n Transfer-Encoding: chunked\r\n",
        "POST / HTTP/1.0\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n",
        "GET / HTTP/1.1\nHost: a.example\r\n",
        "GET / HTTP/1.1\r\nHost: a.example\nX: y\r\n",
        "GET / HTTP/1.1\r\nHost: a.example\r\nHost: a.example\r\n",
        "GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n",
        "GET / HTTP/1.1\r\nHost: a.example, b.example\r\n",
        "GET / HTTP/1.1\r\nHost: a.example/x\r\n",
        "GET / HTTP/1.1\r\nHost: a@a.example\r\n",
        "GET / HTTP/1.1\r\nHost: \r\n",
        "GET / HTTP/1.1\r\n",
        "GET http://b.example/ HTTP/1.1\r\nHost: a.example\r\n",
        "GET / HTTP/1.1\r\nHost: a.example\r\nX: a\x00b\r\n",
        "GET / HTTP/1.1\r\nHost: a.example\r\nX: a\rb\r\n",
        "GET / HTTP/1.1\r\nHost: a.example\r\nX: a\x7fb\r\n",
        "GET / HTTP/1.1\r\nHost: a.example\r\nX\x01: ab\r\n",
        "GET /a\x01b HTTP/1.1\r\nHost: a.example\r\n",
        "GET / HTTP/1.1\r\nHost: a.example\r\nno colon\r\n",
        "GET /  HTTP/1.1\r\nHost: a.example\r\n",
        "GET /a b HTTP/1.1\r\nHost: a.example\r\n",
        "GET / HTTP/2.0\r\nHost: a.example\r\n",
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n",
    ] {
        let answer = raw(edge.http, &format!("{head}\r\n{smuggled}")).await;
        assert_eq!(status(&answer), "400", "{head:?} is answered {answer:?}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{head:?} is answered {answer:?}");
    }
    // The opening of HTTP/2, which is only spoken over TLS.
    assert_eq!(raw(edge.http, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await, "");
    assert_eq!(edge.control.status().await.expect("a status").requests.get("one"), Some(&0));
    edge.stop().await;
}

#[tokio::test]
async fn plain_requests_in_other_forms_are_taken() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a_b.example", "/", to(&[&backend]))]).await;
    for (head, first_line) in [
        ("GET http://a_b.example/x HTTP/1.1\r\nHost: a_b.example\r\n", "one GET /x"),
        ("GET /x HTTP/1.0\r\nHost: a_b.example\r\n", "one GET /x"),
        ("\r\nGET /x HTTP/1.1\r\nHOST:a_b.example\r\n", "one GET /x"),
        ("OPTIONS * HTTP/1.1\r\nHost: a_b.example\r\n", "one OPTIONS *"),
        ("DELETE /%2e%2e/x HTTP/1.1\r\nHost: a_b.example\r\n", "one DELETE /%2e%2e/x"),
    ] {
        let answer = raw(edge.http, &format!("{head}Connection: close\r\n\r\n")).await;
        assert_eq!(answer.split("\r\n\r\n").nth(1).and_then(|body| body.lines().next()), Some(first_line), "{head:?} is answered {answer:?}");
    }
    edge.stop().await;
}

#[tokio::test]
async fn an_upgrade_that_is_declined_ends_the_connection() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let answer = raw(edge.http, "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
    let answer = raw(edge.http, "GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: h2c\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains("upgrade: h2c"), "{answer}");
    edge.stop().await;
}
