//! Figures with a sparkline; sizes are SVG attributes, gaps stay gaps.

use maud::{Markup, html};
use std::fmt::Write;

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 32.0;

/// A figure of a metric.
#[derive(Debug, Clone)]
pub struct Metric<'a> {
    /// What is measured.
    pub label: &'a str,
    /// The figure now.
    pub figure: String,
    /// Its unit, and of how much.
    pub unit: String,
    /// The line in words: "between 2 % and 38 % in the last hour".
    pub summary: String,
    /// Evenly spaced values, oldest first; absent where nothing was measured.
    pub points: &'a [Option<f64>],
    /// The value at the top; the largest point when absent.
    pub ceiling: Option<f64>,
    /// Points at which a deployment ended.
    pub marks: &'a [usize],
}

/// Metrics side by side.
pub fn metrics(id: &str, metrics: &[Metric]) -> Markup {
    html! {
        dl .metrics id=(id) { @for metric in metrics { div .metric {
            dt { (metric.label) }
            dd { (metric.figure) " " small { (metric.unit) } span .sr { ", " (metric.summary) } (spark(metric.points, metric.ceiling, metric.marks)) }
        } } }
    }
}

/// A sparkline, with a dashed line where a deployment ended.
pub fn spark(points: &[Option<f64>], ceiling: Option<f64>, marks: &[usize]) -> Markup {
    let top = ceiling.unwrap_or_else(|| points.iter().flatten().copied().fold(0.0, f64::max)).max(f64::MIN_POSITIVE);
    let step = WIDTH / (points.len().max(2) - 1) as f64;
    let at = |index: usize, value: f64| (index as f64 * step, HEIGHT - 1.0 - (value / top).clamp(0.0, 1.0) * (HEIGHT - 3.0));
    let (mut line, mut area) = (String::new(), String::new());
    for run in runs(points) {
        for (place, &(index, value)) in run.iter().enumerate() {
            let (x, y) = at(index, value);
            let _ = write!(line, "{}{x:.1} {y:.1}", if place == 0 { 'M' } else { 'L' });
        }
        if let (Some(&(first, _)), Some(&(last, value))) = (run.first(), run.last()) {
            if first == last {
                let (x, y) = at(last, value);
                let _ = write!(line, "L{:.1} {y:.1}", x + 0.1);
            }
            let _ = write!(area, "M{:.1} {HEIGHT}", at(first, 0.0).0);
            for &(index, value) in &run {
                let (x, y) = at(index, value);
                let _ = write!(area, "L{x:.1} {y:.1}");
            }
            let _ = write!(area, "L{:.1} {HEIGHT}z", at(last, 0.0).0);
        }
    }
    html! {
        svg .spark viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" aria-hidden="true" {
            path .area d=(area) {}
            path .line d=(line) {}
            @for mark in marks { path .mark-line d={ "M" (format!("{:.1}", *mark as f64 * step)) " 0V" (HEIGHT) } {} }
        }
    }
}

/// Stretches without a gap, as index and value.
fn runs(points: &[Option<f64>]) -> Vec<Vec<(usize, f64)>> {
    let mut runs: Vec<Vec<(usize, f64)>> = Vec::new();
    let mut open = false;
    for (index, point) in points.iter().enumerate() {
        match (point, open, runs.last_mut()) {
            (Some(value), true, Some(run)) => run.push((index, *value)),
            (Some(value), ..) => runs.push(vec![(index, *value)]),
            (None, ..) => {}
        }
        open = point.is_some();
    }
    runs
}

/// A bar of how full something is, 0 to 100; from 85 on it warns.
pub fn meter(percent: u8) -> Markup {
    html! {
        svg .meter .warn[percent >= 85] viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" {
            path .track-fill d="M0 0h100v4H0z" {}
            path .fill d={ "M0 0h" (percent.min(100)) "v4H0z" } {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_stays_a_gap() {
        let markup = spark(&[Some(0.0), Some(1.0), None, Some(1.0)], None, &[2]).into_string();
        let line = markup.split("class=\"line\" d=\"").nth(1).expect("a line");
        assert!(line.starts_with("M0.0 31.0L40.0 2.0M120.0 2.0L120.1 2.0\""), "{line}");
        assert!(line.contains("M80.0 0V32"), "a deployment is marked: {line}");
    }

    #[test]
    fn a_meter_never_overflows_and_warns_when_nearly_full() {
        assert!(meter(130).into_string().contains("M0 0h100v4"));
        assert!(meter(90).into_string().contains("meter warn"));
        assert!(!meter(84).into_string().contains("warn"));
    }
}
