//! Tasks of this repository.

mod program;
mod testbed;
mod tidy;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

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
    /// Checks what a compiler does not: imports, lengths, words
    Tidy,
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

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Testbed(Testbed::Up) => testbed::up(),
        Task::Testbed(Testbed::Down) => testbed::down(),
        Task::Testbed(Testbed::Status) => testbed::status(),
        Task::Tidy => tidy::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
