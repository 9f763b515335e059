//! What an instance takes when it does nothing: memory, and the time to its first page.

use crate::RUNS;
use crate::figure::{Figure, Values};
use anyhow::{Context, Result};
use serde_json::json;
use std::time::Instant;
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
    let place = wharf.place(&api).await?;
    for number in 0..APPLICATIONS {
        let mut application = place.clone();
        application["name"] = json!(format!("application-{number}"));
        application["docker_registry_image_name"] = json!("busybox");
        application["docker_registry_image_tag"] = json!("latest");
        application["ports_exposes"] = json!("80");
        api.post("/applications/dockerimage", application).await?.ok()?;
    }
    let mut pages = Vec::new();
    for _ in 0..100 {
        let began = Instant::now();
        api.get("/applications").await?.ok()?;
        pages.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    wharf.terminate().await?;
    wharf.start_again().await?;
    let settled = wait_for("Wharf to run", std::time::Duration::from_secs(5), async || wharf.pid().ok_or_else(|| "no process".to_owned()));
    settled.await?;
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
