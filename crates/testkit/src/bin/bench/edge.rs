//! The edge beside nginx and Caddy: each a process on the first core, the same backend and wrk on the second, turn by turn so that noise meets all alike.
//! Requests over kept connections of HTTP/1.1; over TLS all serve the same certificate.

use crate::RUNS;
use crate::edge_process::{EdgeProcess, HOST};
use crate::figure::{Figure, Goal, Values};
use crate::proxy::{self, Proxy};
use crate::wrk::{Seen, Wrk};
use crate::{caddy, nginx};
use anyhow::{Result, ensure};

const CONNECTIONS: u32 = 50;
const SECONDS: u32 = 3;
/// How long each is warmed up before the first run.
const WARM_SECONDS: u32 = 1;

/// What was seen of one proxy in one way.
#[derive(Default)]
struct Taken {
    rate: Values,
    /// Requests per second of processor time: what counts where the load's core is the narrow place.
    efficiency: Values,
    p99: Values,
}

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let backend = nginx::backend(1).await?;
    let edge = EdgeProcess::start(proxy::CORE).await?;
    edge.route(1, backend.ports[0]).await?;
    let certificate = edge.certificate()?;
    let proxies = [&edge.proxy, &nginx::proxy(backend.ports[0], &certificate).await?, &caddy::proxy(backend.ports[0], &certificate).await?];
    let mut figures = Vec::new();
    for (way, tls) in [("plain", false), ("TLS", true)] {
        let mut taken: [Taken; 3] = Default::default();
        for proxy in proxies {
            load(proxy, tls, WARM_SECONDS).await?;
        }
        for _ in 0..RUNS {
            for (proxy, taken) in proxies.into_iter().zip(&mut taken) {
                let before = proxy.processor_seconds()?;
                let seen = load(proxy, tls, SECONDS).await?;
                taken.rate.push(seen.per_second);
                taken.efficiency.push(seen.requests / (proxy.processor_seconds()? - before));
                taken.p99.push(seen.p99_ms);
            }
        }
        figures.extend(beside(way, taken));
    }
    Ok(figures)
}

async fn load(proxy: &Proxy, tls: bool, seconds: u32) -> Result<Seen> {
    let url = if tls { format!("https://127.0.0.1:{}/", proxy.https) } else { format!("http://127.0.0.1:{}/", proxy.http) };
    let seen = Wrk { url, headers: vec![format!("Host: {HOST}")], connections: CONNECTIONS, seconds }.run().await?;
    ensure!(seen.failed == 0.0, "{} fails: {seen:?}", proxy.name);
    Ok(seen)
}

fn beside(way: &str, [edge, nginx, caddy]: [Taken; 3]) -> [Figure; 3] {
    let rate = Figure::new(format!("edge, {way}, requests per second"), "/s", edge.rate).beside("nginx", nginx.rate).beside("Caddy", caddy.rate);
    let efficiency = Figure::new(format!("edge, {way}, requests per second of processor time"), "/s", edge.efficiency);
    let p99 = Figure::new(format!("edge, {way}, p99 at that rate"), "ms", edge.p99).beside("nginx", nginx.p99).beside("Caddy", caddy.p99);
    [
        rate.aim(Goal::TimesAtLeast("nginx", 0.9)).aim(Goal::TimesAtLeast("Caddy", 1.5)),
        efficiency.beside("nginx", nginx.efficiency).beside("Caddy", caddy.efficiency),
        p99,
    ]
}
