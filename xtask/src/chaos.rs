//! The long form of the load: what the tests do shortly, done often and under more traffic.

use crate::build::{self, cargo};
use crate::testbed;
use anyhow::Result;
use std::time::Instant;

/// The tests that put load on something, by crate and module.
const TESTS: [(&str, &str); 2] = [("edge", "load::"), ("wharf", "traffic::")];

/// Runs them, one after the other, and lets them print what they saw. A request that failed or was cut fails it.
pub fn run() -> Result<()> {
    testbed::up()?;
    build::debug()?;
    let began = Instant::now();
    for (package, module) in TESTS {
        let arguments = ["test", "--locked", "--package", package, "--test", "it", module, "--", "--nocapture", "--test-threads=1"];
        cargo().args(arguments).env("WHARF_LOAD", "long").run()?;
    }
    println!("\nNothing was dropped in {} minutes.", began.elapsed().as_secs().div_ceil(60));
    Ok(())
}
