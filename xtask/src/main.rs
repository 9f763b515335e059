//! Tasks of this repository.

mod attack;
mod background;
mod bench;
mod build;
mod chaos;
mod e2e;
mod program;
mod run;
mod test;
mod testbed;
mod tidy;
mod workspace;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of this repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds the binary: one static file, target/release/wharf
    Build,
    /// Starts a Wharf with the example application live
    Run {
        /// Data folder; `data` in the checkout unless set
        #[arg(long)]
        data: Option<PathBuf>,
        /// Binary to start instead of building one
        #[arg(long)]
        binary: Option<PathBuf>,
        /// Address and port of the dashboard
        #[arg(long, default_value = "127.0.0.1:8000")]
        listen: String,
    },
    /// Runs the tests, all or a part, and prints the time of each
    Test {
        /// The part
        part: Option<test::Part>,
    },
    /// Attacks the API with requests made from its own document
    Attack,
    /// Deploys and upgrades for a long time under load, and fails where a request fails
    Chaos,
    /// Walks through the pages with a real browser
    E2e,
    /// Measures Wharf beside its peers
    Bench(bench::Options),
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
        Task::Build => build::release().map(|binary| println!("{}", binary.display())),
        Task::Run { data, binary, listen } => run::run(data, binary, &listen),
        Task::Test { part } => test::run(part),
        Task::Attack => testbed::up().and_then(|()| attack::run()),
        Task::Chaos => chaos::run(),
        Task::E2e => e2e::run(),
        Task::Bench(options) => bench::run(options),
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
