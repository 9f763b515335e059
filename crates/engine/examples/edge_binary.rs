//! What the tests make edges and static sites of: the two subcommands of the real binary that run in containers, and nothing else.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The value behind an argument.
fn value(arguments: &[String], name: &str) -> String {
    let at = arguments.iter().position(|argument| argument == name).expect("the argument is given");
    arguments[at + 1].clone()
}

async fn stopped() {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).expect("signals work");
    terminate.recv().await;
}

#[tokio::main]
async fn main() {
    rustls::crypto::aws_lc_rs::default_provider().install_default().expect("the first provider");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("edge") => {
            let address = |name| value(&arguments, name).parse().expect("an address");
            let options = edge::EdgeOptions {
                state: value(&arguments, "--state").into(),
                http: address("--http"),
                https: address("--https"),
                version: "test".into(),
                drain_limit: Duration::from_secs(10),
            };
            edge::run(options, stopped()).await.expect("the edge runs");
        }
        Some("static") => {
            let settings = std::fs::read(value(&arguments, "--settings")).expect("settings");
            let options = edge::static_site::StaticOptions {
                root: value(&arguments, "--root").into(),
                settings: serde_json::from_slice(&settings).expect("settings"),
                listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, value(&arguments, "--port").parse().expect("a port"))),
            };
            edge::static_site::serve_static(options, stopped()).await.expect("the site runs");
        }
        other => panic!("edge or static, not {other:?}"),
    }
}
