//! An engine in a process of its own, for tests that end it in the middle of a step: `engine_process DATA HTTP_PORT HTTPS_PORT BINARY`.

use engine::{Engine, EngineOptions};
use store::Store;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, http_port, https_port, binary] = arguments.as_slice() else { panic!("DATA HTTP_PORT HTTPS_PORT BINARY, not {arguments:?}") };
    let store = Store::open(data.as_ref()).expect("a store");
    let options = EngineOptions {
        data: data.into(),
        instance: store.instance_id(model::InstanceId::from_chance([7; 24])).await.expect("an instance"),
        store,
        docker_socket: "/var/run/docker.sock".into(),
        http_port: http_port.parse().expect("a port"),
        https_port: https_port.parse().expect("a port"),
        source_policy: source::SourcePolicy { allow_local: true, allow_private: true },
        binary: binary.into(),
        builds_at_once: 2,
        version: "test".into(),
        edge_state: None,
    };
    let shutdown = CancellationToken::new();
    let engine = Engine::start(options, shutdown.clone()).await.expect("starts");
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).expect("signals work");
    terminate.recv().await;
    shutdown.cancel();
    engine.ended().await;
}
