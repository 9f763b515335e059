//! Caddy, as the peer that is measured.

use crate::proxy::{self, CertificateFiles, Proxy};
use anyhow::Result;
use model::edge::Certificate;
use std::time::Duration;
use testkit::free_port;

const READY_WITHIN: Duration = Duration::from_secs(20);

/// Starts it as a proxy before a backend. Everything it writes is in its folder.
pub(crate) async fn proxy(backend: u16, certificate: &Certificate) -> Result<Proxy> {
    let folder = tempfile::tempdir()?;
    let (http, https) = (free_port()?, free_port()?);
    let files = CertificateFiles::write(folder.path(), certificate)?;
    let (chain, key) = (proxy::text(&files.chain)?, proxy::text(&files.key)?);
    let forward =
        format!("  bind 127.0.0.1\n  reverse_proxy 127.0.0.1:{backend} {{\n    transport http {{\n      keepalive_idle_conns_per_host 256\n    }}\n  }}\n");
    let global = "{\n  admin off\n  persist_config off\n  auto_https off\n  default_sni localhost\n  log {\n    level ERROR\n  }\n}\n";
    let configuration = format!("{global}http://:{http} {{\n{forward}}}\nhttps://:{https} {{\n  tls {chain} {key}\n{forward}}}\n");
    let file = folder.path().join("Caddyfile");
    std::fs::write(&file, configuration)?;
    let home = proxy::text(folder.path())?.to_owned();
    let variables = [("HOME", home.as_str()), ("XDG_DATA_HOME", &home), ("XDG_CONFIG_HOME", &home)];
    let argv = ["caddy", "run", "--adapter", "caddyfile", "--config", proxy::text(&file)?];
    let mut running = proxy::on_core(proxy::CORE, &argv, &variables, &folder.path().join("log"))?;
    running.wait_for_port(http, READY_WITHIN).await?;
    running.wait_for_port(https, READY_WITHIN).await?;
    Ok(Proxy { name: "Caddy", running, http, https, folder })
}
