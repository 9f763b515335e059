//! The edge by itself: the process that Wharf runs in a container, started as the peers are, with its table given over its control socket.

use crate::proxy::{self, Proxy};
use anyhow::{Context, Result, ensure};
use model::edge::{CONTROL_SOCKET, Certificate};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use testkit::{Running, free_port, wait_for};

/// The host that its table has a route for.
pub(crate) const HOST: &str = "bench.localhost";
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Where it keeps the certificate that it serves to those who ask for none that it knows.
const CERTIFICATE_FILE: &str = "fallback-certificate.json";

/// An edge, and the client of its control socket.
pub(crate) struct EdgeProcess {
    pub(crate) proxy: Proxy,
    control: Control,
}

impl EdgeProcess {
    /// Starts one on a core, as it is.
    pub(crate) async fn start(core: &str) -> Result<Self> {
        let binary = crate::binary()?;
        Self::start_by(|arguments, log| {
            let argv: Vec<&str> = std::iter::once(proxy::text(&binary)?).chain(arguments.iter().map(String::as_str)).collect();
            proxy::on_core(core, &argv, &[], log)
        })
        .await
    }

    /// Starts one by a function that is given its arguments and the file of its log.
    pub(crate) async fn start_by(start: impl FnOnce(&[String], &Path) -> Result<Running>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (http, https) = (free_port()?, free_port()?);
        let state = proxy::text(folder.path())?;
        let arguments = ["edge", "--state", state, "--http", &format!("127.0.0.1:{http}"), "--https", &format!("127.0.0.1:{https}")];
        let running = start(&arguments.map(str::to_owned), &folder.path().join("log"))?;
        let control = Control::of(folder.path())?;
        let ready = wait_for("the edge to answer on its control socket", READY_WITHIN, async || control.status().await.map_err(|error| format!("{error:#}")));
        ready.await.with_context(|| running.log())?;
        Ok(Self { proxy: Proxy { name: "edge", running, http, https, folder }, control })
    }

    /// Routes the host to this port of this machine. The generation is one more than that of the table before.
    pub(crate) async fn route(&self, generation: u64, port: u16) -> Result<()> {
        self.control.route(generation, port).await
    }

    /// The client of its control socket.
    pub(crate) fn control(&self) -> Control {
        self.control.clone()
    }

    /// The certificate it made for itself, for the peers to serve the same.
    pub(crate) fn certificate(&self) -> Result<Certificate> {
        Ok(serde_json::from_slice(&std::fs::read(self.proxy.folder.path().join(CERTIFICATE_FILE))?)?)
    }
}

/// A client of an edge's control socket.
#[derive(Clone)]
pub(crate) struct Control(reqwest::Client);

impl Control {
    fn of(state: &Path) -> Result<Self> {
        Ok(Self(reqwest::Client::builder().unix_socket(state.join(CONTROL_SOCKET)).build()?))
    }

    async fn status(&self) -> Result<()> {
        self.0.get("http://edge/status").send().await?.error_for_status()?;
        Ok(())
    }

    /// Routes the host to this port, by a container named after it.
    pub(crate) async fn route(&self, generation: u64, port: u16) -> Result<()> {
        let answer = self.0.put("http://edge/table").json(&table(generation, port)).send().await?;
        let status = answer.status();
        ensure!(status.is_success(), "the edge answers {status} to a table: {}", answer.text().await.unwrap_or_default());
        Ok(())
    }
}

fn table(generation: u64, port: u16) -> Value {
    let upstream = json!({"container": format!("backend-{port}"), "address": format!("127.0.0.1:{port}")});
    let route = json!({
        "application": "a".repeat(24), "host": HOST, "path": "/", "strip_prefix": false, "https_only": false,
        "target": {"to": "upstreams", "upstreams": [upstream]},
    });
    json!({"generation": generation, "routes": [route]})
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_one_that_the_edge_reads() {
        let table: model::RouteTable = serde_json::from_value(super::table(3, 80)).expect("a table");
        assert_eq!((table.generation, table.routes.len()), (3, 1));
    }
}
