//! What Wharf adds to a deployment: the same Dockerfile by hand, `docker build` and `docker run` until the container answers, and through Wharf until the
//! new container answers at its domain. Twice: with every layer cached, and with one that changed.

use crate::RUNS;
use crate::figure::{Figure, Goal, Values, milliseconds};
use crate::visitor::Visitor;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::time::{Duration, Instant};
use testkit::{Api, Repository, TestEngine, TestForge, TestWharf};

/// The page says which container answers. SIGKILL, since httpd as the first process of a container leaves SIGTERM alone.
const DOCKERFILE: &str = "FROM busybox:latest
COPY index.html /site/
EXPOSE 8080
STOPSIGNAL SIGKILL
CMD hostname > /site/container && exec httpd -f -p 8080 -h /site
";
const HOST: &str = "bench.localhost";
const WITHIN: Duration = Duration::from_secs(60);
const ASK_AGAIN: Duration = Duration::from_millis(5);
const IMAGE: &str = "wharf-bench-by-hand";
const BY_HAND: &str = "docker build + docker run";

/// What a change touches.
#[derive(Clone, Copy, PartialEq)]
enum Change {
    /// A file that the build does not see.
    Nothing,
    /// The file of one layer.
    Layer,
}

#[derive(Default)]
struct Taken {
    live: Values,
    finished: Values,
    by_hand: Values,
}

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let wharf = TestWharf::start().await?;
    let api = wharf.setup().await?;
    let forge = TestForge::start().await?;
    let bench = Bench::begin(&wharf, &api, &forge).await?;
    let (mut nothing, mut layer) = (Taken::default(), Taken::default());
    for run in 0..RUNS {
        for (change, taken) in [(Change::Nothing, &mut nothing), (Change::Layer, &mut layer)] {
            let content = format!("run {run}");
            let files = if change == Change::Layer { [("index.html", content.as_str())] } else { [("README.md", content.as_str())] };
            std::fs::write(bench.folder.path().join(files[0].0), &content)?;
            bench.repository.commit("main", &files, "Change").await?;
            let (live, finished) = bench.by_wharf().await?;
            taken.live.push(live);
            taken.finished.push(finished);
            taken.by_hand.push(bench.by_hand().await?);
        }
    }
    Ok([("every layer cached", nothing), ("one layer changed", layer)].into_iter().flat_map(|(what, taken)| figures(what, taken)).collect())
}

fn figures(what: &str, taken: Taken) -> [Figure; 2] {
    let live = Figure::new(format!("deploy until live, {what}"), "ms", taken.live).beside(BY_HAND, taken.by_hand.clone());
    [
        live.aim(Goal::TimesAtMost(BY_HAND, 1.15)).aim(Goal::OverAtMost(BY_HAND, 1000.0)),
        Figure::new(format!("deploy until the old container is gone, {what}"), "ms", taken.finished).beside(BY_HAND, taken.by_hand),
    ]
}

/// The application, and the same files in a folder.
struct Bench<'a> {
    engine: &'a TestEngine,
    api: &'a Api,
    application: String,
    visitor: Visitor,
    repository: Repository,
    folder: tempfile::TempDir,
}

impl<'a> Bench<'a> {
    async fn begin(wharf: &'a TestWharf, api: &'a Api, forge: &TestForge) -> Result<Self> {
        let files = [("Dockerfile", DOCKERFILE), (".dockerignore", "README.md\n"), ("index.html", "first"), ("README.md", "first")];
        let folder = tempfile::tempdir()?;
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content)?;
        }
        let repository = forge.create("team/bench", folder.path()).await?;
        let fields = json!({
            "name": "bench", "git_repository": repository.url_http(), "git_branch": "main", "build_pack": "dockerfile", "ports_exposes": "8080",
            "domains": format!("http://{HOST}"),
        });
        let application = wharf.application(api, "public", fields).await?;
        api.deploy_finished(&application, WITHIN).await?;
        let bench = Self { engine: wharf.engine(), visitor: Visitor::of_edge(wharf, HOST), api, application, repository, folder };
        bench.by_hand().await?;
        Ok(bench)
    }

    /// Milliseconds until the new container answers, and until the deployment is finished.
    async fn by_wharf(&self) -> Result<(f64, f64)> {
        let before = self.visitor.get("/container").await?;
        let began = Instant::now();
        let deployment = self.api.deploy(&self.application).await?;
        until("the new container to answer", async || self.visitor.get("/container").await.is_ok_and(|container| container != before && !container.is_empty()))
            .await?;
        let live = began.elapsed();
        let path = format!("/deployments/{deployment}");
        until("the deployment to end", async || match self.api.get(&path).await {
            Ok(answer) => answer.json["status"] == "finished",
            Err(_) => false,
        })
        .await?;
        Ok((milliseconds(live), milliseconds(began.elapsed())))
    }

    /// Milliseconds from the changed file to an answer.
    async fn by_hand(&self) -> Result<f64> {
        let (name, value) = TestEngine::label();
        let label = format!("{name}={value}");
        let began = Instant::now();
        let build = host::Command::new("docker").args(["build", "--quiet", "--label", &label, "--tag", IMAGE]).arg(self.folder.path());
        ensure!(build.run().await?.status.success(), "docker build fails");
        let run = host::Command::new("docker").args(["run", "--detach", "--label", &label, IMAGE]).run().await?;
        let id = String::from_utf8(run.stdout)?.trim().to_owned();
        let seen = self.engine.get(&format!("/containers/{id}/json")).await?;
        let address = seen["NetworkSettings"]["Networks"]["bridge"]["IPAddress"].as_str().context("no address")?;
        let visitor = self.visitor.at(format!("http://{address}:8080"));
        until("the container to answer", async || visitor.get("/container").await.is_ok()).await?;
        let took = began.elapsed();
        self.engine.remove_labelled(&label).await?;
        Ok(milliseconds(took))
    }
}

/// Asks until it is so. More often than tests ask: what is measured takes a second.
async fn until(what: &str, condition: impl AsyncFn() -> bool) -> Result<()> {
    let began = Instant::now();
    while !condition().await {
        ensure!(began.elapsed() < WITHIN, "waited {} s in vain for {what}", WITHIN.as_secs());
        tokio::time::sleep(ASK_AGAIN).await;
    }
    Ok(())
}
