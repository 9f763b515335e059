//! Figures of Wharf beside those of its peers, measured in the same run on the same machine. `cargo xtask bench` runs it with the release binary:
//! `bench FILE [PART...]` writes the figures of these parts, of all when none is named, to the file; figures of other parts that are there stay.

mod browser;
mod caddy;
mod death;
mod deploy;
mod edge;
mod edge_process;
mod figure;
mod fleet;
mod instructions;
mod log;
mod machine;
mod memory;
mod nginx;
mod page;
mod process;
mod proxy;
mod record;
mod routes;
mod start;
mod visitor;
mod writer;
mod wrk;

use anyhow::{Context, Result, bail, ensure};
use figure::Figure;
use record::Record;
use std::path::PathBuf;
use std::time::Instant;

/// How often each figure is taken; the least that says something of its spread.
const RUNS: usize = 5;
const PARTS: [&str; 9] = ["start", "memory", "page", "log", "death", "deploy", "edge", "routes", "instructions"];

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let file = PathBuf::from(arguments.next().context("bench FILE [PART...]")?);
    let chosen: Vec<String> = arguments.collect();
    if let Some(unknown) = chosen.iter().find(|part| !PARTS.contains(&part.as_str())) {
        bail!("there is no part {unknown}; the parts are {}", PARTS.join(", "));
    }
    let mut record = if chosen.is_empty() { Record::new(file) } else { Record::open(file)? };
    record.describe(machine::describe().await?);
    let mut failed = Vec::new();
    for part in PARTS.into_iter().filter(|part| chosen.is_empty() || chosen.iter().any(|chosen| chosen == part)) {
        println!("\n== {part}");
        let began = Instant::now();
        match measure(part).await {
            Ok(figures) => {
                figures.iter().for_each(|figure| println!("{figure}"));
                record.take(part, &figures)?;
            }
            Err(error) => {
                eprintln!("{part} cannot be measured: {error:#}");
                failed.push(part);
            }
        }
        println!("({:.0} s)", began.elapsed().as_secs_f32());
    }
    println!("\nWritten to {}.", record.file().display());
    ensure!(failed.is_empty(), "not measured: {}", failed.join(", "));
    Ok(())
}

async fn measure(part: &str) -> Result<Vec<Figure>> {
    match part {
        "start" => start::measure().await,
        "memory" => memory::measure().await,
        "page" => page::measure().await,
        "log" => log::measure().await,
        "death" => death::measure().await,
        "deploy" => deploy::measure().await,
        "edge" => edge::measure().await,
        "routes" => routes::measure().await,
        "instructions" => instructions::measure().await,
        other => bail!("there is no part {other}"),
    }
}

/// The binary that is measured.
fn binary() -> Result<PathBuf> {
    std::env::var_os("WHARF_TEST_BINARY").map(PathBuf::from).context("WHARF_TEST_BINARY names no binary to measure")
}
