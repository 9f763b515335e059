//! Tasks of this repository.

mod program;
mod testbed;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of this repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// The engine, registry, images and programs that the tests use
    #[command(subcommand)]
    Testbed(Testbed),
}

#[derive(Subcommand)]
enum Testbed {
    /// Makes it ready: installs, starts and makes what is missing
    Up,
    /// Stops what `up` started
    Down,
    /// Says what is there
    Status,
}

fn main() -> Result<()> {
    match Arguments::parse().task {
        Task::Testbed(Testbed::Up) => testbed::up(),
        Task::Testbed(Testbed::Down) => testbed::down(),
        Task::Testbed(Testbed::Status) => testbed::status(),
    }
}
