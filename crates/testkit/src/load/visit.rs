//! Requests over HTTP: short ones, slow uploads, event streams.

use super::{Aim, Outcome, Trouble, after};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use reqwest::{Body, Client};
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};

const CHUNK: &[u8] = &[b'x'; 4096];
const CHUNK_EVERY: Duration = Duration::from_millis(100);

/// Clients that keep their connections, and ones that do not.
#[derive(Clone)]
pub(crate) struct Visitors {
    keeping: Client,
    fresh: Client,
    base: String,
}

impl Visitors {
    pub(crate) fn new(aim: &Aim) -> anyhow::Result<Self> {
        let builder = || Client::builder().resolve(&aim.host, aim.address).redirect(reqwest::redirect::Policy::none()).http1_only();
        let fresh = builder().pool_max_idle_per_host(0).build()?;
        Ok(Self { keeping: builder().build()?, fresh, base: format!("http://{}:{}", aim.host, aim.address.port()) })
    }

    pub(crate) async fn get(&self, keep: bool, path: &str) -> Outcome {
        let client = if keep { &self.keeping } else { &self.fresh };
        let answer = client.get(format!("{}{path}", self.base)).send().await.map_err(|error| Trouble::Failed(reason(&error)))?;
        if !answer.status().is_success() {
            return Err(Trouble::Failed(format!("status {}", answer.status().as_u16())));
        }
        answer.bytes().await.map(|_| None).map_err(|error| Trouble::Cut(reason(&error)))
    }

    /// Sends a chunk every 100 ms for the session's time.
    pub(crate) async fn upload(&self, path: &str, session: Duration) -> Outcome {
        let end = after(session);
        let mut ticks = tokio::time::interval(CHUNK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let chunks = stream::unfold((ticks, 0_u64), move |(mut ticks, sent)| async move {
            let due = ticks.tick().await;
            (due < end).then(|| (Ok::<_, std::io::Error>(Bytes::from_static(CHUNK)), (ticks, sent + 1)))
        });
        let counter = Arc::new(AtomicUsize::new(0));
        let counted = chunks.inspect({
            let counter = Arc::clone(&counter);
            move |_| {
                counter.fetch_add(CHUNK.len(), Ordering::Relaxed);
            }
        });
        let request = self.fresh.post(format!("{}{path}", self.base)).body(Body::wrap_stream(counted));
        let answer = request.send().await.map_err(|error| Trouble::Cut(reason(&error)))?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(|error| Trouble::Cut(reason(&error)))?;
        let sent = counter.load(Ordering::Relaxed);
        match text.trim().parse::<usize>() {
            // Its time is its own doing: what counts is how late the answer was.
            Ok(counted) if counted == sent => Ok(Some(end.elapsed())),
            _ => Err(Trouble::Failed(format!("status {status} for {sent} bytes: {}", text.chars().take(80).collect::<String>().trim()))),
        }
    }

    /// Reads events for the session's time; its time is the longest silence.
    pub(crate) async fn events(&self, path: &str, session: Duration) -> Outcome {
        let end = after(session);
        let answer = self.fresh.get(format!("{}{path}", self.base)).send().await.map_err(|error| Trouble::Failed(reason(&error)))?;
        if !answer.status().is_success() {
            return Err(Trouble::Failed(format!("status {}", answer.status().as_u16())));
        }
        let mut events = answer.bytes_stream();
        let (mut last, mut longest) = (Instant::now(), Duration::ZERO);
        while let Ok(event) = tokio::time::timeout_at(end, events.next()).await {
            match event {
                Some(Ok(_)) => longest = longest.max(last.elapsed()),
                Some(Err(error)) => return Err(Trouble::Cut(reason(&error))),
                None => return Err(Trouble::Cut("the stream ended".to_owned())),
            }
            last = Instant::now();
        }
        Ok(Some(longest))
    }
}

/// The error's innermost cause: the same for every address and request, so that reasons can be counted.
fn reason(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
