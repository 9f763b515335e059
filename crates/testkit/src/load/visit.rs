//! Requests over HTTP: short ones, slow uploads, event streams.

use super::{EVERY, Outcome, Site, Trouble, after};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use reqwest::{Body, Client, Version};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};

const CHUNK: &[u8] = &[b'x'; 4096];

/// What becomes of the connections of short requests.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Connections {
    /// They are kept for the next.
    Kept,
    /// Each request has one of its own.
    Fresh,
    /// All share one.
    Shared,
}

/// Clients for each way.
#[derive(Clone)]
pub(crate) struct Visitors {
    keeping: Client,
    fresh: Client,
    sharing: Client,
    base: String,
    /// Where the shared connection leads.
    shared_base: String,
}

impl Visitors {
    pub(crate) fn new(site: &Site) -> anyhow::Result<Self> {
        let builder = |address| Client::builder().resolve(&site.host, address).redirect(reqwest::redirect::Policy::none());
        let http1 = || builder(site.http).http1_only();
        let base = |scheme: &str, address: SocketAddr| format!("{scheme}://{}:{}", site.host, address.port());
        let (sharing, shared_base) = match site.https {
            Some(https) => (builder(https).tls_danger_accept_invalid_certs(true), base("https", https)),
            None => (builder(site.http).http2_prior_knowledge(), base("http", site.http)),
        };
        let fresh = http1().pool_max_idle_per_host(0).build()?;
        Ok(Self { keeping: http1().build()?, fresh, sharing: sharing.build()?, base: base("http", site.http), shared_base })
    }

    pub(crate) async fn get(&self, connections: Connections, path: &str) -> Outcome {
        let (client, base) = match connections {
            Connections::Kept => (&self.keeping, &self.base),
            Connections::Fresh => (&self.fresh, &self.base),
            Connections::Shared => (&self.sharing, &self.shared_base),
        };
        let answer = client.get(format!("{base}{path}")).send().await.map_err(|error| Trouble::Failed(reason(&error)))?;
        if matches!(connections, Connections::Shared) && answer.version() != Version::HTTP_2 {
            return Err(Trouble::Failed(format!("{:?} instead of HTTP/2", answer.version())));
        }
        if !answer.status().is_success() {
            return Err(Trouble::Failed(format!("status {}", answer.status().as_u16())));
        }
        answer.bytes().await.map(|_| None).map_err(|error| Trouble::Cut(reason(&error)))
    }

    /// Sends a chunk every 100 ms for the session's time.
    pub(crate) async fn upload(&self, path: &str, session: Duration) -> Outcome {
        let end = after(session);
        let mut ticks = tokio::time::interval(EVERY);
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
