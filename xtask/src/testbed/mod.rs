//! The test bed: an engine, a registry that answers for Docker Hub's names, images made from the distribution's packages, the servers that tests start, a browser.
//!
//! Idempotent: what is there is used, what is missing is added, and only what it started itself is stopped again.

mod image;
pub mod machine;
pub mod packages;
mod registry;

pub mod engine;

use crate::workspace;
use anyhow::Result;
use std::fs::File;
use std::time::Instant;

/// Where images come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Images {
    /// Made here, from the distribution's packages.
    Made,
    /// Docker Hub's own: `WHARF_TESTBED=hub`.
    Hub,
}

impl Images {
    /// Docker Hub's where the environment says so, or where an engine of this machine reaches it by itself: its images keep their names then.
    fn choose() -> Self {
        let told = std::env::var("WHARF_TESTBED").is_ok_and(|value| value == "hub");
        if told || engine::reaches_hub() { Self::Hub } else { Self::Made }
    }
}

/// Makes everything ready; seconds when it already is.
pub fn up() -> Result<()> {
    let began = Instant::now();
    let state = workspace::testbed_state()?;
    let lock = File::create(state.join("lock"))?;
    lock.lock()?;
    packages::install(packages::BUILD)?;
    packages::install(packages::TESTBED)?;
    let images = Images::choose();
    if images == Images::Made {
        registry::start(&state)?;
    }
    engine::start(&state)?;
    match images {
        Images::Made => image::make_all(&state)?,
        Images::Hub => image::pull_all(&state)?,
    }
    println!("The test bed is ready ({:.1} s).", began.elapsed().as_secs_f32());
    Ok(())
}

/// Stops what `up` started. Images and packages stay.
pub fn down() -> Result<()> {
    let state = workspace::testbed_state()?;
    engine::stop(&state)?;
    registry::stop(&state)
}

/// Prints what is there and what is not.
pub fn status() -> Result<()> {
    let state = workspace::testbed_state()?;
    println!("state     {}", state.display());
    println!("engine    {}", engine::version().map_or_else(|| "does not answer".to_owned(), |version| format!("answers, {version}")));
    println!("registry  {}", if registry::answers() { "answers on 127.0.0.1:5000" } else { "does not answer" });
    for package in packages::TESTBED {
        println!("package   {:<18} {}", package.name, if package.is_installed() { "there" } else { "missing" });
    }
    image::print_status();
    Ok(())
}
