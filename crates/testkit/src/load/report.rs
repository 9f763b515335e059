//! What the load saw.

use super::{Kind, Outcome, Reasons, Trouble};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What is counted while the load runs.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    kinds: Mutex<BTreeMap<Kind, Counts>>,
}

#[derive(Debug, Default, Clone)]
struct Counts {
    sent: u64,
    failed: Reasons,
    cut: Reasons,
    times: Vec<Duration>,
}

impl Tally {
    /// Counts a request that begins.
    pub(crate) fn begin(&self, kind: Kind) {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default().sent += 1;
    }

    /// Counts one request: its time since it was due, unless it is a session that measured its own.
    pub(crate) fn note(&self, kind: Kind, since_due: Duration, outcome: Outcome) {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = kinds.entry(kind).or_default();
        match outcome {
            Ok(own) => counts.times.push(own.unwrap_or(since_due)),
            Err(Trouble::Failed(reason)) => *counts.failed.entry(reason).or_default() += 1,
            Err(Trouble::Cut(reason)) => *counts.cut.entry(reason).or_default() += 1,
        }
    }

    pub(crate) fn report(&self) -> Report {
        // Sorted outside the lock: whoever looks at a long run again and again must not hold it up.
        let kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Report { kinds: kinds.into_iter().map(|(kind, counts)| (kind, KindReport::of(counts))).collect() }
    }

    pub(crate) fn ended(&self) -> u64 {
        let kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.values().map(|counts| counts.times.len() as u64 + counts.failed.values().chain(counts.cut.values()).sum::<u64>()).sum()
    }
}

/// What one kind of traffic saw.
#[derive(Debug, Clone)]
pub struct KindReport {
    /// How many began.
    pub sent: u64,
    /// How many went well.
    pub good: u64,
    /// Why others failed, and how often.
    pub failed: Reasons,
    /// Why others were cut while under way, and how often.
    pub cut: Reasons,
    /// Half were faster than this.
    pub p50: Duration,
    /// 99 of 100 were faster than this.
    pub p99: Duration,
    /// The slowest.
    pub max: Duration,
}

impl KindReport {
    fn of(mut counts: Counts) -> Self {
        counts.times.sort_unstable();
        let at = |share: f64| {
            let last = counts.times.len().saturating_sub(1);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            counts.times.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
        };
        Self { sent: counts.sent, good: counts.times.len() as u64, p50: at(0.5), p99: at(0.99), max: at(1.0), failed: counts.failed, cut: counts.cut }
    }

    /// How many failed or were cut.
    pub fn bad(&self) -> u64 {
        self.failed.values().chain(self.cut.values()).sum()
    }
}

/// What the load saw, by kind.
#[derive(Debug, Clone)]
pub struct Report {
    /// Each kind of traffic.
    pub kinds: BTreeMap<Kind, KindReport>,
}

impl Report {
    /// How many requests and sessions have ended.
    pub fn total(&self) -> u64 {
        self.kinds.values().map(|kind| kind.good + kind.bad()).sum()
    }

    /// How many failed or were cut.
    pub fn bad(&self) -> u64 {
        self.kinds.values().map(KindReport::bad).sum()
    }

    /// This report with the slowest of another, which saw the same traffic while nothing happened, beside its own.
    pub fn beside<'a>(&'a self, quiet: &'a Report) -> Beside<'a> {
        Beside { report: self, quiet: Some(quiet) }
    }
}

/// A report, to be printed beside a quiet one.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    report: &'a Report,
    quiet: Option<&'a Report>,
}

impl fmt::Display for Beside<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        for (kind, seen) in &self.report.kinds {
            let (p50, p99, max) = (milliseconds(seen.p50), milliseconds(seen.p99), milliseconds(seen.max));
            let (failed, cut) = (seen.failed.values().sum::<u64>(), seen.cut.values().sum::<u64>());
            write!(formatter, "{kind:<20} {:>7} sent, {failed} failed, {cut} cut; p50 {p50:.1} ms, p99 {p99:.1} ms", seen.sent)?;
            if let Some(quiet) = self.quiet.and_then(|quiet| quiet.kinds.get(kind)) {
                write!(formatter, " (quiet {:.1} ms)", milliseconds(quiet.p99))?;
            }
            writeln!(formatter, ", max {max:.1} ms")?;
            for (reason, times) in seen.failed.iter().chain(&seen.cut) {
                writeln!(formatter, "{times:>8} x {reason}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Beside { report: self, quiet: None }.fmt(formatter)
    }
}
