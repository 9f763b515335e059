//! `wharf edge` and `wharf static`: what runs in containers made of this binary.

use crate::{arguments, signal};
use anyhow::Context;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How long the open connections of an edge that leaves may take to end.
const EDGE_DRAIN_LIMIT: Duration = Duration::from_secs(600);

/// Serves a route table until it is stopped or a successor has taken over.
pub(crate) async fn edge(arguments: arguments::Edge) -> anyhow::Result<()> {
    let options = edge::EdgeOptions {
        state: arguments.state,
        http: arguments.http,
        https: arguments.https,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        drain_limit: EDGE_DRAIN_LIMIT,
    };
    edge::run(options, signal::stop()).await.context("the edge ended")
}

/// Serves a folder until it is stopped.
pub(crate) async fn static_site(arguments: arguments::StaticSite) -> anyhow::Result<()> {
    let settings = match std::fs::read(&arguments.settings) {
        Ok(text) => serde_json::from_slice(&text).with_context(|| format!("the settings in {} are wrong", arguments.settings.display()))?,
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => model::StaticPack::default(),
        Err(why) => return Err(why).with_context(|| format!("{} cannot be read", arguments.settings.display())),
    };
    let listen = SocketAddr::from((Ipv4Addr::UNSPECIFIED, arguments.port));
    let options = edge::static_site::StaticOptions { root: arguments.root, settings, listen };
    edge::static_site::serve_static(options, signal::stop()).await.context("the site ended")
}
