//! A figure: what was measured several times, beside the peers' where there are some, and what is aimed at.

use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;

/// Values of several runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values(pub(crate) Vec<f64>);

impl Values {
    /// The value that this share of them does not exceed: 0 the least, 0.5 the median, 1 the most.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    pub(crate) fn at(&self, share: f64) -> f64 {
        let mut values = self.0.clone();
        values.sort_by(f64::total_cmp);
        values.get((values.len().saturating_sub(1) as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn median(&self) -> f64 {
        self.at(0.5)
    }

    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    fn json(&self) -> Value {
        json!({"runs": self.0, "min": self.at(0.0), "median": self.median(), "max": self.at(1.0), "shown": self.to_string()})
    }
}

impl fmt::Display for Values {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", number(self.median()))?;
        if self.0.len() > 1 { write!(formatter, " ({} to {})", number(self.at(0.0)), number(self.at(1.0))) } else { Ok(()) }
    }
}

/// A duration in milliseconds.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// As many digits as say something.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || value == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// What is aimed at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// A median of no more than this.
    AtMost(f64),
    /// A median of no less than this.
    AtLeast(f64),
    /// None in any run.
    Never,
    /// A median of at most so many times this peer's.
    TimesAtMost(&'static str, f64),
    /// A median of at least so many times this peer's.
    TimesAtLeast(&'static str, f64),
    /// A median of at most so much more than this peer's.
    OverAtMost(&'static str, f64),
}

/// The figure.
pub(crate) struct Figure {
    name: String,
    unit: &'static str,
    ours: Values,
    /// Names and values.
    peers: Vec<(&'static str, Values)>,
    goals: Vec<Goal>,
}

impl Figure {
    pub(crate) fn new(name: impl Into<String>, unit: &'static str, ours: Values) -> Self {
        Self { name: name.into(), unit, ours, peers: Vec::new(), goals: Vec::new() }
    }

    /// The same of a peer.
    pub(crate) fn beside(mut self, name: &'static str, values: Values) -> Self {
        self.peers.push((name, values));
        self
    }

    pub(crate) fn aim(mut self, goal: Goal) -> Self {
        self.goals.push(goal);
        self
    }

    pub(crate) fn json(&self, part: &str) -> Value {
        let peers = self.peers.iter().map(|(name, values)| {
            let mut peer = values.json();
            (peer["name"], peer["ratio"]) = (json!(name), json!(self.ratio(values)));
            peer
        });
        let goals = self.goals.iter().map(|goal| json!({"goal": self.words(*goal), "met": self.meets(*goal)}));
        let mut figure = self.ours.json();
        (figure["part"], figure["name"], figure["unit"]) = (json!(part), json!(self.name), json!(self.unit));
        (figure["peers"], figure["goals"]) = (peers.collect(), goals.collect());
        figure
    }

    /// How many times the peer's; none where the peer has nothing.
    fn ratio(&self, peer: &Values) -> Option<f64> {
        Some(self.ours.median() / peer.median()).filter(|ratio| ratio.is_finite())
    }

    fn of_peer(&self, name: &str) -> f64 {
        self.peers.iter().find(|(peer, _)| *peer == name).map_or(f64::NAN, |(_, values)| values.median())
    }

    fn meets(&self, goal: Goal) -> bool {
        let median = self.ours.median();
        match goal {
            Goal::AtMost(limit) => median <= limit,
            Goal::AtLeast(limit) => median >= limit,
            Goal::Never => self.ours.at(1.0) == 0.0,
            Goal::TimesAtMost(peer, times) => median <= times * self.of_peer(peer),
            Goal::TimesAtLeast(peer, times) => median >= times * self.of_peer(peer),
            Goal::OverAtMost(peer, over) => median <= self.of_peer(peer) + over,
        }
    }

    fn words(&self, goal: Goal) -> String {
        let unit = self.unit;
        match goal {
            Goal::AtMost(limit) => format!("at most {limit} {unit}"),
            Goal::AtLeast(limit) => format!("at least {limit} {unit}"),
            Goal::Never => "0 in every run".into(),
            Goal::TimesAtMost(peer, times) => format!("at most {times} x {peer}"),
            Goal::TimesAtLeast(peer, times) => format!("at least {times} x {peer}"),
            Goal::OverAtMost(peer, over) => format!("at most {over} {unit} over {peer}"),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:<58} {} {}", self.name, self.ours, self.unit)?;
        for (name, values) in &self.peers {
            write!(formatter, "; {name} {values}")?;
            if let Some(ratio) = self.ratio(values) {
                write!(formatter, ", ratio {ratio:.2}")?;
            }
        }
        for goal in &self.goals {
            write!(formatter, "; goal {}: {}", self.words(*goal), if self.meets(*goal) { "met" } else { "MISSED" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_held_against_the_median_and_never_against_every_run() {
        let figure = |ours: &[f64]| Figure::new("a", "ms", Values(ours.to_vec())).beside("peer", Values(vec![10.0]));
        assert!(figure(&[9.0, 11.0, 40.0]).meets(Goal::TimesAtMost("peer", 1.15)));
        assert!(!figure(&[9.0, 12.0, 40.0]).meets(Goal::TimesAtMost("peer", 1.15)));
        assert!(figure(&[15.0]).meets(Goal::TimesAtLeast("peer", 1.5)));
        assert!(!figure(&[15.0]).meets(Goal::TimesAtLeast("nobody", 1.5)));
        assert!(!figure(&[0.0, 0.0, 1.0]).meets(Goal::Never));
    }

    #[test]
    fn a_figure_reads_as_a_line() {
        let figure = Figure::new("edge", "/s", Values(vec![9.0, 8.0, 10.0])).beside("nginx", Values(vec![10.0])).aim(Goal::TimesAtLeast("nginx", 0.9));
        assert!(figure.to_string().ends_with("9.00 (8.00 to 10.0) /s; nginx 10.0, ratio 0.90; goal at least 0.9 x nginx: met"), "{figure}");
    }
}
