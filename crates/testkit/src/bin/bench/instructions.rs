//! Instructions of the paths that must not get longer, counted by callgrind in the binary itself: a count, unlike a time, says the same on a busy machine.
//! Each path is taken so many times by one process and twice as often by another; the difference is free of what starting and stopping cost.

use crate::browser::Browser;
use crate::edge_process::{EdgeProcess, HOST};
use crate::figure::{Figure, Values};
use crate::writer::Writer;
use crate::{fleet, nginx, proxy};
use anyhow::{Context, Result};
use std::path::Path;
use std::time::Duration;
use testkit::{Running, TestWharf};

/// The unit by which `cargo xtask bench` knows what to hold against the ratchet.
const UNIT: &str = "instructions";
const REQUESTS: usize = 1000;
const PAGES: usize = 4;
const STREAMS: usize = 2;
/// Lines of the log that each stream brings.
const LINES: usize = 4000;
/// callgrind takes fifty times as long.
const READY_WITHIN: Duration = Duration::from_secs(90);
const STOPS_WITHIN: Duration = Duration::from_secs(60);
/// No engine is there: nothing that is told or seen meanwhile is counted.
const NO_ENGINE: &str = "/nonexistent/engine.sock";

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let figure = |name: &str, count: f64| Figure::new(name, UNIT, Values(vec![count.round()]));
    #[allow(clippy::cast_precision_loss)]
    let line = log_stream().await? / LINES as f64;
    Ok(vec![figure("one edge request", edge_request().await?), figure("one dashboard page", dashboard_page().await?), figure("one log line", line)])
}

/// Instructions of one of these: those of twice as many, less those of so many. The least of several tries counts, which waited least in vain.
async fn each(times: usize, tries: usize, run: impl AsyncFn(usize) -> Result<f64>) -> Result<f64> {
    let (mut single, mut double) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..tries {
        single = single.min(run(times).await?);
        double = double.min(run(times * 2).await?);
    }
    #[allow(clippy::cast_precision_loss)]
    Ok((double - single) / times as f64)
}

/// Requests one after the other over one connection.
async fn edge_request() -> Result<f64> {
    let backend = nginx::backend(1).await?;
    each(REQUESTS, 3, async |times| {
        let count = Count::new()?;
        let mut edge = EdgeProcess::start_by(|arguments, log| count.start(arguments, log)).await?;
        edge.route(1, backend.ports[0]).await?;
        let client = reqwest::Client::new();
        for _ in 0..times {
            let answer = client.get(format!("http://127.0.0.1:{}/", edge.proxy.http)).header("host", HOST).send().await?.error_for_status()?;
            answer.bytes().await?;
        }
        drop(client);
        count.end(&mut edge.proxy.running).await
    })
    .await
}

/// The overview over many applications.
async fn dashboard_page() -> Result<f64> {
    let mut wharf = TestWharf::start().await?;
    let api = wharf.setup().await?;
    fleet::define(&wharf, &api).await?;
    let browser = Browser::sign_in(&wharf).await?;
    wharf.terminate().await?;
    each(PAGES, 1, async |times| {
        let count = Count::new()?;
        let mut running = count.start_wharf(&wharf, &["--engine-socket", NO_ENGINE]).await?;
        for _ in 0..times {
            browser.page("/").await?;
        }
        count.end(&mut running).await
    })
    .await
}

/// A stream of the log page that brings all lines of a container's log.
async fn log_stream() -> Result<f64> {
    let mut wharf = TestWharf::start().await?;
    let api = wharf.setup().await?;
    let writer = Writer::deploy(&wharf, &api).await?;
    writer.many(LINES).await?;
    writer.line(0).await?;
    let browser = Browser::sign_in(&wharf).await?;
    wharf.terminate().await?;
    let stream = format!("/live?of=logs:{}&after=1970-01-02T00:00:00Z~0", writer.application);
    each(STREAMS, 1, async |times| {
        let count = Count::new()?;
        let mut running = count.start_wharf(&wharf, &[]).await?;
        for _ in 0..times {
            browser.listen(&stream).await?.until(|text| text.contains("line-0 ").then_some(())).await?;
        }
        count.end(&mut running).await
    })
    .await
}

/// A run under callgrind.
struct Count(tempfile::TempDir);

impl Count {
    fn new() -> Result<Self> {
        Ok(Self(tempfile::tempdir()?))
    }

    /// Starts the binary with these arguments, on one thread of its runtime, so that counts differ little from run to run.
    fn start(&self, arguments: &[String], log: &Path) -> Result<Running> {
        let (binary, file) = (crate::binary()?, self.0.path().join("counts"));
        let own = ["--tool=callgrind".to_owned(), format!("--callgrind-out-file={}", file.display()), proxy::text(&binary)?.to_owned()];
        Running::start(Path::new("valgrind"), own.iter().chain(arguments), &[("TOKIO_WORKER_THREADS", "1")], log)
    }

    /// Starts `wharf up` on the data of one that does not run, and waits until it is ready.
    async fn start_wharf(&self, wharf: &TestWharf, more: &[&str]) -> Result<Running> {
        let arguments: Vec<String> = wharf.arguments()?.into_iter().chain(more.iter().map(|argument| (*argument).to_owned())).collect();
        let mut running = self.start(&arguments, &self.0.path().join("log"))?;
        let port = wharf.url().rsplit_once(':').and_then(|(_, port)| port.parse().ok()).context("the dashboard has no port")?;
        running.wait_for_port(port, READY_WITHIN).await?;
        Ok(running)
    }

    /// Ends the process and reads what was counted.
    async fn end(&self, running: &mut Running) -> Result<f64> {
        running.terminate(STOPS_WITHIN).await?;
        let counts = std::fs::read_to_string(self.0.path().join("counts")).with_context(|| format!("callgrind counted nothing: {}", running.log()))?;
        let total = counts.lines().find_map(|line| line.strip_prefix("totals:")).context("callgrind names no total")?;
        Ok(total.trim().parse()?)
    }
}
