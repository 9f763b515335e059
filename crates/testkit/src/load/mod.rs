//! Load at a fixed rate, whatever the server does: each request begins when it is due, in a task of its own, and its time counts from when it was due. A
//! server that stalls is charged for every request that it kept waiting, not only for the first.

mod report;
mod stream;
mod visit;

pub use report::{KindReport, Report};

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
    /// A websocket that is open for the session's time; each message sent must come back.
    WebSocket,
    /// A chunked upload that takes the session's time; the answer must be the count of bytes.
    Upload,
    /// A stream of events that is open for the session's time; it must not end before.
    Events,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::KeepAlive => "GET, kept connection",
            Self::NewConnection => "GET, new connection",
            Self::WebSocket => "websocket echo",
            Self::Upload => "slow upload",
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

/// Where the traffic goes: an address, and the host name that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Aim {
    pub(crate) address: SocketAddr,
    pub(crate) host: String,
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
        let (stop, tracker, tally) = (CancellationToken::new(), TaskTracker::new(), Arc::new(Tally::default()));
        let aim = Aim { address, host: host.to_owned() };
        let visitors = visit::Visitors::new(&aim)?;
        for traffic in traffic {
            let pace = Pace { aim: aim.clone(), visitors: visitors.clone(), traffic, tracker: tracker.clone(), tally: Arc::clone(&tally) };
            tracker.spawn(pace.keep(stop.clone()));
        }
        Ok(Self { stop, tracker, tally })
    }

    /// What has been seen so far.
    pub fn so_far(&self) -> Report {
        self.tally.report()
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
    aim: Aim,
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
            let (aim, visitors, traffic, tally) = (self.aim.clone(), self.visitors.clone(), self.traffic.clone(), Arc::clone(&self.tally));
            self.tracker.spawn(async move {
                let outcome = one(&aim, &visitors, &traffic).await;
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

async fn one(aim: &Aim, visitors: &visit::Visitors, traffic: &Traffic) -> Outcome {
    let work = async {
        match traffic.kind {
            Kind::KeepAlive => visitors.get(true, &traffic.path).await,
            Kind::NewConnection => visitors.get(false, &traffic.path).await,
            Kind::Upload => visitors.upload(&traffic.path, traffic.session).await,
            Kind::Events => visitors.events(&traffic.path, traffic.session).await,
            Kind::WebSocket => stream::echo(aim, &traffic.path, traffic.session).await,
        }
    };
    let limit = TIMEOUT + traffic.session;
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(Trouble::Failed(format!("no answer within {} s", limit.as_secs()))))
}

/// Counts by reason.
pub(crate) type Reasons = BTreeMap<String, u64>;

/// A moment from now, for sessions.
pub(crate) fn after(session: Duration) -> Instant {
    Instant::now() + session
}
