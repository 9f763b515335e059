//! From the end of a container to the page that says so, and beside it to the end of `docker wait`.

use crate::RUNS;
use crate::browser::Browser;
use crate::figure::{Figure, Goal, Values, milliseconds};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testkit::{Api, TestWharf, wait_for};

const DOCKERFILE: &str = "FROM busybox:latest\nEXPOSE 8080\nCMD [\"httpd\", \"-f\", \"-p\", \"8080\"]\n";
const WITHIN: Duration = Duration::from_secs(60);

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let wharf = TestWharf::start().await?;
    let api = wharf.setup().await?;
    let fields = json!({"name": "mortal", "dockerfile": DOCKERFILE, "ports_exposes": "8080", "domains": "http://mortal.localhost"});
    let application = wharf.application(&api, "dockerfile", fields).await?;
    // Nobody starts it again before it is seen dead.
    api.patch(&format!("/applications/{application}"), json!({"restart": "no"})).await?.ok()?;
    api.deploy_finished(&application, WITHIN).await?;
    let browser = Browser::sign_in(&wharf).await?;
    let (mut ours, mut theirs) = (Values::default(), Values::default());
    for _ in 0..RUNS {
        let container = running(&wharf, &api, &application).await?;
        let mut page = browser.open(&format!("/applications/{application}")).await?;
        page.until(|text| text.contains("Running").then_some(())).await?;
        let wait = host::Command::new("docker").args(["wait", &container]);
        let waited = async {
            let output = wait.run().await?;
            ensure!(output.status.success(), "docker wait ended with {}", output.status);
            Ok(Instant::now())
        };
        let seen = page.until(|text| text.contains("Exited (137)").then(Instant::now));
        let kill = async {
            let began = Instant::now();
            wharf.engine().post(&format!("/containers/{container}/kill"), Value::Null).await?;
            Ok(began)
        };
        let (began, waited, seen) = tokio::try_join!(kill, waited, seen)?;
        ours.push(milliseconds(seen.duration_since(began)));
        theirs.push(milliseconds(waited.duration_since(began)));
        let started = api.post(&format!("/applications/{application}/start"), Value::Null).await?.field("deployment_uuid")?;
        api.deployment_finished(&started, WITHIN).await?;
    }
    Ok(vec![Figure::new("container death to page", "ms", ours).beside("docker wait", theirs).aim(Goal::AtMost(1000.0))])
}

/// Waits until the application runs, and says in which container.
async fn running(wharf: &TestWharf, api: &Api, application: &str) -> Result<String> {
    let path = format!("/applications/{application}");
    wait_for("the application to run", WITHIN, async || match api.get(&path).await.and_then(testkit::Answer::ok) {
        Ok(seen) if seen["status"] == "running:healthy" => Ok(()),
        Ok(seen) => Err(seen["status"].to_string()),
        Err(error) => Err(format!("{error:#}")),
    })
    .await?;
    let containers = wharf.engine().containers(&format!("wharf.resource={application}")).await?;
    let running = containers.iter().find(|container| container["State"] == "running");
    running.and_then(|container| container["Id"].as_str()).map(str::to_owned).context("no container runs")
}
