//! Drain: requests in flight on old containers finish before these stop; the edge counts them.

use super::{Context, Done};
use crate::Error;
use std::time::{Duration, Instant};

const ASK_EVERY: Duration = Duration::from_millis(100);
/// How often the edge may not answer before its counts are taken for lost, and the connections with them.
const SILENCES_LIMIT: u32 = 20;

pub(super) async fn wait(context: &Context<'_>, containers: &[String], limit_seconds: u32) -> Result<Done, Error> {
    let (began, limit) = (Instant::now(), Duration::from_secs(u64::from(limit_seconds)));
    let mut silences = 0;
    loop {
        let in_flight = match context.engine.parts.proxy.status().await {
            Ok(status) => containers.iter().filter_map(|name| status.in_flight.get(name)).sum::<u64>(),
            Err(error) if silences >= SILENCES_LIMIT => return Ok(Done::saying(format!("Not counted: {error}"))),
            Err(_) => {
                silences += 1;
                1
            }
        };
        if in_flight == 0 {
            return Ok(Done::saying(format!("None in flight after {:.1} s", began.elapsed().as_secs_f32())));
        }
        if began.elapsed() >= limit {
            return Ok(Done::saying(format!("{in_flight} still in flight after {limit_seconds} s: not waited for any longer")));
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}
