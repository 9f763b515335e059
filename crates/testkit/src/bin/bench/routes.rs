//! A hundred changes of the route each second, between two backends, while requests come: as many as wrk sends over four kept connections, and a steady stream
//! over kept and new ones. Beside it the same load while nothing changes, turn by turn.

use crate::RUNS;
use crate::edge_process::{Control, EdgeProcess, HOST};
use crate::figure::{Figure, Goal, Values, milliseconds};
use crate::wrk::Wrk;
use crate::{nginx, proxy};
use anyhow::{Context, Result};
use std::time::{Duration, Instant};
use testkit::load::{Kind, Load, Traffic};
use tokio_util::sync::CancellationToken;

const CHANGES_PER_SECOND: u32 = 100;
/// The least that counts as that many on a busy machine.
const CHANGES_PER_SECOND_LEAST: f64 = 95.0;
/// As many as keep the edge busy, and few enough that a change need not wait behind long queues.
const CONNECTIONS: u32 = 4;
const SECONDS: u32 = 4;
const STEADY_PER_SECOND: f64 = 100.0;

/// What was seen in one way.
#[derive(Default)]
struct Taken {
    failed: Values,
    requests: Values,
    rate: Values,
    p99: Values,
}

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let backend = nginx::backend(2).await?;
    let edge = EdgeProcess::start(proxy::CORE).await?;
    let mut changes = Changes { control: edge.control(), ports: [backend.ports[0], backend.ports[1]], generation: 0, acknowledged: Values::default() };
    changes.next().await?;
    let (mut quiet, mut changing) = (Taken::default(), Taken::default());
    let (mut speed, mut acknowledged) = (Values::default(), Values::default());
    load(edge.proxy.http, 1, &mut Taken::default()).await?;
    for _ in 0..RUNS {
        load(edge.proxy.http, SECONDS, &mut quiet).await?;
        let (stop, began, before) = (CancellationToken::new(), Instant::now(), changes.generation);
        let loaded = async {
            let loaded = load(edge.proxy.http, SECONDS, &mut changing).await;
            stop.cancel();
            loaded
        };
        tokio::try_join!(loaded, changes.keep(&stop))?;
        #[allow(clippy::cast_precision_loss)]
        speed.push((changes.generation - before) as f64 / began.elapsed().as_secs_f64());
        acknowledged.push(std::mem::take(&mut changes.acknowledged).median());
    }
    let name = format!("at {CHANGES_PER_SECOND} route changes a second");
    Ok(vec![
        Figure::new(format!("failed requests {name}"), "requests", changing.failed).beside("no changes", quiet.failed).aim(Goal::Never),
        Figure::new(format!("requests in all {name}"), "requests", changing.requests).beside("no changes", quiet.requests),
        Figure::new(format!("requests per second {name}"), "/s", changing.rate).beside("no changes", quiet.rate),
        Figure::new(format!("p99 {name}"), "ms", changing.p99).beside("no changes", quiet.p99),
        Figure::new("route changes made", "/s", speed).aim(Goal::AtLeast(CHANGES_PER_SECOND_LEAST)),
        Figure::new("route change to acknowledgement", "ms", acknowledged),
    ])
}

async fn load(port: u16, seconds: u32, taken: &mut Taken) -> Result<()> {
    let kinds = [Kind::KeepAlive, Kind::NewConnection];
    let steady = Load::start(([127, 0, 0, 1], port).into(), HOST, kinds.map(|kind| Traffic::requests(kind, "/", STEADY_PER_SECOND)).to_vec())?;
    let url = format!("http://127.0.0.1:{port}/");
    let seen = Wrk { url, headers: vec![format!("Host: {HOST}")], connections: CONNECTIONS, seconds }.run().await?;
    let report = steady.finish().await;
    if report.bad() > 0 || seen.failed > 0.0 {
        eprintln!("{seen:?}\n{report}");
    }
    #[allow(clippy::cast_precision_loss)]
    let (bad, total) = (report.bad() as f64, report.total() as f64);
    taken.failed.push(seen.failed + bad);
    taken.requests.push(seen.requests + total);
    taken.rate.push(seen.per_second);
    taken.p99.push(seen.p99_ms);
    Ok(())
}

/// Changes of the route, one after the other.
struct Changes {
    control: Control,
    ports: [u16; 2],
    generation: u64,
    acknowledged: Values,
}

impl Changes {
    /// Routes to the other backend.
    async fn next(&mut self) -> Result<()> {
        let port = self.ports[usize::from(self.generation % 2 == 1)];
        self.generation += 1;
        let began = Instant::now();
        self.control.route(self.generation, port).await.with_context(|| format!("route change {}", self.generation))?;
        self.acknowledged.push(milliseconds(began.elapsed()));
        Ok(())
    }

    /// Makes changes when they are due, until told to stop.
    async fn keep(&mut self, stop: &CancellationToken) -> Result<()> {
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / CHANGES_PER_SECOND);
        while !stop.is_cancelled() {
            ticks.tick().await;
            self.next().await?;
        }
        Ok(())
    }
}
