//! The allow-list `xtask/tidy.allow`: places that break a rule and may, with how much. It only shrinks, unless a person decides otherwise.

use crate::tidy::Finding;
use std::collections::BTreeMap;

/// The list, from the root of the checkout.
pub const LIST: &str = "xtask/tidy.allow";

/// Drops the findings that the list allows, and adds what is wrong with the list itself. A line of it is `place amount`: `path lines` for a file,
/// `path::function lines` for a function, `path::word times` for a word.
pub fn settle(findings: Vec<Finding>, list: &str) -> Vec<Finding> {
    let mut amounts: BTreeMap<String, usize> = BTreeMap::new();
    findings.iter().for_each(|finding| *amounts.entry(finding.place()).or_default() += finding.amount);
    let lines = list.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
    let entries: BTreeMap<&str, (usize, usize)> = lines.filter_map(|(at, line)| entry(line).map(|(place, amount)| (place, (amount, at + 1)))).collect();
    let too_wide = entries.iter().filter_map(|(place, (allowed, line))| match amounts.get(*place) {
        None => Some(Finding::new(LIST, *line, format!("{place} breaks no rule any more: remove its entry"))),
        Some(amount) if amount < allowed => Some(Finding::new(LIST, *line, format!("{place} is at {amount} now: shrink its entry"))),
        Some(_) => None,
    });
    let mut settled: Vec<Finding> = too_wide.collect();
    settled.extend(findings.into_iter().filter(|finding| {
        let place = finding.place();
        entries.get(place.as_str()).is_none_or(|(allowed, _)| amounts[&place] > *allowed)
    }));
    settled
}

fn entry(line: &str) -> Option<(&str, usize)> {
    let (place, amount) = line.split_once(' ')?;
    Some((place, amount.split(' ').next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allow_list_only_shrinks() {
        let words = |lines: usize, list| {
            let findings = if lines > 500 { vec![Finding::new("a.rs", 1, "too long").at("", lines)] } else { Vec::new() };
            settle(findings, list).into_iter().map(|finding| finding.words).collect::<Vec<_>>()
        };
        assert_eq!(words(501, ""), ["too long"]);
        assert!(words(501, "# why\na.rs 501").is_empty());
        assert_eq!(words(502, "a.rs 501"), ["too long"]);
        assert_eq!(words(501, "a.rs 502"), ["a.rs is at 501 now: shrink its entry"]);
        assert_eq!(words(10, "a.rs 501"), ["a.rs breaks no rule any more: remove its entry"]);
    }

    #[test]
    fn a_word_is_allowed_as_often_as_the_list_says() {
        let once = || Finding::new("a.rs", 3, "`please`").at("please", 1);
        assert!(settle(vec![once()], "a.rs::please 1 said by the API that is answered here").is_empty());
        assert_eq!(settle(vec![once(), once()], "a.rs::please 1").len(), 2);
    }
}
