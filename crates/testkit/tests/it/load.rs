//! The prober counts what a server does to its visitors.

use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use testkit::load::{Kind, Load, Traffic};
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

async fn run(address: SocketAddr, traffic: Vec<Traffic>, at_least: u64) -> testkit::load::Report {
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
    ];
    let calm = run(address, traffic, 300).await;
    assert_eq!(calm.bad(), 0, "{calm}");
    assert_eq!(calm.kinds.len(), 5, "{calm}");

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
