//! Files of at most 500 lines, functions of at most 70, modules that say what they are. What is longer stands in `xtask/tidy.allow`, which only shrinks.

use crate::tidy::{Code, Finding, Source};
use crate::workspace;
use anyhow::{Context, Result};
use std::collections::BTreeMap;

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 70;
const ALLOWED: &str = "xtask/tidy.allow";

/// Checks the length of everything and how modules open.
pub fn check(sources: &[Source]) -> Result<Vec<Finding>> {
    let text = std::fs::read_to_string(workspace::root().join(ALLOWED)).with_context(|| format!("{ALLOWED} cannot be read"))?;
    Ok(findings(sources, &text))
}

fn findings(sources: &[Source], allowed: &str) -> Vec<Finding> {
    let mut allowed = Allowed::parse(allowed);
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        if !source.text.trim_start().starts_with("//!") {
            findings.push(Finding::new(&source.path, 1, "a module opens with `//!` and says what it is"));
        }
        let lines = source.text.lines().count();
        findings.extend(allowed.judge(&source.path, "", 1, lines, FILE_LINES));
        for function in Code::of(&source.text).functions() {
            findings.extend(allowed.judge(&source.path, &function.name, function.line, function.lines, FUNCTION_LINES));
        }
    }
    findings.extend(allowed.left_over());
    findings
}

/// The allow-list: `path lines` for a file, `path::function lines` for a function.
struct Allowed<'a> {
    entries: BTreeMap<&'a str, (usize, usize)>,
    used: Vec<String>,
}

impl<'a> Allowed<'a> {
    fn parse(text: &'a str) -> Self {
        let entry = |(at, line): (usize, &'a str)| {
            let (name, lines) = line.split_once(' ')?;
            Some((name, (lines.trim().parse().ok()?, at + 1)))
        };
        Self { entries: text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')).filter_map(entry).collect(), used: Vec::new() }
    }

    fn judge(&mut self, path: &str, function: &str, line: usize, lines: usize, most: usize) -> Option<Finding> {
        let (name, what) = if function.is_empty() { (path.to_owned(), "the file") } else { (format!("{path}::{function}"), function) };
        let finding = match self.entries.get(name.as_str()) {
            None if lines > most => Some(Finding::new(path, line, format!("{what} has {lines} lines, {most} is the most"))),
            Some((allowed, _)) if lines > *allowed => Some(Finding::new(path, line, format!("{what} has {lines} lines, {ALLOWED} lets it have {allowed}"))),
            Some((allowed, at)) if lines < *allowed => {
                Some(Finding::new(ALLOWED, *at, format!("{name} has only {lines} lines now: shrink its entry, or remove it at {most}")))
            }
            _ => None,
        };
        self.used.push(name);
        finding
    }

    fn left_over(&self) -> Vec<Finding> {
        let gone = self.entries.iter().filter(|(name, _)| !self.used.iter().any(|used| used == *name));
        gone.map(|(name, (_, at))| Finding::new(ALLOWED, *at, format!("{name} is gone: remove its entry"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allow_list_only_shrinks() {
        let source = |lines: usize| Source { path: "crates/a/src/lib.rs".into(), text: format!("//! A.\n{}", "// line\n".repeat(lines - 1)) };
        let words = |lines, allowed| findings(&[source(lines)], allowed).into_iter().map(|finding| finding.words).collect::<Vec<_>>();
        assert!(words(500, "").is_empty());
        assert_eq!(words(501, ""), ["the file has 501 lines, 500 is the most"]);
        assert!(words(501, "crates/a/src/lib.rs 501").is_empty());
        assert_eq!(words(502, "crates/a/src/lib.rs 501"), ["the file has 502 lines, xtask/tidy.allow lets it have 501"]);
        assert_eq!(words(499, "crates/a/src/lib.rs 501").len(), 1);
        assert_eq!(words(10, "crates/b/src/lib.rs 501"), ["crates/b/src/lib.rs is gone: remove its entry"]);
    }
}
