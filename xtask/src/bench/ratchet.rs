//! The ratchet: counts of instructions in `xtask/ratchet.json` that must not grow. They are those of the release binary.

use super::{RATCHET_PART, figures_of, text};
use crate::workspace;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How many times the recorded count a path may take.
const GROWTH: f64 = 1.05;
/// Below so many times the recorded count, the record is worth tightening.
const SHRINKAGE: f64 = 0.95;

type Counts = BTreeMap<String, f64>;

fn file() -> PathBuf {
    workspace::root().join("xtask/ratchet.json")
}

fn counts(record: &Value) -> Counts {
    figures_of(record, RATCHET_PART).filter_map(|figure| Some((text(figure, "name").to_owned(), figure["median"].as_f64()?))).collect()
}

/// Holds the counts against the recorded ones, if they were measured.
pub fn check(record: &Value, measured: bool) -> Result<()> {
    if !measured {
        return Ok(());
    }
    let recorded = std::fs::read_to_string(file()).unwrap_or_else(|_| "{}".to_owned());
    let recorded: Counts = serde_json::from_str(&recorded).context("xtask/ratchet.json cannot be read")?;
    let (faults, remarks) = compare(&recorded, &counts(record));
    remarks.iter().for_each(|remark| println!("{remark}"));
    if !faults.is_empty() {
        bail!("the ratchet holds:\n{}\nMend it, or take the new counts with `cargo xtask bench ratchet --accept` and say why in the commit", faults.join("\n"));
    }
    Ok(())
}

/// Takes the counts as the recorded ones.
pub fn accept(record: &Value) -> Result<()> {
    let counts = counts(record);
    if counts.is_empty() {
        bail!("no instructions were counted yet: run `cargo xtask bench ratchet --accept`");
    }
    let whole: BTreeMap<_, _> = counts.iter().map(|(name, count)| (name, count.round() as u64)).collect();
    Ok(std::fs::write(file(), serde_json::to_string_pretty(&whole)? + "\n")?)
}

/// What grew too much or is not recorded, and what else is worth a word.
fn compare(recorded: &Counts, counted: &Counts) -> (Vec<String>, Vec<String>) {
    let (mut faults, mut remarks) = (Vec::new(), Vec::new());
    for (name, count) in counted {
        let Some(before) = recorded.get(name) else {
            faults.push(format!("{name}: {count:.0} instructions, and none recorded"));
            continue;
        };
        let line = format!("{name}: {count:.0} instructions, {:.3} times the recorded {before:.0}", count / before);
        match count / before {
            times if times > GROWTH => faults.push(line),
            times if times < SHRINKAGE => remarks.push(format!("{line}; tighten the ratchet with --accept")),
            _ => remarks.push(line),
        }
    }
    faults.extend(recorded.keys().filter(|name| !counted.contains_key(*name)).map(|name| format!("{name}: recorded, but not counted")));
    (faults, remarks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_by_more_than_a_twentieth_is_a_fault() {
        let counts = |pairs: &[(&str, f64)]| pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<Counts>();
        let recorded = counts(&[("page", 100.0), ("line", 100.0), ("gone", 1.0)]);
        let (faults, remarks) = compare(&recorded, &counts(&[("page", 105.0), ("line", 106.0), ("new", 1.0)]));
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].starts_with("line: 106 instructions, 1.060 times") && remarks[0].starts_with("page: 105"), "{faults:?} {remarks:?}");
    }
}
