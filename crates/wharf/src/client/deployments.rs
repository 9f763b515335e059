//! Deploying, and following how it goes.

use super::{
    api::{Api, Refusal},
    table,
};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::Duration;

/// Exit code of a deployment that failed or was cancelled.
const DEPLOYMENT_FAILED: u8 = 5;
const TICK: Duration = Duration::from_millis(120);
/// Rest between two looks at the log, so that lines come in pages.
const REST: Duration = Duration::from_millis(250);

/// `wharf deploy`.
#[derive(Debug, Args)]
pub(crate) struct Deploy {
    /// Name or uuid of the application
    app: String,
    /// Stay until it is live or has failed, and print its log
    #[arg(long, short)]
    follow: bool,
    /// Build without cache and replace containers though nothing changed
    #[arg(long)]
    force: bool,
}

/// `wharf rollback`.
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// Name or uuid of the application
    app: String,
    /// Number of the release [default: the one before the live one]
    #[arg(long)]
    release: Option<i64>,
    /// Stay until it is live or has failed, and print its log
    #[arg(long, short)]
    follow: bool,
}

/// Queues a deployment.
pub(super) async fn deploy(deploy: Deploy) -> anyhow::Result<ExitCode> {
    let api = Api::signed_in()?;
    let app = api.app(&deploy.app).await?;
    let answer = api.post("/deploy", &json!({"uuid": app.uuid, "force": deploy.force})).await?;
    let uuid = text(&answer["deployments"][0]["deployment_uuid"]).to_owned();
    queued(&api, &uuid, deploy.follow).await
}

/// Queues a rollback.
pub(super) async fn rollback(rollback: Rollback) -> anyhow::Result<ExitCode> {
    let api = Api::signed_in()?;
    let app = api.app(&rollback.app).await?;
    let releases = api.get(&format!("/applications/{}/rollback-images", app.uuid)).await?;
    let images: Vec<&Value> = releases["images"].as_array().into_iter().flatten().collect();
    let wanted = match rollback.release {
        Some(number) => images.iter().find(|image| image["release"] == number),
        None => images.iter().find(|image| image["is_current"] == false),
    };
    let Some(image) = wanted else {
        return Err(Refusal::not_found("there is no such release to go back to: see the releases of the application".into()).into());
    };
    let answer = api.post(&format!("/applications/{}/rollback", app.uuid), &json!({"release": image["release"]})).await?;
    queued(&api, text(&answer["deployment_uuid"]), rollback.follow).await
}

/// Starts, stops or restarts.
pub(super) async fn act(wanted: &str, verb: &str) -> anyhow::Result<()> {
    let api = Api::signed_in()?;
    let app = api.app(wanted).await?;
    let answer = api.post(&format!("/applications/{}/{verb}", app.uuid), &json!({})).await?;
    println!("{}", text(&answer["message"]));
    Ok(())
}

async fn queued(api: &Api, uuid: &str, follow_it: bool) -> anyhow::Result<ExitCode> {
    if follow_it {
        return follow(api, uuid).await;
    }
    println!("{uuid}");
    Ok(ExitCode::SUCCESS)
}

/// Prints the log as it grows, with the running step below it, until the deployment ends.
async fn follow(api: &Api, uuid: &str) -> anyhow::Result<ExitCode> {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    let mut after = 0;
    loop {
        let page = api.get(&format!("/deployments/{uuid}/log?after={after}&wait=true")).await?;
        for line in page["lines"].as_array().into_iter().flatten() {
            after = line["number"].as_i64().unwrap_or(after);
            say(&bar, text(&line["text"]));
        }
        bar.set_message(match text(&page["status"]) {
            "queued" => "queued".to_owned(),
            _ => text(&page["step"]).to_owned(),
        });
        let status = text(&page["status"]);
        if page["ended"] == true && page["lines"].as_array().is_none_or(Vec::is_empty) {
            bar.finish_and_clear();
            let reason = page["reason"].as_str().map(|reason| format!(": {reason}")).unwrap_or_default();
            eprintln!("{status}{reason}");
            return Ok(if status == "finished" { ExitCode::SUCCESS } else { ExitCode::from(DEPLOYMENT_FAILED) });
        }
        tokio::time::sleep(REST).await;
    }
}

/// One line of the log; above the bar on a terminal, plainly elsewhere.
fn say(bar: &ProgressBar, line: &str) {
    if bar.is_hidden() { println!("{line}") } else { bar.println(line) }
}

/// Lists an application's deployments.
pub(super) async fn list(wanted: &str, as_json: bool) -> anyhow::Result<()> {
    let api = Api::signed_in()?;
    let app = api.app(wanted).await?;
    let answer = api.get(&format!("/deployments/applications/{}", app.uuid)).await?;
    if as_json {
        println!("{answer:#}");
        return Ok(());
    }
    let rows: Vec<_> = answer["deployments"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            let commit: String = text(&one["commit"]).chars().take(12).collect();
            [text(&one["created_at"]), text(&one["status"]), &commit, text(&one["commit_message"]), text(&one["deployment_uuid"])].map(str::to_owned).to_vec()
        })
        .collect();
    table::print(&["queued", "status", "commit", "message", "uuid"], &rows);
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
