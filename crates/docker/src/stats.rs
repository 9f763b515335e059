//! What containers use.

use crate::{Engine, Error, Result};
use bollard::{models::ContainerStatsResponse, query_parameters::StatsOptions};
use futures_util::{Stream, StreamExt, TryStreamExt};
use jiff::Timestamp;

/// What a container used at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// Processor time since the sample before, in percent of one core: two busy cores are 200.
    pub cpu_percent_of_one_core: f64,
    /// Memory it cannot do without, in bytes: caches of files are left out.
    pub memory_bytes: u64,
    /// How much it may use, in bytes; the machine's memory where it has no limit.
    pub memory_limit_bytes: u64,
    /// Bytes received on all networks since it started.
    pub network_received_bytes: u64,
    /// Bytes sent on all networks since it started.
    pub network_sent_bytes: u64,
    /// When this was so.
    pub at: Timestamp,
}

impl Engine {
    /// What a container uses now. Takes a second or two: processor time needs two samples.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the container, or when it does not run; [`Error::NotOurs`].
    pub async fn container_stats(&self, name: &str) -> Result<Stats> {
        let id = self.id_of(name).await?;
        let mut samples = std::pin::pin!(self.docker.stats(&id, Some(StatsOptions { stream: false, one_shot: false })));
        let sample = samples.try_next().await?;
        sample.as_ref().and_then(stats).ok_or_else(|| Error::NotFound { what: format!("what {name} uses: it does not run") })
    }

    /// What a container uses, about once a second, until it ends.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the container; [`Error::NotOurs`]. In the stream: the engine went away.
    pub async fn stats_stream(&self, name: &str) -> Result<impl Stream<Item = Result<Stats>> + Send + 'static> {
        let id = self.id_of(name).await?;
        let samples = self.docker.stats(&id, Some(StatsOptions { stream: true, one_shot: false }));
        let samples = samples.map_err(Error::from);
        // The engine goes on with empty samples when the container has ended.
        let running = samples.take_while(|sample| std::future::ready(sample.as_ref().is_err() || sample.as_ref().is_ok_and(|sample| stats(sample).is_some())));
        Ok(running.try_filter_map(|sample| std::future::ready(Ok(stats(&sample)))))
    }
}

fn stats(sample: &ContainerStatsResponse) -> Option<Stats> {
    let memory = sample.memory_stats.as_ref()?;
    let usage = memory.usage?;
    let detail = |name: &str| memory.stats.as_ref()?.get(name).copied();
    // The first is the name of version 2 of control groups, the second of version 1.
    let cache = detail("inactive_file").or_else(|| detail("total_inactive_file")).unwrap_or_default();
    let networks = sample.networks.iter().flat_map(|networks| networks.values());
    let (received, sent) =
        networks.fold((0, 0), |(received, sent), network| (received + network.rx_bytes.unwrap_or_default(), sent + network.tx_bytes.unwrap_or_default()));
    Some(Stats {
        cpu_percent_of_one_core: cpu_percent(sample).unwrap_or_default(),
        memory_bytes: usage.saturating_sub(cache),
        memory_limit_bytes: memory.limit.unwrap_or_default(),
        network_received_bytes: received,
        network_sent_bytes: sent,
        at: Timestamp::from_microsecond(sample.read?.timestamp_micros()).ok()?,
    })
}

/// Its share of the time that all cores had, times the number of cores.
fn cpu_percent(sample: &ContainerStatsResponse) -> Option<f64> {
    let (now, before) = (sample.cpu_stats.as_ref()?, sample.precpu_stats.as_ref()?);
    let used = now.cpu_usage.as_ref()?.total_usage?.saturating_sub(before.cpu_usage.as_ref()?.total_usage?);
    let had = now.system_cpu_usage?.saturating_sub(before.system_cpu_usage?);
    (had > 0).then(|| used as f64 / had as f64 * f64::from(now.online_cpus.unwrap_or(1)) * 100.0)
}
