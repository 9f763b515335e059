//! The command line over the API: what a person or a script does from another machine.
//!
//! Exit codes: 0 done; 1 failed; 2 wrong usage; 3 not signed in or not allowed; 4 not found; 5 the deployment failed or was cancelled; `exec` ends with the
//! code of what it ran.

mod api;
mod applications;
mod deployments;
mod exec;
mod login;
mod logs;
mod table;
mod variables;

use clap::{Args, Subcommand};
use std::process::ExitCode;

/// What the command line does over the API.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Sign in to a Wharf with an API token, and remember it
    Login {
        /// Address of the dashboard, such as https://wharf.example.com
        url: String,
        /// Read the token from standard input instead of asking for it
        #[arg(long)]
        token_stdin: bool,
    },
    /// Forget the remembered token
    Logout,
    /// Say who you are and what your token may do
    Whoami,
    /// List projects with their environments
    Projects {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List applications, or make one
    Apps(applications::Apps),
    /// Deploy an application
    Deploy(deployments::Deploy),
    /// List deployments, the newest first
    Deployments {
        /// Name or uuid of the application
        app: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make an earlier release live again, with its image, settings and variables
    Rollback(deployments::Rollback),
    /// Replace the containers of the live release
    Restart(Target),
    /// Stop an application
    Stop(Target),
    /// Start a stopped application
    Start(Target),
    /// Print what an application's containers write
    Logs(logs::Logs),
    /// List, set and remove an application's variables, or pull and push them as a .env file
    Env(variables::Env),
    /// Run a command in an application's container, with the terminal or standard input passed through
    Exec(exec::Exec),
    /// Open an application's address in the browser
    Open(Target),
}

/// An application.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// Name or uuid of the application
    pub(crate) app: String,
}

/// Carries out a command and turns its failure into an exit code.
pub(crate) async fn run(command: ClientCommand) -> anyhow::Result<ExitCode> {
    let result = match command {
        ClientCommand::Login { url, token_stdin } => login::login(&url, token_stdin).await,
        ClientCommand::Logout => login::logout(),
        ClientCommand::Whoami => login::whoami().await,
        ClientCommand::Projects { json } => applications::projects(json).await,
        ClientCommand::Apps(apps) => applications::run(apps).await,
        ClientCommand::Deploy(deploy) => return exit(deployments::deploy(deploy).await),
        ClientCommand::Deployments { app, json } => deployments::list(&app, json).await,
        ClientCommand::Rollback(rollback) => return exit(deployments::rollback(rollback).await),
        ClientCommand::Restart(target) => deployments::act(&target.app, "restart").await,
        ClientCommand::Stop(target) => deployments::act(&target.app, "stop").await,
        ClientCommand::Start(target) => deployments::act(&target.app, "start").await,
        ClientCommand::Logs(logs) => logs::run(logs).await,
        ClientCommand::Env(env) => variables::run(env).await,
        ClientCommand::Exec(exec) => return exit(exec::run(exec).await),
        ClientCommand::Open(target) => applications::open(&target.app).await,
    };
    exit(result.map(|()| ExitCode::SUCCESS))
}

fn exit(result: anyhow::Result<ExitCode>) -> anyhow::Result<ExitCode> {
    result.or_else(|why| match why.downcast_ref::<api::Refusal>() {
        Some(refusal) => {
            eprintln!("wharf: {why:#}");
            Ok(ExitCode::from(refusal.exit_code()))
        }
        None => Err(why),
    })
}
