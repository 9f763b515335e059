//! Hosts and paths written so that two programs take them for different ones.

use crate::world::*;

#[tokio::test]
async fn a_host_that_is_written_in_another_way_reaches_the_same_route_or_none() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let (open, secret) = (Backend::start("open").await, Backend::start("secret").await);
    edge.push(1, vec![route("a.example", "/", to(&[&open])), route("admin.example", "/", to(&[&secret]))]).await;
    for (host, reaches) in [
        ("A.Example", "open"),
        ("a.example:80", "open"),
        ("a.example:65535", "open"),
        ("a.example.", "open"),
        ("admin.example@a.example", "400"),
        ("a.example@admin.example", "400"),
        ("a.example#admin.example", "400"),
        ("a.example?admin.example", "400"),
        ("a.example/admin.example", "400"),
        ("a.example\\admin.example", "400"),
        ("a.example,admin.example", "400"),
        ("a.example admin.example", "400"),
        ("a.example\tadmin.example", "400"),
        ("a.example:80:80", "400"),
        ("a.example:99999", "400"),
        ("a.example:", "any"),
        ("[::1]", "404"),
        ("127.0.0.1", "404"),
        ("admin.example.a.example", "404"),
        ("a.example%2fadmin.example", "none"),
        ("\u{430}.example", "none"),
    ] {
        let answer = get(edge.http, host, "/x").await;
        let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
        match reaches {
            "open" => assert!(body.starts_with("open GET /x"), "{host:?} is answered {answer}"),
            "none" => assert!(["400", "404"].contains(&status(&answer)), "{host:?} is answered {answer}"),
            "any" => assert!(!body.starts_with("secret"), "{host:?} is answered {answer}"),
            expected => assert_eq!(status(&answer), expected, "{host:?} is answered {answer}"),
        }
    }
    edge.stop().await;
}

#[tokio::test]
async fn headers_that_speak_of_another_host_or_visitor_are_not_believed() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let (open, secret) = (Backend::start("open").await, Backend::start("secret").await);
    edge.push(1, vec![route("a.example", "/", to(&[&open])), route("admin.example", "/", to(&[&secret]))]).await;
    let forged = "X-Forwarded-Host: admin.example\r\nX-Forwarded-For: 203.0.113.9\r\nX-Real-IP: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n\
                  X-Forwarded-Port: 1\r\nForwarded: for=203.0.113.9;host=admin.example\r\nX-Original-URL: /admin\r\nConnection: X-Forwarded-For, close\r\n";
    let answer = raw(edge.http, &format!("GET /x HTTP/1.1\r\nHost: a.example\r\n{forged}\r\n")).await;
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    assert!(body.starts_with("open GET /x"), "{answer}");
    assert!(body.contains("x-forwarded-for: 127.0.0.1\n") && body.contains("x-forwarded-proto: http\n"), "{body}");
    assert!(!body.contains("203.0.113.9"), "{body}");
    assert!(!body.contains("x-forwarded-host: admin.example"), "{body}");
    edge.stop().await;
}

#[tokio::test]
async fn a_path_is_matched_as_it_is_written_and_passed_on_unchanged() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let (open, admin) = (Backend::start("open").await, Backend::start("admin").await);
    let mut stripped = route("a.example", "/admin", to(&[&admin]));
    stripped.strip_prefix = true;
    edge.push(1, vec![route("a.example", "/", to(&[&open])), stripped]).await;
    for (path, reaches) in [
        ("/admin", "admin GET /"),
        ("/admin/x", "admin GET /x"),
        ("/admin/../x", "admin GET /../x"),
        ("/admin/%2e%2e/x", "admin GET /%2e%2e/x"),
        ("/administrator", "open GET /administrator"),
        ("/admin;x=1", "open GET /admin;x=1"),
        ("/admin%2fx", "open GET /admin%2fx"),
        ("/%61dmin", "open GET /%61dmin"),
        ("//admin/x", "open GET //admin/x"),
        ("/./admin/x", "open GET /./admin/x"),
        ("/x/../admin", "open GET /x/../admin"),
        ("/x/%2e%2e/admin", "open GET /x/%2e%2e/admin"),
        ("/ADMIN", "open GET /ADMIN"),
        ("/x?/admin", "open GET /x?/admin"),
        ("/admin//x", "admin GET //x"),
    ] {
        let answer = get(edge.http, "a.example", path).await;
        let first = answer.split("\r\n\r\n").nth(1).and_then(|body| body.lines().next()).unwrap_or_default();
        assert_eq!(first, reaches, "{path} is answered {answer}");
    }
    for path in ["/a\\..\\b\0", "x", "../admin", "/a b", "/\u{7f}"] {
        let answer = get(edge.http, "a.example", path).await;
        assert_eq!(status(&answer), "400", "{path:?} is answered {answer}");
    }
    edge.stop().await;
}
