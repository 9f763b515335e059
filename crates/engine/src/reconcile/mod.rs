//! Reconcilers: what nobody asks for and must be so all the same. Each has a period, can be woken, and leaves a report.

mod drift;
mod edge;
mod metrics;
mod orphans;
mod recover;
mod retention;
mod routes;
mod server;

pub(crate) use drift::Attempts;
pub(crate) use metrics::usage;
pub(crate) use recover::note_held;
pub(crate) use server::LastFacts;
pub use server::ServerFacts;
pub(crate) use server::{facts as server_facts, machine as machine_facts};

use crate::{Engine, Error};
use futures_util::FutureExt;
use jiff::Timestamp;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long one run may take.
const RUN_LIMIT: Duration = Duration::from_secs(10 * 60);
/// When one that could not do its work tries again, unless its period is over before.
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// Least pause between two runs, however often one is woken.
const LEAST_PAUSE: Duration = Duration::from_millis(100);

/// What a run of a reconciler left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which reconciler.
    pub name: &'static str,
    /// What it is for, as people read it.
    pub purpose: &'static str,
    /// When it ran last; never yet when absent.
    pub at: Option<Timestamp>,
    /// How long that took.
    pub took: Duration,
    /// What it changed.
    pub changed: Vec<String>,
    /// What it could not do.
    pub problem: Option<String>,
}

/// Which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Recover,
    Edge,
    Routes,
    Drift,
    Orphans,
    Retention,
    Server,
    Metrics,
}

impl Kind {
    const ALL: [Self; 8] = [Self::Recover, Self::Edge, Self::Routes, Self::Drift, Self::Orphans, Self::Retention, Self::Server, Self::Metrics];

    fn name(self) -> &'static str {
        match self {
            Self::Recover => "recover",
            Self::Edge => "edge",
            Self::Routes => "routes",
            Self::Drift => "drift",
            Self::Orphans => "orphans",
            Self::Retention => "retention",
            Self::Server => "server",
            Self::Metrics => "metrics",
        }
    }

    fn purpose(self) -> &'static str {
        match self {
            Self::Recover => "Takes interrupted deployments up again",
            Self::Edge => "Keeps one edge running",
            Self::Routes => "Keeps the edge's routes true to the containers' addresses",
            Self::Drift => "Starts again what should run and was removed or stopped by hand",
            Self::Orphans => "Removes containers, images and networks of Wharf's that belong to nothing any more",
            Self::Retention => "Removes images and commits of releases that are no longer kept",
            Self::Server => "Looks at the server's disk and memory",
            Self::Metrics => "Measures what applications use",
        }
    }

    fn period(self) -> Duration {
        Duration::from_secs(match self {
            Self::Recover => 15,
            Self::Edge | Self::Routes | Self::Drift | Self::Server => 30,
            Self::Orphans => 5 * 60,
            Self::Retention => 60 * 60,
            Self::Metrics => 10,
        })
    }

    async fn activate(self, engine: &Engine) -> Result<Vec<String>, Error> {
        match self {
            Self::Recover => recover::activate(engine).await,
            Self::Edge => edge::activate(engine).await,
            Self::Routes => routes::activate(engine).await,
            Self::Drift => drift::activate(engine).await,
            Self::Orphans => orphans::activate(engine).await,
            Self::Retention => retention::activate(engine).await,
            Self::Server => server::activate(engine).await,
            Self::Metrics => metrics::activate(engine).await,
        }
    }
}

struct Reconciler {
    kind: Kind,
    wake: Notify,
    report: Mutex<Report>,
}

/// All of them.
pub(crate) struct Reconcilers(Vec<Reconciler>);

impl Reconcilers {
    pub(crate) fn new() -> Self {
        let reconciler = |kind: Kind| Reconciler {
            kind,
            wake: Notify::new(),
            report: Mutex::new(Report { name: kind.name(), purpose: kind.purpose(), at: None, took: Duration::ZERO, changed: Vec::new(), problem: None }),
        };
        Self(Kind::ALL.map(reconciler).into())
    }

    /// Starts them.
    pub(crate) fn start(engine: &Engine) {
        for at in 0..engine.parts.reconcilers.0.len() {
            engine.parts.tasks.spawn(keep(engine.clone(), at));
        }
    }

    /// Wakes one.
    pub(crate) fn wake(&self, name: &str) {
        self.0.iter().filter(|one| one.kind.name() == name).for_each(|one| one.wake.notify_one());
    }

    /// Wakes all.
    pub(crate) fn wake_all(&self) {
        self.0.iter().for_each(|one| one.wake.notify_one());
    }

    /// Their last reports.
    pub(crate) fn reports(&self) -> Vec<Report> {
        self.0.iter().map(|one| one.report.lock().unwrap_or_else(PoisonError::into_inner).clone()).collect()
    }
}

async fn keep(engine: Engine, at: usize) {
    let Some(one) = engine.parts.reconcilers.0.get(at) else { return };
    loop {
        let (began, started) = (Timestamp::now(), Instant::now());
        let ran = AssertUnwindSafe(tokio::time::timeout(RUN_LIMIT, one.kind.activate(&engine).boxed())).catch_unwind().await;
        let (changed, problem) = match ran {
            Ok(Ok(Ok(changed))) => (changed, None),
            Ok(Ok(Err(error))) => (Vec::new(), Some(error.to_string())),
            Ok(Err(_)) => (Vec::new(), Some("it took too long and was given up".to_owned())),
            Err(_) => (Vec::new(), Some("it failed itself: report it".to_owned())),
        };
        let rest = if problem.is_some() { one.kind.period().min(RETRY_AFTER) } else { one.kind.period() };
        if let Some(problem) = &problem {
            tracing::debug!(reconciler = one.kind.name(), problem, "a reconciler could not do its work");
        }
        if !changed.is_empty() {
            tracing::info!(reconciler = one.kind.name(), ?changed, "a reconciler set things right");
        }
        if let Ok(mut report) = one.report.lock() {
            *report = Report { at: Some(began), took: started.elapsed(), changed, problem, ..report.clone() };
        }
        tokio::time::sleep(LEAST_PAUSE).await;
        // Both ends are a reason to run again.
        let _ = tokio::time::timeout(rest, one.wake.notified()).await;
    }
}
