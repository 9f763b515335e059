//! Figures of Wharf beside those of its peers, measured in the same run on the same machine. `cargo xtask bench` runs it with the release binary.

mod deploy;
mod edge;
mod figure;
mod instance;

use anyhow::Result;
use figure::Figure;
use std::path::PathBuf;

/// How often each figure is taken; the least that says something of its spread.
const RUNS: usize = 5;

#[tokio::main]
async fn main() -> Result<()> {
    let mut figures = Vec::new();
    for (name, measured) in [("instance", instance::measure().await), ("deploy", deploy::measure().await), ("edge", edge::measure().await)] {
        match measured {
            Ok(measured) => {
                measured.iter().for_each(|figure| println!("{figure}"));
                figures.extend(measured);
            }
            Err(error) => eprintln!("{name} cannot be measured: {error:#}"),
        }
    }
    let file = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("bench.json"), PathBuf::from);
    std::fs::write(&file, serde_json::to_string_pretty(&figures.iter().map(Figure::json).collect::<Vec<_>>())?)?;
    println!("Written to {}.", file.display());
    Ok(())
}
