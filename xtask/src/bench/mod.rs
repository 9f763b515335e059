//! Benchmarks: figures of Wharf beside those of its peers in the same run, the page that shows them, and the ratchet that holds counts of instructions.

mod document;
mod ratchet;

use crate::testbed::{self, packages};
use crate::{build, workspace};
use anyhow::{Context, Result};
use clap::Args;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The part whose figures the ratchet holds.
const RATCHET_PART: &str = "instructions";

/// What is measured, and what becomes of the figures.
#[derive(Args)]
pub struct Options {
    /// Parts to measure: start, memory, page, log, death, deploy, edge, routes, instructions (also called ratchet); all unless named
    parts: Vec<String>,
    /// Binary to measure instead of building one
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Makes docs/src/performance.md from the figures
    #[arg(long)]
    document: bool,
    /// Takes the counts of instructions as the new ratchet
    #[arg(long)]
    accept: bool,
}

impl Options {
    /// Counts the instructions of the hot paths, and nothing else.
    pub fn ratchet() -> Self {
        Self { parts: vec![RATCHET_PART.to_owned()], binary: None, document: false, accept: false }
    }
}

/// Measures the release binary; the figures go to `target/bench.json` too, where those of parts that are not measured stay.
pub fn run(options: Options) -> Result<()> {
    testbed::up()?;
    packages::install(packages::BENCH)?;
    let binary = options.binary.map_or_else(build::release, |binary| binary.canonicalize().with_context(|| format!("{} is not there", binary.display())))?;
    let file = workspace::root().join("target/bench.json");
    let parts: Vec<&str> = options.parts.iter().map(|part| if part == "ratchet" { RATCHET_PART } else { part.as_str() }).collect();
    let measure = ["run", "--locked", "--quiet", "--package", "testkit", "--bin", "bench", "--"];
    let measured = build::cargo().args(measure).arg(&file).args(&parts).env("WHARF_TEST_BINARY", binary).run();
    let record = read(&file)?;
    // A part that could not be measured keeps no other from the page.
    if options.document {
        document::write(&record)?;
    }
    measured?;
    if options.accept { ratchet::accept(&record) } else { ratchet::check(&record, parts.is_empty() || parts.contains(&RATCHET_PART)) }
}

fn read(file: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} holds no figures; remove it", file.display()))
}

/// The figures of a part.
fn figures_of<'a>(record: &'a Value, part: &'a str) -> impl Iterator<Item = &'a Value> {
    record["figures"].as_array().into_iter().flatten().filter(move |figure| figure["part"] == part)
}

/// A text field.
fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}
