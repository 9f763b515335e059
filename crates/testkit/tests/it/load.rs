//! The prober counts what a server does to its visitors.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use testkit::load::{Kind, KindReport, Load, Report, Traffic};
use testkit::{TestEngine, wait_for};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Answers at once, but takes no connection for the first while.
async fn server(stalls: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let _ = tokio::time::timeout(stalls, std::future::pending::<()>()).await;
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                while stream.read(&mut request).await.is_ok_and(|length| length > 0) {
                    let _ = stream.write_all(ANSWER).await;
                }
            });
        }
    });
    address
}

async fn run(address: SocketAddr, traffic: Vec<Traffic>, at_least: u64) -> Report {
    let load = Load::start(address, "app.localhost", traffic).expect("a load");
    let enough = wait_for("enough requests", Duration::from_secs(30), async || {
        let total = load.so_far().total();
        if total >= at_least { Ok(()) } else { Err(format!("{total} requests")) }
    });
    enough.await.expect("enough requests");
    load.finish().await
}

#[tokio::test]
async fn requests_that_a_stalled_server_keeps_waiting_are_all_charged_to_it() {
    let address = server(Duration::from_millis(500)).await;
    let report = run(address, vec![Traffic::requests(Kind::NewConnection, "/", 200.0)], 150).await;
    let seen = &report.kinds[&Kind::NewConnection];
    assert_eq!(report.bad(), 0, "{report}");
    assert!(seen.max >= Duration::from_millis(400), "{report}");
    assert!(seen.p50 >= Duration::from_millis(50), "half of the requests began while it stalled: {report}");
}

#[tokio::test]
async fn a_server_that_is_not_there_fails_every_request_with_the_reason() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let traffic = vec![Traffic::requests(Kind::KeepAlive, "/", 50.0), Traffic::sessions(Kind::WebSocket, "/", 2, Duration::from_millis(200))];
    let report = run(address, traffic, 10).await;
    assert_eq!(report.bad(), report.total(), "{report}");
    assert!(report.kinds[&Kind::KeepAlive].failed.keys().any(|reason| reason.contains("refused")), "{report}");
}

/// Answers over HTTP/2 with prior knowledge; counts its connections.
async fn http2_server() -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let connections = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = service_fn(|_| async { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("ok")))) });
            tokio::spawn(http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer));
        }
    });
    (address, connections)
}

#[tokio::test]
async fn http2_requests_share_a_connection() {
    let (address, connections) = http2_server().await;
    let report = run(address, vec![Traffic::requests(Kind::Http2, "/", 100.0)], 100).await;
    assert_eq!(report.bad(), 0, "{report}");
    // Those that begin before the first connection stands may open one each.
    let opened = connections.load(Ordering::SeqCst);
    assert!(opened < 50, "{opened} connections: {report}");
}

/// A server that says its answer is longer than it is.
async fn server_that_breaks_off() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(stream.read_u8().await.expect("a request"));
                }
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nten bytes.").await;
            });
        }
    });
    address
}

#[tokio::test]
async fn an_answer_that_ends_early_is_cut_and_not_failed() {
    let address = server_that_breaks_off().await;
    let session = Duration::from_millis(300);
    let kinds = [Kind::KeepAlive, Kind::NewConnection, Kind::SlowRequest, Kind::SlowDownload];
    let report = run(address, kinds.map(|kind| Traffic { kind, path: "/".into(), per_second: 10.0, session }).to_vec(), 40).await;
    for kind in kinds {
        let seen = &report.kinds[&kind];
        assert!(seen.sent > 0 && seen.cut.values().sum::<u64>() == seen.sent, "{report}");
    }
}

#[test]
fn a_report_shows_the_slowest_of_a_quiet_one_beside_its_own() {
    let seen = |p99| KindReport { sent: 3, good: 1, failed: [("status 502".into(), 2)].into(), cut: [].into(), p50: ms(1), p99: ms(p99), max: ms(p99 + 1) };
    let report = |p99| Report { kinds: [(Kind::Http2, seen(p99))].into() };
    let line = "GET, HTTP/2                3 sent, 2 failed, 0 cut; p50 1.0 ms, p99 40.0 ms (quiet 2.0 ms), max 41.0 ms\n       2 x status 502\n";
    assert_eq!(report(40).beside(&report(2)).to_string(), line);
    assert_eq!(report(40).to_string(), line.replace(" (quiet 2.0 ms)", ""));
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The example that later tests redeploy under load, on the real engine: every kind of traffic goes well while it runs, and sessions are cut when it is killed.
#[tokio::test]
async fn every_kind_of_traffic_goes_well_until_the_server_is_killed() {
    let Some(engine) = TestEngine::required().await else { return };
    engine.sweep().await.expect("swept");
    let image = "wharf-test-websocket:latest";
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/websocket");
    let (name, value) = TestEngine::label();
    let label = format!("{name}={value}");
    let build = host::Command::new("docker").args(["build", "--quiet", "--label", &label, "--tag", image, example]).timeout(Duration::from_secs(300));
    let built = build.run().await.expect("docker build");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let container = engine.post("/containers/create", json!({"Image": image, "Labels": {name: value}})).await.expect("a container");
    let id = container["Id"].as_str().expect("an id").to_owned();
    engine.post(&format!("/containers/{id}/start"), json!(null)).await.expect("started");
    let seen = engine.get(&format!("/containers/{id}/json")).await.expect("inspected");
    let ip = seen["NetworkSettings"]["Networks"]["bridge"]["IPAddress"].as_str().expect("an address").to_owned();
    let address: SocketAddr = format!("{ip}:3000").parse().expect("an address");
    let listening = async || tokio::net::TcpStream::connect(address).await.map_err(|error| error.to_string());
    wait_for("the example to listen", Duration::from_secs(20), listening).await.expect("listens");

    let session = Duration::from_secs(1);
    let traffic = vec![
        Traffic::requests(Kind::KeepAlive, "/", 100.0),
        Traffic::requests(Kind::NewConnection, "/", 50.0),
        Traffic::sessions(Kind::WebSocket, "/echo", 3, session),
        Traffic::sessions(Kind::Upload, "/upload", 3, session),
        Traffic::sessions(Kind::Events, "/events", 3, session),
        Traffic::sessions(Kind::SlowRequest, "/", 3, session),
        Traffic::sessions(Kind::SlowDownload, "/bytes?count=8000000", 2, session),
    ];
    let calm = run(address, traffic, 300).await;
    assert_eq!(calm.bad(), 0, "{calm}");
    assert_eq!(calm.kinds.len(), 7, "{calm}");
    assert!(calm.kinds.values().all(|kind| kind.sent == kind.good), "{calm}");

    let long = Duration::from_secs(60);
    let load = Load::start(
        address,
        "app.localhost",
        vec![Traffic::sessions(Kind::WebSocket, "/echo", 200, long), Traffic::sessions(Kind::Events, "/events", 200, long)],
    );
    let load = load.expect("a load");
    let open = async || {
        let stats = engine.get(&format!("/containers/{id}/top")).await.map_err(|error| error.to_string())?;
        if stats["Processes"].is_null() { Err("no process".to_owned()) } else { Ok(()) }
    };
    wait_for("sessions to open", Duration::from_secs(5), open).await.expect("open");
    engine.post(&format!("/containers/{id}/kill"), json!(null)).await.expect("killed");
    engine.remove_labelled(&label).await.expect("removed");
    let report = load.finish().await;
    assert!(report.total() > 0 && report.bad() == report.total(), "{report}");
}
