//! Wharf: the one binary. By subcommand it is the server, the command line, the edge proxy and the static file server.

mod arguments;
mod client;
mod config;
mod control;
mod data_plane;
mod doctor;
mod lock;
mod logging;
mod manual;
mod owner;
mod service;
mod signal;
mod up;

use arguments::{Arguments, Command};
use clap::{CommandFactory, Parser};
use std::process::ExitCode;

fn main() -> ExitCode {
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        eprintln!("wharf: the cryptography provider could not be installed");
        return ExitCode::FAILURE;
    }
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => {
            eprintln!("wharf: no threads can be started: {why}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(run(arguments));
    // What still blocks (a password being hashed, a file being read) must not keep a finished process alive.
    runtime.shutdown_background();
    match result {
        Ok(code) => code,
        Err(why) => {
            eprintln!("wharf: {why:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let done = |()| ExitCode::SUCCESS;
    match arguments.command {
        Command::Up(layer) => up::up(config::resolve(*layer)?).await.map(done),
        Command::Config(layer) => config::print(*layer).map(done),
        Command::Setup(setup) => owner::setup(setup).await.map(done),
        Command::User(setup) => owner::user(setup).await.map(done),
        Command::Token(token) => owner::token(token).await.map(done),
        Command::Doctor(layer) => doctor::doctor(*layer).await,
        Command::Service(service) => service::run(service).map(done),
        Command::Edge(edge) => data_plane::edge(edge).await.map(done),
        Command::Static(site) => data_plane::static_site(site).await.map(done),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "wharf", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        Command::Manual => {
            manual::write(Arguments::command(), &mut std::io::stdout())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Client(command) => client::run(command).await,
    }
}
