//! Static sites.

use crate::world::*;
use edge::static_site::{StaticOptions, StaticSite};
use model::StaticPack;
use std::{fs, path::Path};
use tokio::sync::oneshot;

struct TestSite {
    port: u16,
    _folder: tempfile::TempDir,
    _shutdown: oneshot::Sender<()>,
}

impl TestSite {
    async fn start(files: &[(&str, &str)], settings: StaticPack) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("site");
        fs::create_dir(&root).expect("a root");
        fs::write(folder.path().join("secret.txt"), "secret").expect("a file");
        for (path, content) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
            fs::write(path, content).expect("a file");
        }
        std::os::unix::fs::symlink("../secret.txt", root.join("link.txt")).expect("a link");
        let listen = "127.0.0.1:0".parse().expect("an address");
        let site = StaticSite::start(StaticOptions { root, settings, listen }).await.expect("the site starts");
        let port = site.port();
        let (shutdown, asked) = oneshot::channel::<()>();
        tokio::spawn(site.serve(async move {
            let _ = asked.await;
        }));
        Self { port, _folder: folder, _shutdown: shutdown }
    }

    async fn ask(&self, method: &str, path: &str, headers: &str) -> String {
        raw(self.port, &format!("{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n")).await
    }
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines().find_map(|line| line.split_once(": ").filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

#[tokio::test]
async fn paths_lead_to_files_pages_and_folders_and_never_outside() {
    let files = [
        ("index.html", "home"),
        ("about.html", "about"),
        ("docs/index.html", "docs"),
        ("404.html", "lost"),
        (".env", "secret"),
        (".well-known/x", "known"),
        ("a b.txt", "blank"),
    ];
    let site = TestSite::start(&files, StaticPack::default()).await;
    for (path, status_code, end) in [
        ("/", "200", "home"),
        ("/about", "200", "about"),
        ("/about.html", "200", "about"),
        ("/docs/", "200", "docs"),
        ("/a%20b.txt", "200", "blank"),
        ("/.well-known/x", "200", "known"),
        ("/missing", "404", "lost"),
        ("/.env", "404", "lost"),
        ("/%2eenv", "404", "lost"),
        ("/link.txt", "404", "lost"),
        ("/../secret.txt", "404", "lost"),
        ("/..%2fsecret.txt", "404", "lost"),
        ("/%2e%2e/secret.txt", "404", "lost"),
        ("/docs/..%2f..%2fsecret.txt", "404", "lost"),
    ] {
        let answer = site.ask("GET", path, "").await;
        assert_eq!(status(&answer), status_code, "{path}: {answer}");
        assert!(answer.ends_with(end), "{path}: {answer}");
    }
    for (path, location) in [("/docs", "/docs/"), ("/docs?x=1", "/docs/?x=1"), ("//docs", "/docs/"), ("/about/", "/about")] {
        let answer = site.ask("GET", path, "").await;
        assert_eq!((status(&answer), header(&answer, "location")), ("308", Some(location)), "{path}");
    }
    assert_eq!(status(&site.ask("POST", "/", "").await), "405");
}

#[tokio::test]
async fn a_single_page_application_answers_unknown_paths_but_not_files_of_another_release() {
    let files = [("index.html", "app"), ("assets/index-BxY3k9Qa.js", "code")];
    let site = TestSite::start(&files, StaticPack { spa: true, ..StaticPack::default() }).await;
    assert!(site.ask("GET", "/users/7", "").await.ends_with("app"));
    let kept = site.ask("GET", "/assets/index-BxY3k9Qa.js", "").await;
    assert_eq!(header(&kept, "cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(header(&kept, "content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(header(&site.ask("GET", "/", "").await, "cache-control"), Some("no-cache"));
    assert_eq!(status(&site.ask("GET", "/assets/index-AAY3k9Qa.js", "").await), "404");
    assert_eq!(status(&site.ask("GET", "/..%2fsecret.txt", "").await), "404");
}

#[tokio::test]
async fn what_the_visitor_has_is_not_sent_again_and_parts_are_sent_alone() {
    let large = "x".repeat(200_000);
    let site = TestSite::start(&[("a.txt", "0123456789"), ("large.bin", &large)], StaticPack::default()).await;
    let first = site.ask("GET", "/a.txt", "").await;
    let (tag, date) = (header(&first, "etag").expect("a tag"), header(&first, "last-modified").expect("a date"));
    assert_eq!(status(&site.ask("GET", "/a.txt", &format!("If-None-Match: {tag}\r\n")).await), "304");
    assert_eq!(status(&site.ask("GET", "/a.txt", &format!("If-Modified-Since: {date}\r\n")).await), "304");
    assert_eq!(status(&site.ask("GET", "/a.txt", "If-None-Match: \"other\"\r\n").await), "200");
    let part = site.ask("GET", "/a.txt", "Range: bytes=2-4\r\n").await;
    assert_eq!((status(&part), header(&part, "content-range"), part.ends_with("\r\n\r\n234")), ("206", Some("bytes 2-4/10"), true));
    assert_eq!(status(&site.ask("GET", "/a.txt", "Range: bytes=10-\r\n").await), "416");
    let whole = site.ask("GET", "/large.bin", "").await;
    assert!(whole.ends_with(&large) && header(&whole, "content-length") == Some("200000"));
    let head = site.ask("HEAD", "/large.bin", "").await;
    assert!(head.ends_with("\r\n\r\n") && header(&head, "content-length") == Some("200000"));
}

#[tokio::test]
async fn text_is_compressed_for_those_who_understand_it() {
    let text = "body { color: red } ".repeat(500);
    let site = TestSite::start(&[("a.css", &text), ("small.css", "a{}"), ("a.png", &text)], StaticPack::default()).await;
    let mut tags = std::collections::BTreeSet::new();
    for (accepted, expected) in [("gzip, br", Some("br")), ("gzip", Some("gzip")), ("identity", None)] {
        let answer = site.ask("HEAD", "/a.css", &format!("Accept-Encoding: {accepted}\r\n")).await;
        assert_eq!((header(&answer, "content-encoding"), header(&answer, "vary")), (expected, Some("accept-encoding")));
        let length: usize = header(&answer, "content-length").and_then(|length| length.parse().ok()).expect("a length");
        assert_eq!(length < 1000, expected.is_some());
        tags.insert(header(&answer, "etag").expect("a tag").to_owned());
    }
    assert_eq!(tags.len(), 3);
    for plain in ["/small.css", "/a.png"] {
        assert_eq!(header(&site.ask("HEAD", plain, "Accept-Encoding: br\r\n").await, "content-encoding"), None, "{plain}");
    }
}

#[tokio::test]
async fn security_headers_are_set_and_the_settings_have_the_last_word() {
    let headers = [("X-Frame-Options", "DENY"), ("X-Mine", "1"), ("bad name", "x")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let site = TestSite::start(&[("index.html", "home")], StaticPack { headers, ..StaticPack::default() }).await;
    for path in ["/", "/missing"] {
        let answer = site.ask("GET", path, "").await;
        for (name, value) in
            [("x-content-type-options", "nosniff"), ("referrer-policy", "strict-origin-when-cross-origin"), ("x-frame-options", "DENY"), ("x-mine", "1")]
        {
            assert_eq!(header(&answer, name), Some(value), "{path}");
        }
    }
}
