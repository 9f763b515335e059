//! What an instance takes when it does nothing: memory, and the time to its first page.

use crate::RUNS;
use crate::figure::{Figure, Values};
use anyhow::{Context, Result};
use serde_json::json;
use std::time::{Duration, Instant};
use testkit::{TestWharf, wait_for};

const APPLICATIONS: usize = 500;

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let mut wharf = TestWharf::start().await?;
    let api = wharf.setup().await?;
    let mut starts = Vec::new();
    for _ in 0..RUNS {
        wharf.terminate().await?;
        let began = Instant::now();
        wharf.start_again().await?;
        wharf.anonymous()?.send(reqwest::Method::GET, "/", &[], String::new()).await?;
        starts.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let empty = resident_megabytes(&wharf)?;
    for number in 0..APPLICATIONS {
        let name = format!("application-{number}");
        let fields = json!({"name": name, "docker_registry_image_name": "busybox", "docker_registry_image_tag": "latest", "ports_exposes": "80"});
        // The API lets so many requests through in a minute; the rest wait for the next.
        let made = async || wharf.application(&api, "dockerimage", fields.clone()).await.map_err(|error| format!("{error:#}"));
        wait_for("an application to be made", Duration::from_secs(90), made).await?;
    }
    let mut pages = Vec::new();
    for _ in 0..100 {
        let began = Instant::now();
        api.get("/applications").await?.ok()?;
        pages.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    wharf.terminate().await?;
    wharf.start_again().await?;
    let full = resident_megabytes(&wharf)?;
    Ok(vec![
        Figure { name: "start to first page", unit: "ms", ours: Values(starts), peer: None, goal: "under 150 ms" },
        Figure { name: "resident memory, empty", unit: "MB", ours: Values(vec![empty]), peer: None, goal: "at most 30 MB" },
        Figure { name: "resident memory, 500 applications", unit: "MB", ours: Values(vec![full]), peer: None, goal: "at most 50 MB" },
        Figure { name: "list of 500 applications over the API", unit: "ms", ours: Values(pages), peer: None, goal: "under 20 ms" },
    ])
}

fn resident_megabytes(wharf: &TestWharf) -> Result<f64> {
    let pid = wharf.pid().context("Wharf does not run")?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the kernel tells no resident memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}
