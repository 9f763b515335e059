//! Which container a request reaches, and what it and its answer carry.

use crate::world::*;
use model::Target;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn the_longest_path_of_the_exact_host_wins_then_of_the_wildcard() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let (root, api, wild) = (Backend::start("root").await, Backend::start("api").await, Backend::start("wild").await);
    let mut stripped = route("a.example", "/api", to(&[&api]));
    stripped.strip_prefix = true;
    edge.push(1, vec![route("a.example", "/", to(&[&root])), stripped, route("*.example", "/", to(&[&wild])), route("b.example", "/x", to(&[&root]))]).await;
    for (host, path, first_line) in [
        ("a.example", "/", "root GET /"),
        ("A.Example:8080", "/apis", "root GET /apis"),
        ("a.example.", "/api", "api GET /"),
        ("a.example", "/api/v1?x=1", "api GET /v1?x=1"),
        ("a.example", "/api?x=1", "api GET /?x=1"),
        ("other.example", "/api", "wild GET /api"),
        ("b.example", "/x/y", "root GET /x/y"),
        ("b.example", "/xy", "wild GET /xy"),
    ] {
        let answer = get(edge.http, host, path).await;
        assert_eq!(answer.split("\r\n\r\n").nth(1).and_then(|body| body.lines().next()), Some(first_line), "{host}{path}");
    }
    for host in ["example", "c.d.example", "nothing.test"] {
        let answer = get(edge.http, host, "/").await;
        assert_eq!(status(&answer), "404");
        assert!(answer.contains(host), "{answer}");
    }
    edge.stop().await;
}

#[tokio::test]
async fn containers_learn_who_asked_and_visitors_cannot_lie_about_it() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    edge.push(1, vec![route("a.example", "/", to(&[&backend]))]).await;
    let lies = "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Real-IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Forwarded-Prefix: /p\r\n";
    let hops = "Connection: close, X-Drop, Host\r\nX-Drop: 1\r\nKeep-Alive: 5\r\nTE: trailers, gzip\r\nProxy-Authorization: x\r\n";
    let answer = raw(edge.http, &format!("GET / HTTP/1.1\r\nHost: a.example:81\r\n{lies}{hops}X-Keep: 1\r\n\r\n")).await;
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    let mut headers: Vec<&str> = body.lines().skip(1).collect();
    headers.sort_unstable();
    let port = format!("x-forwarded-port: {}", edge.http);
    let expected = [
        "host: a.example:81",
        "te: trailers",
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-host: a.example:81",
        &port,
        "x-forwarded-proto: http",
        "x-keep: 1",
        "x-real-ip: 127.0.0.1",
    ];
    assert_eq!(headers, expected);
    let answer = get(edge.http, "a.example", "/hops").await;
    assert!(answer.contains("x-public") && !answer.contains("x-private") && !answer.contains("keep-alive"), "{answer}");
    edge.stop().await;
}

#[tokio::test]
async fn redirects_keep_path_and_query_and_name_the_port_where_it_is_unusual() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backend = Backend::start("one").await;
    let mut secure = route("a.example", "/", to(&[&backend]));
    secure.https_only = true;
    let elsewhere = Target::Redirect { host: "a.example".parse().expect("a host") };
    edge.push(1, vec![secure, route("www.a.example", "/", elsewhere)]).await;
    let answer = get(edge.http, "A.example:80", "/x//y?z=1").await;
    assert_eq!(status(&answer), "308");
    assert!(answer.contains(&format!("location: https://a.example:{}/x//y?z=1\r\n", edge.https)), "{answer}");
    let answer = get(edge.http, "www.a.example", "/x?y").await;
    assert!(answer.contains(&format!("location: http://a.example:{}/x?y\r\n", edge.http)), "{answer}");
    edge.stop().await;
}

#[tokio::test]
async fn a_container_that_refuses_connections_is_passed_over_and_with_none_left_it_is_502() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let (good, gone) = (Backend::start("good").await, Backend::start("gone").await);
    let mixed = to(&[&good, &gone]);
    let dead = to(&[&gone]);
    drop(gone);
    let empty = Target::Upstreams { upstreams: vec![] };
    edge.push(1, vec![route("mixed.example", "/", mixed), route("dead.example", "/", dead), route("empty.example", "/", empty)]).await;
    for _ in 0..10 {
        assert_eq!(status(&get(edge.http, "mixed.example", "/").await), "200");
        let upload = "POST /upload HTTP/1.1\r\nHost: mixed.example\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc";
        assert!(raw(edge.http, upload).await.ends_with("good took 3"));
    }
    assert_eq!(status(&get(edge.http, "dead.example", "/").await), "502");
    assert_eq!(status(&get(edge.http, "empty.example", "/").await), "503");
    let counts = edge.control.status().await.expect("a status");
    assert_eq!(counts.requests["good"], 20);
    assert!(counts.failures["gone"] > 0);
    assert_eq!(counts.in_flight.values().sum::<u64>(), 0);
    edge.stop().await;
}

#[tokio::test]
async fn requests_go_where_the_fewest_are_in_flight() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let (one, two) = (Backend::start("one").await, Backend::start("two").await);
    edge.push(1, vec![route("a.example", "/", to(&[&one, &two]))]).await;
    let mut waiting = Vec::new();
    for count in 1..=6 {
        let mut stream = connect(edge.http).await;
        stream.write_all(b"GET /wait HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n").await.expect("a request");
        waiting.push(stream);
        eventually(|| async { edge.in_flight("one").await + edge.in_flight("two").await }, |in_flight| *in_flight == count).await;
    }
    assert_eq!((edge.in_flight("one").await, edge.in_flight("two").await), (3, 3));
    one.emit("go").await;
    two.emit("go").await;
    for stream in &mut waiting {
        assert_eq!(status(&read_all(stream).await), "200");
    }
    eventually(|| async { edge.in_flight("one").await + edge.in_flight("two").await }, |in_flight| *in_flight == 0).await;
    edge.stop().await;
}
