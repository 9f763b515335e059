//! nginx, as the peer that is measured and as the backend of all.

use crate::proxy::{self, CertificateFiles, Proxy};
use crate::wrk;
use anyhow::Result;
use model::edge::Certificate;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use testkit::{Running, free_port};

const READY_WITHIN: Duration = Duration::from_secs(10);

/// A server that answers every request itself, with 100 bytes, on each of its ports.
pub(crate) struct Backend {
    pub(crate) ports: Vec<u16>,
    _running: Running,
    _folder: TempDir,
}

/// Starts a backend with so many ports, on the core of the load.
pub(crate) async fn backend(ports: usize) -> Result<Backend> {
    let folder = tempfile::tempdir()?;
    let ports = (0..ports).map(|_| free_port()).collect::<Result<Vec<_>>>()?;
    let listens: String = ports.iter().map(|port| format!("    listen 127.0.0.1:{port};\n")).collect();
    let server = format!("  server {{\n{listens}    default_type text/plain;\n    return 200 \"{}\\n\";\n  }}\n", "x".repeat(99));
    let mut running = start(folder.path(), wrk::CORE, &server)?;
    for port in &ports {
        running.wait_for_port(*port, READY_WITHIN).await?;
    }
    Ok(Backend { ports, _running: running, _folder: folder })
}

/// Starts it as a proxy before a backend. It sends the headers that the edge sends too.
pub(crate) async fn proxy(backend: u16, certificate: &Certificate) -> Result<Proxy> {
    let folder = tempfile::tempdir()?;
    let (http, https) = (free_port()?, free_port()?);
    let files = CertificateFiles::write(folder.path(), certificate)?;
    let (chain, key) = (proxy::text(&files.chain)?, proxy::text(&files.key)?);
    let server = format!(
        "  upstream application {{ server 127.0.0.1:{backend}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{http};
    listen 127.0.0.1:{https} ssl;
    ssl_certificate {chain};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    location / {{
      proxy_pass http://application;
      proxy_http_version 1.1;
      proxy_set_header Connection \"\";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $host;
    }}
  }}
"
    );
    let mut running = start(folder.path(), proxy::CORE, &server)?;
    running.wait_for_port(http, READY_WITHIN).await?;
    running.wait_for_port(https, READY_WITHIN).await?;
    Ok(Proxy { name: "nginx", running, http, https, folder })
}

/// Starts one worker with these servers. Everything it writes is in the folder.
fn start(folder: &Path, core: &str, servers: &str) -> Result<Running> {
    let path = proxy::text(folder)?;
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|name| format!("  {name}_temp_path {path}/{name};\n")).concat();
    let configuration = format!(
        "daemon off;\nworker_processes 1;\npid {path}/pid;\nerror_log stderr crit;\nevents {{ worker_connections 4096; }}\nhttp {{\n  access_log off;\n  keepalive_requests 100000000;\n{temporary}{servers}}}\n"
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, configuration)?;
    proxy::on_core(core, &["nginx", "-p", path, "-e", "stderr", "-c", proxy::text(&file)?], &[], &folder.join("log"))
}
