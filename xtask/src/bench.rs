//! Benchmarks: figures of Wharf beside those of its peers in the same run.

use crate::{build, testbed, workspace};
use anyhow::Result;

/// Measures the release binary; the figures go to `target/bench.json` too.
pub fn run() -> Result<()> {
    testbed::up()?;
    let binary = build::release()?;
    let file = workspace::root().join("target/bench.json");
    build::cargo().args(["run", "--locked", "--quiet", "--package", "testkit", "--bin", "bench", "--"]).arg(file).env("WHARF_TEST_BINARY", binary).run()
}
