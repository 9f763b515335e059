//! Load at a fixed rate, whatever the server does: each request begins when it is due, in a task of its own, and its time counts from when it was due. A
//! server that stalls is charged for every request that it kept waiting, not only for the first.

mod report;
mod slow;
mod stream;
mod visit;

pub use report::{Beside, KindReport, Report};

use report::Tally;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a request may take before it counts as failed.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A kind of traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// GET over connections that are kept.
    KeepAlive,
    /// GET over a new connection each.
    NewConnection,
    /// GET as a stream of an HTTP/2 connection that all share: over TLS where the site has an address for it, else with prior knowledge.
    Http2,
    /// A websocket that is open for the session's time; each message sent must come back.
    WebSocket,
    /// The same over TLS.
    SecureWebSocket,
    /// A chunked upload that takes the session's time; the answer must be the count of bytes.
    Upload,
    /// A request whose head takes the session's time to arrive.
    SlowRequest,
    /// An answer that is read over the session's time; it must be as long as it says.
    SlowDownload,
    /// A stream of events that is open for the session's time; it must not end before.
    Events,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::KeepAlive => "GET, kept connection",
            Self::NewConnection => "GET, new connection",
            Self::Http2 => "GET, HTTP/2",
            Self::WebSocket => "websocket",
            Self::SecureWebSocket => "websocket over TLS",
            Self::Upload => "chunked upload",
            Self::SlowRequest => "slow request",
            Self::SlowDownload => "slow download",
            Self::Events => "event stream",
        })
    }
}

/// Traffic of one kind.
#[derive(Debug, Clone)]
pub struct Traffic {
    /// The kind.
    pub kind: Kind,
    /// The path it asks for.
    pub path: String,
    /// How many begin each second.
    pub per_second: f64,
    /// How long one lasts, for the kinds that last.
    pub session: Duration,
}

impl Traffic {
    /// Traffic of short requests.
    pub fn requests(kind: Kind, path: &str, per_second: f64) -> Self {
        Self { kind, path: path.to_owned(), per_second, session: Duration::ZERO }
    }

    /// Traffic that keeps about this many open at a time, each for the session's time.
    pub fn sessions(kind: Kind, path: &str, open: u32, session: Duration) -> Self {
        Self { kind, path: path.to_owned(), per_second: f64::from(open) / session.as_secs_f64(), session }
    }
}

/// Where the traffic goes.
#[derive(Debug, Clone)]
pub struct Site {
    /// The host name that is asked for.
    pub host: String,
    /// Where it is served.
    pub http: SocketAddr,
    /// Where it is served over TLS, with any certificate; nowhere when `None`.
    pub https: Option<SocketAddr>,
}

impl Site {
    /// Where it is served over TLS, for the kinds that need it.
    fn secure(&self) -> Result<SocketAddr, Trouble> {
        self.https.ok_or_else(|| Trouble::Failed("the site is not served over TLS".to_owned()))
    }
}

/// Load that runs until it is told to finish.
pub struct Load {
    stop: CancellationToken,
    tracker: TaskTracker,
    tally: Arc<Tally>,
}

impl Load {
    /// Starts the traffic towards a server at this address, under this host name.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn start(address: SocketAddr, host: &str, traffic: Vec<Traffic>) -> anyhow::Result<Self> {
        Self::towards(&Site { host: host.to_owned(), http: address, https: None }, traffic)
    }

    /// Starts the traffic towards a site.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn towards(site: &Site, traffic: Vec<Traffic>) -> anyhow::Result<Self> {
        let (stop, tracker, tally) = (CancellationToken::new(), TaskTracker::new(), Arc::new(Tally::default()));
        let visitors = visit::Visitors::new(site)?;
        for traffic in traffic {
            let pace = Pace { site: site.clone(), visitors: visitors.clone(), traffic, tracker: tracker.clone(), tally: Arc::clone(&tally) };
            tracker.spawn(pace.keep(stop.clone()));
        }
        Ok(Self { stop, tracker, tally })
    }

    /// What has been seen so far.
    pub fn so_far(&self) -> Report {
        self.tally.report()
    }

    /// How many requests and sessions have ended so far.
    pub fn ended(&self) -> u64 {
        self.tally.ended()
    }

    /// Begins nothing new, waits for what is under way, and reports.
    pub async fn finish(self) -> Report {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
        self.tally.report()
    }
}

/// Begins requests of one kind when they are due.
struct Pace {
    site: Site,
    visitors: visit::Visitors,
    traffic: Traffic,
    tracker: TaskTracker,
    tally: Arc<Tally>,
}

impl Pace {
    async fn keep(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / self.traffic.per_second));
        // What was missed is made up for at once: the rate holds, and the time that a request waited for us is not the server's.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        loop {
            let due = tokio::select! {
                () = stop.cancelled() => return,
                due = ticks.tick() => due,
            };
            let (site, visitors, traffic, tally) = (self.site.clone(), self.visitors.clone(), self.traffic.clone(), Arc::clone(&self.tally));
            tally.begin(traffic.kind);
            self.tracker.spawn(async move {
                let outcome = one(&site, &visitors, &traffic).await;
                tally.note(traffic.kind, due.elapsed(), outcome);
            });
        }
    }
}

/// How one request or session went wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    /// It got no answer, or a wrong one.
    Failed(String),
    /// It was under way and was cut.
    Cut(String),
}

/// What one request or session took; a session's time is that of its slowest message.
pub(crate) type Outcome = Result<Option<Duration>, Trouble>;

async fn one(site: &Site, visitors: &visit::Visitors, traffic: &Traffic) -> Outcome {
    let work = async {
        match traffic.kind {
            Kind::KeepAlive => visitors.get(visit::Connections::Kept, &traffic.path).await,
            Kind::NewConnection => visitors.get(visit::Connections::Fresh, &traffic.path).await,
            Kind::Http2 => visitors.get(visit::Connections::Shared, &traffic.path).await,
            Kind::Upload => visitors.upload(&traffic.path, traffic.session).await,
            Kind::Events => visitors.events(&traffic.path, traffic.session).await,
            Kind::WebSocket => stream::echo(site, &traffic.path, traffic.session).await,
            Kind::SecureWebSocket => stream::echo_secure(site, &traffic.path, traffic.session).await,
            Kind::SlowRequest => slow::request(site, &traffic.path, traffic.session).await,
            Kind::SlowDownload => slow::download(site, &traffic.path, traffic.session).await,
        }
    };
    let limit = TIMEOUT + traffic.session;
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(Trouble::Failed(format!("no answer within {} s", limit.as_secs()))))
}

/// How often slow visitors do something.
pub(crate) const EVERY: Duration = Duration::from_millis(100);

/// Counts by reason.
pub(crate) type Reasons = BTreeMap<String, u64>;

/// A moment from now, for sessions.
pub(crate) fn after(session: Duration) -> Instant {
    Instant::now() + session
}
