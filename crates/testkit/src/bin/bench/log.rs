//! From the moment a container writes a line to the moment its page has it, and beside it to the moment `docker logs --follow` has it. Each line carries the
//! time at which it was written. Taken with nothing, ten thousand and a hundred thousand lines written before.

use crate::RUNS;
use crate::browser::{Browser, Live};
use crate::figure::{Figure, Goal, Values};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::time::{Duration, UNIX_EPOCH};
use testkit::{Api, TestForge, TestWharf};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// The application: `/line/7` writes a line with this number and the time, `/many/7` writes so many others.
const PROGRAM: &str = r#"import http.server, sys, time
class Writer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        act, number = self.path.strip("/").split("/")
        if act == "line":
            sys.stdout.write(f"line-{number} {time.time_ns()} \n")
        else:
            for at in range(int(number)):
                sys.stdout.write(f"one of many lines, number {at}\n")
        sys.stdout.flush()
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *arguments):
        pass
http.server.HTTPServer(("", 8080), Writer).serve_forever()
"#;
const DOCKERFILE: &str = "FROM python:latest\nCOPY write.py /\nEXPOSE 8080\nSTOPSIGNAL SIGKILL\nCMD [\"python3\", \"/write.py\"]\n";
const HOST: &str = "lines.localhost";
/// Lines written before, at each level.
const LEVELS: [usize; 3] = [0, 10_000, 100_000];
/// Lines of one run.
const LINES: usize = 20;
const WITHIN: Duration = Duration::from_secs(120);

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let wharf = TestWharf::start().await?;
    let api = wharf.setup().await?;
    let application = deploy(&wharf, &api).await?;
    let browser = Browser::sign_in(&wharf).await?;
    let container = container(&wharf, &application).await?;
    let (mut figures, mut written, mut number) = (Vec::new(), 0, 0);
    for level in LEVELS {
        ask(&wharf, "many", level - written).await?;
        written = level;
        let mut watch = Watch { page: browser.open(&format!("/applications/{application}/logs")).await?, follow: follow(&container) };
        // The first line waits until both have found their place in the log.
        watch.line(&wharf, number).await?;
        let (mut page, mut docker, mut worst) = (Values::default(), Values::default(), Values::default());
        for _ in 0..RUNS {
            let (mut own, mut peer) = (Values::default(), Values::default());
            for _ in 0..LINES {
                number += 1;
                let (to_page, to_docker) = watch.line(&wharf, number).await?;
                own.push(to_page);
                peer.push(to_docker);
            }
            page.push(own.median());
            worst.push(own.at(1.0));
            docker.push(peer.median());
        }
        number += 1;
        let name = format!("log line to browser after {level} lines");
        figures.push(Figure::new(name.clone(), "ms", page).beside("docker logs --follow", docker).aim(Goal::AtMost(100.0)));
        figures.push(Figure::new(format!("{name}, slowest of {LINES}"), "ms", worst).aim(Goal::AtMost(100.0)));
    }
    Ok(figures)
}

/// The application of this part, deployed; its uuid.
pub(crate) async fn deploy(wharf: &TestWharf, api: &Api) -> Result<String> {
    let forge = TestForge::start().await?;
    let repository = forge.create_empty("team/lines").await?;
    repository.commit("main", &[("Dockerfile", DOCKERFILE), ("write.py", PROGRAM)], "First").await?;
    let fields = json!({
        "name": "lines", "git_repository": repository.url_http(), "git_branch": "main", "build_pack": "dockerfile", "ports_exposes": "8080",
        "domains": format!("http://{HOST}"),
    });
    let application = wharf.application(api, "public", fields).await?;
    api.deploy_finished(&application, WITHIN).await?;
    Ok(application)
}

/// Has the application write: `line` with this number, or so many others.
pub(crate) async fn ask(wharf: &TestWharf, act: &str, number: usize) -> Result<()> {
    let answer = wharf.visit(HOST, &format!("/{act}/{number}")).await?;
    ensure!(answer.status == 200, "the application answers {}: {}", answer.status, answer.text);
    Ok(())
}

async fn container(wharf: &TestWharf, application: &str) -> Result<String> {
    let containers = wharf.engine().containers(&format!("wharf.resource={application}")).await?;
    let running = containers.iter().find(|container| container["State"] == "running");
    running.and_then(|container| container["Id"].as_str()).map(str::to_owned).context("the application has no container")
}

/// A line that was read somewhere: its text, and when, in nanoseconds since 1970.
type Read = (String, u128);

/// Who waits for lines.
struct Watch {
    page: Live,
    follow: (mpsc::UnboundedReceiver<Read>, AbortOnDropHandle<()>),
}

impl Watch {
    /// Has a line written, and says in milliseconds how long it was on its way to the page and to `docker logs`.
    async fn line(&mut self, wharf: &TestWharf, number: usize) -> Result<(f64, f64)> {
        let page = self.page.until(|text| written_at(text, number).map(|at| now().saturating_sub(at)));
        let docker = async {
            while let Some((line, read)) = self.follow.0.recv().await {
                if let Some(at) = written_at(&line, number) {
                    return Ok(read.saturating_sub(at));
                }
            }
            anyhow::bail!("docker logs ended")
        };
        let ((), page, docker) = tokio::try_join!(ask(wharf, "line", number), page, docker)?;
        #[allow(clippy::cast_precision_loss)]
        let milliseconds = |nanoseconds: u128| nanoseconds as f64 / 1e6;
        Ok((milliseconds(page), milliseconds(docker)))
    }
}

fn now() -> u128 {
    UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos()
}

/// When the line of this number was written, once all of it is there.
fn written_at(text: &str, number: usize) -> Option<u128> {
    let (_, after) = text.split_once(&format!("line-{number} "))?;
    let end = after.find(|character: char| !character.is_ascii_digit())?;
    after[..end].parse().ok()
}

/// Starts `docker logs --follow` for what is written from now on.
fn follow(container: &str) -> (mpsc::UnboundedReceiver<Read>, AbortOnDropHandle<()>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let command = host::Command::new("docker").args(["logs", "--follow", "--tail", "0", container]).timeout(WITHIN * 10);
    let reading = tokio::spawn(async move {
        let ended = command.stream(|_, line| sender.send((format!("{line}\n"), now())).unwrap_or_default()).await;
        if let Err(error) = ended {
            eprintln!("docker logs: {error}");
        }
    });
    (receiver, AbortOnDropHandle::new(reading))
}
