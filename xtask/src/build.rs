//! The binary people run: one static file at `target/release/wharf`.

use crate::program::Program;
use crate::testbed::packages;
use crate::workspace;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::PathBuf;

/// Builds it and says where it is.
pub fn release() -> Result<PathBuf> {
    let root = workspace::root();
    packages::install(packages::BUILD)?;
    println!("Building Wharf; the first time takes some minutes.");
    cargo().args(["build", "--release", "--locked", "--package", "wharf"]).run()?;
    let built = target_folder()?.join("release/wharf");
    let place = root.join("target/release/wharf");
    std::fs::create_dir_all(root.join("target/release"))?;
    // Written beside and renamed: a Wharf that runs from the old file keeps it.
    let fresh = place.with_extension("new");
    std::fs::copy(&built, &fresh).with_context(|| format!("{} cannot be copied", built.display()))?;
    std::fs::rename(&fresh, &place)?;
    Ok(place)
}

/// Builds the one that tests use, and the examples that are processes of tests: cargo builds neither for a choice of tests.
pub fn debug() -> Result<PathBuf> {
    cargo().args(["build", "--locked", "--workspace", "--bins", "--examples"]).run()?;
    Ok(target_folder()?.join("debug/wharf"))
}

/// Cargo, in the checkout.
pub fn cargo() -> Program {
    Program::new(env!("CARGO")).current_dir(&workspace::root())
}

/// Where cargo puts what it builds: below the target's name, since `.cargo/config.toml` names a target.
fn target_folder() -> Result<PathBuf> {
    let metadata: Value = serde_json::from_str(&cargo().args(["metadata", "--no-deps", "--format-version", "1"]).text()?)?;
    let folder = metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
    let version = Program::new("rustc").arg("-vV").text()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(PathBuf::from(folder).join(host))
}
