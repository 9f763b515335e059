//! Repositories over http, from git's own server side behind a small forge.

use crate::repository::{Bench, Repository, branch, path, source_at, unpacked};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::GitUrl;
use source::{Error, SourcePolicy};
use std::{convert::Infallible, net::SocketAddr, path::PathBuf};
use tokio::{net::TcpListener, task::JoinHandle};

/// How a forge behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Plain,
    /// Speaks the old protocol, which hands out only what a branch or tag names.
    Old,
    /// Asks everybody for a password.
    Private,
}

/// A forge that serves the repositories of a directory, `/moved/NAME` by a redirect to `/NAME`.
struct Forge {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Forge {
    async fn start(root: PathBuf, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let root = root.clone();
                let service = service_fn(move |request| answer(root.clone(), manner, request));
                tokio::spawn(async move {
                    let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, server }
    }

    fn url(&self, name: &str) -> GitUrl {
        format!("http://{}/{name}", self.address).parse().expect("a repository")
    }
}

impl Drop for Forge {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(root: PathBuf, manner: Manner, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    if let Some(rest) = target.strip_prefix("/moved") {
        return Ok(respond(StatusCode::FOUND, &[("location", rest)], Bytes::new()));
    }
    if manner == Manner::Private {
        return Ok(respond(StatusCode::UNAUTHORIZED, &[("www-authenticate", "Basic realm=\"forge\"")], Bytes::new()));
    }
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let value = |headers: &HeaderMap, name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let mut backend = host::Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", head.uri.path())
        .env("QUERY_STRING", head.uri.query().unwrap_or_default())
        .env("REQUEST_METHOD", head.method.as_str())
        .env("CONTENT_TYPE", value(&head.headers, "content-type"))
        .env("HTTP_CONTENT_ENCODING", value(&head.headers, "content-encoding"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .output_length_bytes(64 * 1024 * 1024)
        .input(body.to_vec());
    if manner != Manner::Old {
        backend = backend.env("GIT_PROTOCOL", value(&head.headers, "git-protocol"));
    }
    Ok(from_cgi(&backend.run().await.expect("git runs").stdout))
}

fn from_cgi(output: &[u8]) -> Response<Full<Bytes>> {
    let end = output.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("headers");
    let headers = String::from_utf8_lossy(&output[..end]).into_owned();
    let headers: Vec<(&str, &str)> = headers.lines().filter_map(|line| line.split_once(": ")).collect();
    let status = headers.iter().find(|(name, _)| *name == "Status").and_then(|(_, status)| status[..3].parse().ok()).unwrap_or(StatusCode::OK);
    respond(status, &headers, Bytes::copy_from_slice(&output[end + 4..]))
}

fn respond(status: StatusCode, headers: &[(&str, &str)], body: Bytes) -> Response<Full<Bytes>> {
    let response = Response::builder().status(status);
    headers
        .iter()
        .filter(|(name, _)| *name != "Status")
        .fold(response, |response, (name, value)| response.header(*name, *value))
        .body(Full::new(body))
        .expect("a response")
}

async fn shop(bench: &Bench) -> Repository {
    let repository = bench.repository("shop").await;
    repository.write("index.html", "hello");
    repository.commit("first").await;
    repository
}

#[tokio::test]
async fn a_repository_is_looked_at_and_fetched_over_http() {
    let bench = Bench::new();
    let repository = shop(&bench).await;
    let forge = Forge::start(bench.path().to_owned(), Manner::Plain).await;
    let git = bench.git();
    for url in [forge.url("shop"), forge.url("moved/shop")] {
        assert_eq!(git.look(&url, None).await.expect("a look").branches, ["main"]);
        let commit = git.resolve(&url, &branch("main"), None).await.expect("a commit");
        assert_eq!(commit, repository.head().await);
        let mut said = Vec::new();
        git.fetch(&source_at(url.clone()), &commit, None, |line| said.push(line.to_owned())).await.expect("fetched");
        assert!(!said.is_empty());
        let archive = git.archive(&url, &commit, &path("")).await.expect("an archive");
        assert_eq!(unpacked(archive), [("index.html".to_owned(), "hello".to_owned())]);
    }
}

#[tokio::test]
async fn an_old_host_gives_an_older_commit_with_all_the_others() {
    let bench = Bench::new();
    let repository = shop(&bench).await;
    let first = repository.head().await;
    let second = repository.commit("second").await;
    repository.commit("third").await;
    let forge = Forge::start(bench.path().to_owned(), Manner::Old).await;
    let (git, url) = (bench.git(), forge.url("shop"));
    let source = source_at(url.clone());
    let mut said = Vec::new();
    git.fetch(&source, &first, None, |line| said.push(line.to_owned())).await.expect("fetched");
    assert!(said.iter().any(|line| line.contains("all of the repository")), "{said:?}");
    assert_eq!(git.commit(&url, &first).await.expect("a commit").message, "first");
    repository.commit("fourth").await;
    git.fetch(&source, &second, None, |_| {}).await.expect("fetched");
    git.fetch(&source, &repository.head().await, None, |_| {}).await.expect("fetched");
}

#[tokio::test]
async fn private_addresses_need_the_setting_by_number_and_by_name() {
    let bench = Bench::new();
    shop(&bench).await;
    let forge = Forge::start(bench.path().to_owned(), Manner::Plain).await;
    let git = bench.git_with(SourcePolicy { allow_local: true, allow_private: false });
    for host in ["127.0.0.1", "localhost", "[::1]", "0x7f000001", "2130706433"] {
        let url: GitUrl = format!("http://{host}:{}/shop", forge.address.port()).parse().expect("a repository");
        let error = git.look(&url, None).await.expect_err("refused");
        assert!(matches!(error, Error::NotAllowed { setting: "--allow-private-sources", .. }), "{host}: {error}");
    }
}

#[tokio::test]
async fn what_is_missing_private_or_down_is_told_apart() {
    let bench = Bench::new();
    shop(&bench).await;
    let git = bench.git();
    let plain = Forge::start(bench.path().to_owned(), Manner::Plain).await;
    assert!(matches!(git.look(&plain.url("nothing"), None).await, Err(Error::NotFound { .. })));
    let private = Forge::start(bench.path().to_owned(), Manner::Private).await;
    assert!(matches!(git.look(&private.url("shop"), None).await, Err(Error::NotFound { .. })));
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let url = format!("http://{closed}/shop").parse().expect("a repository");
    let error = git.look(&url, None).await.expect_err("closed");
    assert!(matches!(&error, Error::Unreachable { host, .. } if host == "127.0.0.1"), "{error:?}");
    let unknown = "https://no-such-host.invalid/a/b".parse().expect("a repository");
    let error = bench.git_with(SourcePolicy::default()).look(&unknown, None).await.expect_err("unknown");
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_redirect_to_another_transport_is_refused() {
    let bench = Bench::new();
    let repository = shop(&bench).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let target = format!("{}/info/refs?service=git-upload-pack", repository.url());
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(|_: Request<Incoming>| {
                let response = respond(StatusCode::FOUND, &[("location", &target)], Bytes::new());
                async move { Ok::<_, Infallible>(response) }
            });
            let _ = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        }
    });
    let url = format!("http://{address}/shop").parse().expect("a repository");
    assert!(bench.git().look(&url, None).await.is_err());
    server.abort();
}
