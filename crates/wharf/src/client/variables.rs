//! Variables of an application.

use super::api::{Api, App, Refusal};
use anyhow::Context;
use clap::{Args, Subcommand};
use model::variable::{parse_dotenv, write_dotenv};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Read;
use std::path::PathBuf;

/// `wharf env`.
#[derive(Debug, Args)]
pub(crate) struct Env {
    /// What to do.
    #[command(subcommand)]
    command: EnvCommand,
}

/// What can be done with variables.
#[derive(Debug, Subcommand)]
enum EnvCommand {
    /// List variables; values only with --values and a token that may read secrets
    List {
        /// Name or uuid of the application
        app: String,
        /// Print values too
        #[arg(long)]
        values: bool,
    },
    /// Set variables: NAME=value ...
    Set {
        /// Name or uuid of the application
        app: String,
        /// Pairs such as PORT=3000; NAME alone reads the value from standard input, so that it stays out of the shell's history
        #[arg(required = true, value_name = "NAME=VALUE")]
        pairs: Vec<String>,
        /// Given to the build only
        #[arg(long, conflicts_with = "run_only")]
        build_only: bool,
        /// Given to the container only
        #[arg(long)]
        run_only: bool,
    },
    /// Remove variables
    Unset {
        /// Name or uuid of the application
        app: String,
        /// Names
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Write all variables to a .env file
    Pull {
        /// Name or uuid of the application
        app: String,
        /// The file
        #[arg(default_value = ".env")]
        file: PathBuf,
    },
    /// Set all variables of a .env file; others stay
    Push {
        /// Name or uuid of the application
        app: String,
        /// The file
        #[arg(default_value = ".env")]
        file: PathBuf,
    },
}

/// Carries out `wharf env`.
pub(super) async fn run(env: Env) -> anyhow::Result<()> {
    let api = Api::signed_in()?;
    match env.command {
        EnvCommand::List { app, values } => list(&api, &api.app(&app).await?, values).await,
        EnvCommand::Set { app, pairs, build_only, run_only } => {
            let pairs = pairs.iter().map(|pair| read_pair(pair)).collect::<anyhow::Result<Vec<_>>>()?;
            put(&api, &api.app(&app).await?, pairs, !run_only, !build_only).await
        }
        EnvCommand::Unset { app, names } => unset(&api, &api.app(&app).await?, &names).await,
        EnvCommand::Pull { app, file } => pull(&api, &api.app(&app).await?, file).await,
        EnvCommand::Push { app, file } => {
            let text = std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            let lines = parse_dotenv(&text).with_context(|| file.display().to_string())?;
            let pairs = lines.into_iter().map(|line| (line.name.into(), line.value.expose().to_owned())).collect();
            put(&api, &api.app(&app).await?, pairs, true, true).await
        }
    }
}

fn read_pair(pair: &str) -> anyhow::Result<(String, String)> {
    if let Some((name, value)) = pair.split_once('=') {
        return Ok((name.to_owned(), value.to_owned()));
    }
    let mut value = String::new();
    std::io::stdin().read_to_string(&mut value)?;
    Ok((pair.to_owned(), value.trim_end_matches('\n').to_owned()))
}

async fn variables(api: &Api, app: &App) -> anyhow::Result<Vec<Value>> {
    Ok(serde_json::from_value(api.get(&format!("/applications/{}/envs", app.uuid)).await?)?)
}

async fn list(api: &Api, app: &App, values: bool) -> anyhow::Result<()> {
    for variable in variables(api, app).await? {
        let name = text(&variable["key"]);
        match (values, variable["value"].as_str()) {
            (false, _) => println!("{name}"),
            (true, Some(value)) => print!("{}", dotenv_line(name, value)?),
            (true, None) => println!("# {name} is not shown: it is hidden, or the token may not read secrets"),
        }
    }
    Ok(())
}

fn dotenv_line(name: &str, value: &str) -> anyhow::Result<String> {
    let name = name.parse()?;
    Ok(write_dotenv([(&name, value)]))
}

async fn put(api: &Api, app: &App, pairs: Vec<(String, String)>, build_time: bool, run_time: bool) -> anyhow::Result<()> {
    let data: Vec<Value> = pairs
        .iter()
        .map(|(name, value)| json!({"key": name, "value": value, "is_buildtime": build_time, "is_runtime": run_time, "is_multiline": value.contains('\n')}))
        .collect();
    api.send(Method::PATCH, &format!("/applications/{}/envs/bulk", app.uuid), Some(&json!({"data": data}))).await?;
    eprintln!("{} set. They are live after the next deployment: wharf deploy {}", count(pairs.len()), app.name);
    Ok(())
}

async fn unset(api: &Api, app: &App, names: &[String]) -> anyhow::Result<()> {
    let known = variables(api, app).await?;
    for name in names {
        let Some(variable) = known.iter().find(|variable| text(&variable["key"]) == name) else {
            return Err(Refusal::not_found(format!("{} has no variable {name}", app.name)).into());
        };
        api.send(Method::DELETE, &format!("/applications/{}/envs/{}", app.uuid, text(&variable["uuid"])), None).await?;
    }
    eprintln!("{} removed. That is live after the next deployment: wharf deploy {}", count(names.len()), app.name);
    Ok(())
}

async fn pull(api: &Api, app: &App, file: PathBuf) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let known = variables(api, app).await?;
    let mut contents = String::new();
    for variable in &known {
        let name = text(&variable["key"]);
        match variable["value"].as_str() {
            Some(value) => contents.push_str(&dotenv_line(name, value)?),
            None => contents.push_str(&format!("# {name} is not shown\n")),
        }
    }
    let mut out = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)
        .with_context(|| format!("{} is there already or cannot be written: name another file", file.display()))?;
    out.write_all(contents.as_bytes())?;
    eprintln!("{} written to {}", count(known.len()), file.display());
    Ok(())
}

fn count(number: usize) -> String {
    if number == 1 { "1 variable".into() } else { format!("{number} variables") }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
