//! Measures what applications use, for the last hour and a little more.

use crate::{Engine, Error, live::LiveApplication};
use docker::Stats;
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use store::Metric;

/// How long measurements are kept.
const KEPT: SignedDuration = SignedDuration::from_mins(70);
/// Containers measured at the same time; each takes a second or two.
const PARALLEL: usize = 32;

pub(super) async fn activate(engine: &Engine) -> Result<Vec<String>, Error> {
    let docker = engine.parts.link.engine("container_stats")?;
    let now = Timestamp::now();
    let measured = stream::iter(engine.parts.routes.all_live()).map(|live| measure(engine, docker.clone(), live, now)).buffer_unordered(PARALLEL);
    let measured: Vec<_> = measured.filter_map(std::future::ready).collect().await;
    if !measured.is_empty() {
        let forget = now.checked_sub(KEPT).unwrap_or(now);
        engine.parts.store.metric_append(measured, forget).await?;
    }
    Ok(Vec::new())
}

async fn measure(engine: &Engine, docker: docker::Engine, live: LiveApplication, at: Timestamp) -> Option<(model::ApplicationId, Metric)> {
    Some((live.application.id.clone(), usage(engine, &docker, &live, at).await?))
}

/// What the running containers of an application use together; nothing while none runs.
pub(crate) async fn usage(engine: &Engine, docker: &docker::Engine, live: &LiveApplication, at: Timestamp) -> Option<Metric> {
    let running = live.serving.iter().filter(|name| engine.parts.seen.container(name).is_some_and(|container| container.state.running()));
    let asked = stream::iter(running.cloned().collect::<Vec<_>>()).map(|name| async move {
        // One that ends meanwhile uses nothing.
        docker.container_stats(&name).await.ok()
    });
    let used: Vec<Stats> = asked.buffered(PARALLEL).filter_map(std::future::ready).collect().await;
    (!used.is_empty()).then(|| sum(at, used.iter()))
}

fn sum<'a>(at: Timestamp, used: impl Iterator<Item = &'a Stats>) -> Metric {
    let none = Metric { at, cpu_thousandths: 0, memory_bytes: 0, network_received_bytes: 0, network_sent_bytes: 0 };
    let whole = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    used.fold(none, |sum, stats| Metric {
        at,
        cpu_thousandths: sum.cpu_thousandths + (stats.cpu_percent_of_one_core * 10.0) as i64,
        memory_bytes: sum.memory_bytes + whole(stats.memory_bytes),
        network_received_bytes: sum.network_received_bytes + whole(stats.network_received_bytes),
        network_sent_bytes: sum.network_sent_bytes + whole(stats.network_sent_bytes),
    })
}
