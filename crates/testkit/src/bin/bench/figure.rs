//! A figure: what was measured several times, beside a peer's where there is one, and what is aimed at.

use serde_json::{Value, json};
use std::fmt;

/// Values of several runs.
pub(crate) struct Values(pub(crate) Vec<f64>);

impl Values {
    fn sorted(&self) -> Vec<f64> {
        let mut values = self.0.clone();
        values.sort_by(f64::total_cmp);
        values
    }

    fn median(&self) -> f64 {
        let values = self.sorted();
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Values {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.sorted();
        let (least, most) = (values.first().copied().unwrap_or(f64::NAN), values.last().copied().unwrap_or(f64::NAN));
        write!(formatter, "{:.1} ({least:.1} to {most:.1})", self.median())
    }
}

/// The figure.
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) ours: Values,
    /// A peer's name and values.
    pub(crate) peer: Option<(&'static str, Values)>,
    pub(crate) goal: &'static str,
}

impl Figure {
    pub(crate) fn json(&self) -> Value {
        let peer = self.peer.as_ref().map(|(name, values)| json!({"name": name, "values": values.0, "ratio": self.ours.median() / values.median()}));
        json!({"name": self.name, "unit": self.unit, "values": self.ours.0, "median": self.ours.median(), "peer": peer, "goal": self.goal})
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:<42} {} {}", self.name, self.ours, self.unit)?;
        if let Some((name, values)) = &self.peer {
            write!(formatter, "; {name} {values}; ratio {:.2}", self.ours.median() / values.median())?;
        }
        write!(formatter, "; goal {}", self.goal)
    }
}
