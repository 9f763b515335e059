//! The command line, as people type it.

use crate::{client::ClientCommand, config::Layer};
use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf};

/// What stands below the list of commands.
const AFTER_HELP: &str = "\
On the machine that Wharf runs on: up, config, setup, user, token, doctor, service. From anywhere, over the API: all others from login on.

First steps:
  wharf doctor                                          what this machine lacks, and how to mend it
  wharf up                                              start; it prints the address that makes the first account
  wharf login https://wharf.example.com                 sign in with an API token from the dashboard
  wharf apps create --git https://github.com/you/app.git --deploy
  wharf logs app --follow

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 not signed in or not allowed; 4 not found; 5 the deployment failed or was cancelled. exec ends with the
code of what it ran. In scripts WHARF_URL and WHARF_TOKEN stand in for wharf login.";

/// Deploys applications, databases and services to servers that you own.
#[derive(Debug, Parser)]
#[command(name = "wharf", version, max_term_width = 120, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What `wharf` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start Wharf in the foreground
    Up(Box<Layer>),
    /// Print every setting, its value and where it comes from
    Config(Box<Layer>),
    /// Make the first account of a Wharf that runs on this machine
    Setup(Setup),
    /// Make another account, with a team of its own, of a Wharf that runs on this machine
    User(Setup),
    /// Make API tokens of a Wharf that runs on this machine
    Token(Token),
    /// Check engine, ports, disk, memory, clock and names, also before the first start, and say how to mend what is wrong
    Doctor(Box<Layer>),
    /// Run Wharf as a system service
    Service(Service),
    /// Serve a route table (Wharf starts this by itself)
    #[command(hide = true)]
    Edge(Edge),
    /// Serve a folder (images of static sites start this)
    #[command(hide = true)]
    Static(StaticSite),
    /// Print completions for a shell, such as: wharf completions bash > /etc/bash_completion.d/wharf
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page with every command, such as: wharf manual > /usr/local/share/man/man1/wharf.1
    Manual,
    /// Talk to a Wharf over its API
    #[command(flatten)]
    Client(ClientCommand),
}

/// Where the data folder of the running Wharf is.
#[derive(Debug, Args)]
pub(crate) struct DataFolder {
    /// Data folder of the Wharf that runs on this machine
    #[arg(long, env = "WHARF_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

/// `wharf setup`.
#[derive(Debug, Args)]
pub(crate) struct Setup {
    /// Name of the person
    #[arg(long, default_value = "Owner")]
    pub(crate) name: String,
    /// E-mail address to sign in with
    #[arg(long)]
    pub(crate) email: String,
    /// Read the password from standard input instead of asking for it
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Where the running Wharf keeps its data.
    #[command(flatten)]
    pub(crate) folder: DataFolder,
}

/// `wharf token`.
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// What to do with tokens.
    #[command(subcommand)]
    pub(crate) command: TokenCommand,
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it once
    Create {
        /// What it is for
        #[arg(long)]
        name: String,
        /// What it may do: root (everything), read, write, deploy, read:sensitive; give it several times for several
        #[arg(long, required = true)]
        ability: Vec<String>,
        /// Where the running Wharf keeps its data.
        #[command(flatten)]
        folder: DataFolder,
    },
}

/// `wharf service`.
#[derive(Debug, Args)]
pub(crate) struct Service {
    /// What to do with the service.
    #[command(subcommand)]
    pub(crate) command: ServiceCommand,
}

/// What can be done with the service.
#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Write a systemd unit that starts Wharf with the machine
    Install {
        /// The unit file to write
        #[arg(long, default_value = "/etc/systemd/system/wharf.service")]
        unit: PathBuf,
        /// Settings the unit starts Wharf with.
        #[command(flatten)]
        layer: Box<Layer>,
    },
}

/// `wharf edge`.
#[derive(Debug, Args)]
pub(crate) struct Edge {
    /// Folder of the table, the certificates and the sockets
    #[arg(long, default_value = "/state")]
    pub(crate) state: PathBuf,
    /// Address for HTTP
    #[arg(long, default_value = "0.0.0.0:80")]
    pub(crate) http: SocketAddr,
    /// Address for HTTPS
    #[arg(long, default_value = "0.0.0.0:443")]
    pub(crate) https: SocketAddr,
}

/// `wharf static`.
#[derive(Debug, Args)]
pub(crate) struct StaticSite {
    /// The folder served
    #[arg(long, default_value = "/site")]
    pub(crate) root: PathBuf,
    /// JSON file of the site's settings
    #[arg(long, default_value = "/site.json")]
    pub(crate) settings: PathBuf,
    /// The port served on
    #[arg(long, default_value_t = 80)]
    pub(crate) port: u16,
}
