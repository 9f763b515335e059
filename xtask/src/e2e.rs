//! The browser's walk: Debian's Chromium, driven by `e2e/run.mjs` through playwright-core, against the real binary.

use crate::program::{Program, is_installed};
use crate::{build, testbed, workspace};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Runs it; screenshots go to `target/e2e`.
pub fn run() -> Result<()> {
    testbed::up()?;
    let root = workspace::root();
    let folder = root.join("e2e");
    install(&folder)?;
    let browser = if is_installed("chromium") { "chromium" } else { "google-chrome" };
    let binary = build::debug()?;
    let pictures = root.join("target/e2e");
    fs::create_dir_all(&pictures)?;
    Program::new("node")
        .arg(folder.join("run.mjs"))
        .env("WHARF_BINARY", &binary)
        .env("BROWSER", browser)
        .env("PICTURES", &pictures)
        .env("EXAMPLES", root.join("examples"))
        .current_dir(&folder)
        .run()
}

/// Installs what the lock file names, when it differs from what was installed last.
fn install(folder: &Path) -> Result<()> {
    let lock = fs::read_to_string(folder.join("package-lock.json")).context("e2e/package-lock.json cannot be read")?;
    let installed = folder.join("node_modules/.installed");
    if fs::read_to_string(&installed).is_ok_and(|before| before == lock) {
        return Ok(());
    }
    Program::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder).quiet()?;
    Ok(fs::write(installed, lock)?)
}
