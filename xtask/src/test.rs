//! The tests, in parts that run apart and print their time.

use crate::build::{self, cargo};
use crate::program::Program;
use crate::{e2e, testbed, tidy};
use anyhow::{Result, bail};
use clap::ValueEnum;
use std::time::{Duration, Instant};

/// A part of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Formatting, lints and tidy
    Check,
    /// Tests inside the crates, and the examples of their documentation
    Unit,
    /// What holds at every step: twice is once, failure, abort, cancel
    Laws,
    /// Everything else on the real engine
    Engine,
    /// Faults of engine, disk, registry, git server and memory
    Faults,
    /// Bad input and attacks
    Attack,
    /// The browser's walk
    E2e,
}

/// Parts of integration tests that are modules of this name.
const MODULES: [&str; 3] = ["laws", "faults", "attack"];

/// Runs one part, or all from nothing, and prints the time of each.
pub fn run(only: Option<Part>) -> Result<()> {
    let parts = only.map_or_else(|| Part::value_variants().to_vec(), |part| vec![part]);
    let mut times = Vec::new();
    if parts.iter().any(|part| *part != Part::Check) {
        times.push(("testbed".to_owned(), timed(testbed::up)?));
        // Tests outside its own crate start the binary too, and cargo would not build it for them.
        times.push(("binary".to_owned(), timed(|| build::debug().map(drop))?));
    }
    let mut failed = Vec::new();
    for part in parts {
        let name = format!("{part:?}").to_lowercase();
        println!("\n== {name}");
        let began = Instant::now();
        if let Err(error) = part.run() {
            eprintln!("{error:#}");
            failed.push(name.clone());
        }
        times.push((name, began.elapsed()));
    }
    println!();
    times.iter().for_each(|(name, time)| println!("{name:<10} {:>7.1} s", time.as_secs_f32()));
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

impl Part {
    fn run(self) -> Result<()> {
        match self {
            Self::Check => check(),
            Self::Unit => {
                tests(&["--lib", "--bins"]).run()?;
                tests(&["--doc"]).run()
            }
            Self::Laws | Self::Faults | Self::Attack => {
                let module = format!("{self:?}::").to_lowercase();
                tests(&["--test", "*"]).args(["--", &module]).run()
            }
            Self::Engine => {
                let skipped = MODULES.iter().flat_map(|module| ["--skip".to_owned(), format!("{module}::")]);
                tests(&["--test", "*"]).arg("--").args(skipped).run()
            }
            Self::E2e => e2e::run(),
        }
    }
}

fn check() -> Result<()> {
    cargo().args(["fmt", "--all", "--check"]).run()?;
    cargo().args(["clippy", "--locked", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]).run()?;
    tidy::run()
}

fn tests(which: &[&str]) -> Program {
    cargo().args(["test", "--locked", "--workspace", "--no-fail-fast", "--quiet"]).args(which)
}

fn timed(task: fn() -> Result<()>) -> Result<Duration> {
    let began = Instant::now();
    task()?;
    Ok(began.elapsed())
}
