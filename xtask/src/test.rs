//! The tests, in parts that run apart and print their time.

use crate::build::{self, cargo};
use crate::{attack, bench, e2e, testbed, tidy};
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
    /// The binary that people run: it builds, deploys, and its hot paths take no more instructions than before
    Release,
}

/// Tells tests that need a container engine to pass without one.
const SKIP: &str = "WHARF_TEST_SKIP_ENGINE";
/// How a test begins to say that it was skipped.
const SKIPPED: &str = "skipped: ";

/// Parts of integration tests that are modules of this name.
const MODULES: [&str; 3] = ["laws", "faults", "attack"];

/// Runs one part, or all from nothing, and prints the time of each.
pub fn run(only: Option<Part>) -> Result<()> {
    let parts = only.map_or_else(|| Part::value_variants().to_vec(), |part| vec![part]);
    let mut times = Vec::new();
    if parts.iter().any(|part| *part != Part::Check) {
        if !skips() {
            times.push(("testbed".to_owned(), timed(testbed::up)?));
        }
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

fn skips() -> bool {
    std::env::var(SKIP).is_ok_and(|value| value == "1")
}

impl Part {
    fn run(self) -> Result<()> {
        match self {
            Self::Check => check(),
            Self::Unit => {
                tests(&["--lib", "--bins"], &[])?;
                tests(&["--doc"], &[])
            }
            Self::Laws | Self::Faults => self.module(),
            Self::Attack => {
                let api = twice(attack::run);
                self.module().and(api)
            }
            Self::Engine => {
                let skipped: Vec<_> = MODULES.iter().flat_map(|module| ["--skip".to_owned(), format!("{module}::")]).collect();
                tests(&["--test", "*"], &skipped)
            }
            Self::E2e => twice(e2e::run),
            Self::Release => bench::run(bench::Options::ratchet()),
        }
    }

    /// The integration tests in modules of the part's name.
    fn module(self) -> Result<()> {
        tests(&["--test", "*"], &[format!("{self:?}::").to_lowercase()])
    }
}

fn check() -> Result<()> {
    cargo().args(["fmt", "--all", "--check"]).run()?;
    cargo().args(["clippy", "--locked", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]).run()?;
    tidy::run()
}

/// Runs tests. What failed is run once more, alone: two cores that run everything at once make a deadline miss now and then, and a test that passes alone is
/// named as shaky rather than hidden. What fails alone too has failed.
fn tests(which: &[&str], chosen: &[String]) -> Result<()> {
    let run = |arguments: &[String]| {
        let base = ["test", "--locked", "--workspace", "--no-fail-fast", "--quiet"];
        cargo().args(base).args(which).arg("--").args(arguments).heard()
    };
    let (passed, said) = run(chosen)?;
    let skipped = said.lines().filter(|line| line.starts_with(SKIPPED)).count();
    if skipped > 0 {
        println!("\n{skipped} tests were skipped, because there is no container engine and {SKIP}=1 says to go without");
    }
    if passed {
        return Ok(());
    }
    let failed = failed_tests(&said);
    if failed.is_empty() {
        bail!("the tests did not run to their end");
    }
    println!("\n== once more, alone: {}", failed.join(", "));
    let alone: Vec<_> = ["--exact", "--test-threads=1"].map(str::to_owned).into_iter().chain(failed.clone()).collect();
    let (passed, _) = run(&alone)?;
    if !passed {
        bail!("these failed twice, or one of them did: {}", failed.join(", "));
    }
    println!("\nshaky, passed alone: {}", failed.join(", "));
    Ok(())
}

/// The names that the test runner lists under `failures:` before its result.
fn failed_tests(said: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut listed: Vec<String> = Vec::new();
    for line in said.lines() {
        if line == "failures:" {
            listed.clear();
        } else if line.starts_with("test result: FAILED") {
            names.append(&mut listed);
        } else if let Some(name) = line.strip_prefix("    ").filter(|name| !name.contains(' ')) {
            listed.push(name.to_owned());
        }
    }
    names.sort();
    names.dedup();
    names
}

/// Runs what cannot name its failed parts to the runner once more where it fails; see [`tests`].
fn twice(task: fn() -> Result<()>) -> Result<()> {
    task().or_else(|error| {
        println!("\n== once more: {error:#}");
        task()
    })
}

fn timed(task: fn() -> Result<()>) -> Result<Duration> {
    let began = Instant::now();
    task()?;
    Ok(began.elapsed())
}

#[cfg(test)]
mod tests {
    #[test]
    fn failed_tests_are_read_from_the_list_before_the_result() {
        let said = "failures:\n\n---- a::b stdout ----\n    at ./src\n    0: x\n\nfailures:\n    a::b\n    c\n\ntest result: FAILED. 1 passed\n";
        assert_eq!(super::failed_tests(said), ["a::b", "c"]);
    }
}
