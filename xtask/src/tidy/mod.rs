//! What a compiler does not check and this project holds: who may import whom, how long things get, how modules open, and words that are not ours.

mod allow;
mod code;
mod imports;
mod length;
mod words;

use crate::program::Program;
use crate::workspace;
use anyhow::{Context, Result, bail};
use code::Code;
use std::fmt;
use std::path::Path;

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    file: String,
    line: usize,
    words: String,
    /// The function or word that breaks it, for the allow-list; empty for the file itself.
    name: String,
    /// How much it breaks it: lines or times.
    amount: usize,
}

impl Finding {
    fn new(file: &str, line: usize, words: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, words: words.into(), name: String::new(), amount: 1 }
    }

    /// The same, with what the allow-list calls it.
    fn at(self, name: &str, amount: usize) -> Self {
        Self { name: name.to_owned(), amount, ..self }
    }

    fn place(&self) -> String {
        if self.name.is_empty() { self.file.clone() } else { format!("{}::{}", self.file, self.name) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.words)
    }
}

/// A tracked text file.
struct Source {
    /// Its path from the root of the checkout.
    path: String,
    text: String,
}

impl Source {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether all of it is for tests: these may start shells and hold long tables.
    fn is_test(&self) -> bool {
        let path = Path::new(&self.path);
        path.starts_with("crates/testkit")
            || path.components().any(|part| ["tests", "tests.rs", "examples", "e2e"].iter().any(|name| part.as_os_str() == *name))
    }
}

/// Runs every check and prints each finding.
pub fn run() -> Result<()> {
    let sources = tracked()?;
    let mut findings = imports::check()?;
    findings.extend(length::check(&sources));
    findings.extend(words::check(&sources));
    let list = std::fs::read_to_string(workspace::root().join(allow::LIST)).with_context(|| format!("{} cannot be read", allow::LIST))?;
    let mut findings = allow::settle(findings, &list);
    findings.sort();
    findings.iter().for_each(|finding| println!("{finding}"));
    if !findings.is_empty() {
        bail!("tidy found {} places to mend", findings.len());
    }
    println!("tidy: {} files, nothing to mend", sources.len());
    Ok(())
}

/// The files that git tracks, or would track, and that are text.
fn tracked() -> Result<Vec<Source>> {
    let root = workspace::root();
    let list = Program::new("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(&root).text()?;
    let read = |path: &str| std::fs::read_to_string(root.join(path)).ok().map(|text| Source { path: path.to_owned(), text });
    Ok(list.split('\0').filter(|path| !path.is_empty()).filter_map(read).collect())
}
