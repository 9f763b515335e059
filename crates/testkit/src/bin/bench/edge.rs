//! Requests per second through the edge, and through nginx to the same container, each on a core of its own, with wrk on the other.

use crate::RUNS;
use crate::figure::{Figure, Values};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use testkit::{Running, TestWharf, free_port};

const SECONDS: &str = "5s";
const HOST: &str = "bench.localhost";
const WITHIN: Duration = Duration::from_secs(60);

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let wharf = TestWharf::start().await?;
    let api = wharf.setup().await?;
    let fields = json!({
        "name": "bench", "docker_registry_image_name": "nginx", "docker_registry_image_tag": "latest", "ports_exposes": "80", "domains": "http://bench.localhost",
    });
    let application = wharf.application(&api, "dockerimage", fields).await?;
    api.deploy_finished(&application, WITHIN).await?;
    let upstream = pin(&wharf).await?;
    let folder = tempfile::tempdir()?;
    let port = free_port()?;
    let mut nginx = start_nginx(folder.path(), port, &upstream)?;
    nginx.wait_for_port(port, Duration::from_secs(10)).await?;
    let (mut ours, mut theirs) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for _ in 0..RUNS {
        for (port, seen) in [(wharf.http_port(), &mut ours), (port, &mut theirs)] {
            let (rate, p99) = wrk(port).await?;
            seen.0.push(rate);
            seen.1.push(p99);
        }
    }
    Ok(vec![
        Figure {
            name: "edge, requests per second on one core",
            unit: "/s",
            ours: Values(ours.0),
            peer: Some(("nginx", Values(theirs.0))),
            goal: "at least 0.9 x",
        },
        Figure { name: "edge, p99 at that rate", unit: "ms", ours: Values(ours.1), peer: Some(("nginx", Values(theirs.1))), goal: "at most 1.1 x" },
    ])
}

/// Gives the edge the first core and the application the second, and returns the application's address.
async fn pin(wharf: &TestWharf) -> Result<String> {
    let mut upstream = None;
    for container in wharf.engine().containers(&wharf.label()).await? {
        let id = container["Id"].as_str().context("a container without id")?;
        let edge = container["Labels"]["wharf.kind"] == "edge";
        wharf.engine().post(&format!("/containers/{id}/update"), json!({"CpusetCpus": if edge { "0" } else { "1" }})).await?;
        let networks = container["NetworkSettings"]["Networks"].as_object().cloned().unwrap_or_default();
        let address = networks.values().find_map(|network: &Value| network["IPAddress"].as_str().filter(|address| !address.is_empty()));
        upstream = upstream.or(address.filter(|_| !edge).map(str::to_owned));
    }
    upstream.context("the application has no address")
}

fn start_nginx(folder: &Path, port: u16, upstream: &str) -> Result<Running> {
    let path = folder.display();
    let configuration = format!(
        "daemon off;\nworker_processes 1;\npid {path}/pid;\nerror_log stderr;\nevents {{ worker_connections 1024; }}\nhttp {{\n  access_log off;\n  upstream application {{ server {upstream}:80; keepalive 64; }}\n  server {{\n    listen 127.0.0.1:{port};\n    location / {{ proxy_pass http://application; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header Host $host; }}\n  }}\n}}\n"
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, configuration)?;
    let arguments = ["-c".as_ref(), "0".as_ref(), "nginx".as_ref(), "-c".as_ref(), file.as_os_str()];
    Running::start(Path::new("taskset"), arguments, &[], &folder.join("log"))
}

/// Requests per second, and the p99 in milliseconds.
async fn wrk(port: u16) -> Result<(f64, f64)> {
    let url = format!("http://127.0.0.1:{port}/");
    let host = format!("Host: {HOST}");
    let output = host::Command::new("taskset").args(["-c", "1", "wrk", "-t1", "-c50", "-d", SECONDS, "--latency", "-H", &host, &url]).run().await?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success() && !text.contains("Non-2xx"), "wrk: {text}");
    let after = |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim).with_context(|| format!("wrk says no {name}: {text}"));
    Ok((after("Requests/sec:")?.parse()?, milliseconds(after("99%")?)?))
}

fn milliseconds(text: &str) -> Result<f64> {
    let end = text.find(|character: char| character.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit {
        "us" => 0.001,
        "s" => 1000.0,
        _ => 1.0,
    };
    Ok(number.parse::<f64>()? * factor)
}
