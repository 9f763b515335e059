//! What Wharf adds to a deployment: the same Dockerfile by hand, `docker build` and `docker run` until it answers, and through Wharf until it is live. Each
//! run changes one file, so that both build one layer on a warm cache.

use crate::RUNS;
use crate::figure::{Figure, Values};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testkit::{TestEngine, TestForge, TestWharf, wait_for};

const DOCKERFILE: &str = "FROM busybox:latest\nCOPY index.html /site/\nEXPOSE 8080\nCMD [\"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/site\"]\n";
const WITHIN: Duration = Duration::from_secs(60);
const IMAGE: &str = "wharf-bench-by-hand";

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let wharf = TestWharf::start().await?;
    let api = wharf.setup().await?;
    let forge = TestForge::start().await?;
    let repository = forge.create_empty("team/bench").await?;
    repository.commit("main", &[("Dockerfile", DOCKERFILE), ("index.html", "first")], "First").await?;
    let fields = json!({
        "name": "bench", "git_repository": repository.url_http(), "git_branch": "main", "build_pack": "dockerfile", "ports_exposes": "8080",
        "domains": "http://bench.localhost",
    });
    let application = wharf.application(&api, "public", fields).await?;
    api.deploy_finished(&application, WITHIN).await?;
    by_hand(wharf.engine(), "first").await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        let content = format!("run {run}");
        repository.commit("main", &[("index.html", &content)], "Change").await?;
        let began = Instant::now();
        api.deploy_finished(&application, WITHIN).await?;
        ours.push(began.elapsed().as_secs_f64() * 1000.0);
        ensure!(wharf.visit("bench.localhost", "/").await?.text.trim() == content, "the deployment is finished, but the old page is served");
        theirs.push(by_hand(wharf.engine(), &content).await? * 1000.0);
    }
    Ok(vec![Figure {
        name: "deploy, one layer changed",
        unit: "ms",
        ours: Values(ours),
        peer: Some(("docker build + docker run", Values(theirs))),
        goal: "at most 1.15 x, and 1 s over it",
    }])
}

/// Seconds from the changed file to an answer.
async fn by_hand(engine: &TestEngine, content: &str) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("Dockerfile"), DOCKERFILE)?;
    std::fs::write(folder.path().join("index.html"), content)?;
    let (name, value) = TestEngine::label();
    let label = format!("{name}={value}");
    let began = Instant::now();
    let build = host::Command::new("docker").args(["build", "--quiet", "--label", &label, "--tag", IMAGE]).arg(folder.path());
    ensure!(build.run().await?.status.success(), "docker build fails");
    let run = host::Command::new("docker").args(["run", "--detach", "--label", &label, IMAGE]).run().await?;
    let id = String::from_utf8(run.stdout)?.trim().to_owned();
    let seen: Value = engine.get(&format!("/containers/{id}/json")).await?;
    let address = seen["NetworkSettings"]["Networks"]["bridge"]["IPAddress"].as_str().context("no address")?.to_owned();
    let answers = async || reqwest::get(format!("http://{address}:8080/")).await.map_err(|error| error.to_string());
    wait_for("the container to answer", WITHIN, answers).await?;
    let took = began.elapsed().as_secs_f64();
    engine.remove_labelled(&label).await?;
    Ok(took)
}
