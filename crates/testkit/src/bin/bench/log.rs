//! From the moment a container writes a line to the moment its page has it, and beside it to the moment `docker logs --follow` has it. Each line carries the
//! time at which it was written. Taken with nothing, ten thousand and a hundred thousand lines written before.

use crate::RUNS;
use crate::browser::{Browser, Live};
use crate::figure::{Figure, Goal, Values};
use crate::writer::Writer;
use anyhow::{Context, Result};
use std::time::{Duration, UNIX_EPOCH};
use testkit::TestWharf;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// Lines written before, at each level.
const LEVELS: [usize; 3] = [0, 10_000, 100_000];
/// Lines of one run.
const LINES: usize = 20;
const WITHIN: Duration = Duration::from_secs(120);

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let wharf = TestWharf::start().await?;
    let api = wharf.setup().await?;
    let writer = Writer::deploy(&wharf, &api).await?;
    let browser = Browser::sign_in(&wharf).await?;
    let (mut figures, mut written, mut number) = (Vec::new(), 0, 0);
    for level in LEVELS {
        writer.many(level - written).await?;
        written = level;
        let mut watch = Watch { page: browser.open(&format!("/applications/{}/logs", writer.application)).await?, follow: follow(&writer.container) };
        // The first line waits until both have found their place in the log.
        watch.line(&writer, number).await?;
        let (mut page, mut docker, mut worst) = (Values::default(), Values::default(), Values::default());
        for _ in 0..RUNS {
            let (mut own, mut peer) = (Values::default(), Values::default());
            for _ in 0..LINES {
                number += 1;
                let (to_page, to_docker) = watch.line(&writer, number).await?;
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

/// A line that was read somewhere: its text, and when, in nanoseconds since 1970.
type Read = (String, u128);

/// Who waits for lines.
struct Watch {
    page: Live,
    follow: (mpsc::UnboundedReceiver<Read>, AbortOnDropHandle<()>),
}

impl Watch {
    /// Has a line written, and says in milliseconds how long it was on its way to the page and to `docker logs`.
    async fn line(&mut self, writer: &Writer, number: usize) -> Result<(f64, f64)> {
        let page = self.page.until(|text| written_at(text, number).map(|at| now().saturating_sub(at)));
        let docker = async {
            while let Some((line, read)) = self.follow.0.recv().await {
                if let Some(at) = written_at(&line, number) {
                    return Ok(read.saturating_sub(at));
                }
            }
            anyhow::bail!("docker logs ended")
        };
        let all = async { tokio::try_join!(writer.line(number), page, docker) };
        let ((), page, docker) = tokio::time::timeout(WITHIN, all).await.context("a line did not arrive")??;
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

/// Starts `docker logs --follow` for what is written from now on; the last lines before bring one that was written while it started.
fn follow(container: &str) -> (mpsc::UnboundedReceiver<Read>, AbortOnDropHandle<()>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let command = host::Command::new("docker").args(["logs", "--follow", "--tail", "9", container]).timeout(WITHIN * 10);
    let reading = tokio::spawn(async move {
        let ended = command.stream(|_, line| sender.send((format!("{line}\n"), now())).unwrap_or_default()).await;
        if let Err(error) = ended {
            eprintln!("docker logs: {error}");
        }
    });
    (receiver, AbortOnDropHandle::new(reading))
}
