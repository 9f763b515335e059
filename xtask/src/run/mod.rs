//! `make run`: from a bare machine to the example application live at its URL, and every push to its repository after it.

mod api;
mod repository;

use crate::background::wait;
use crate::program::Program;
use crate::testbed::{engine, machine};
use crate::{build, workspace};
use anyhow::{Context, Result, bail};
use api::Api;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

const EMAIL: &str = "owner@localhost.localdomain";
const READY_WITHIN: Duration = Duration::from_secs(30);

/// What one run leaves for the next on the same data.
#[derive(Serialize, Deserialize)]
struct Remembered {
    http_port: u16,
    https_port: u16,
    password: String,
    token: Option<String>,
    application: Option<String>,
}

impl Remembered {
    fn read(data: &Path) -> Result<Self> {
        match fs::read_to_string(data.join("run.json")) {
            Ok(text) => serde_json::from_str(&text).context("run.json in the data folder is damaged: remove the data folder and start anew"),
            Err(_) => Ok(Self { http_port: port(80, 8080)?, https_port: port(443, 8443)?, password: password()?, token: None, application: None }),
        }
    }

    fn write(&self, data: &Path) -> Result<()> {
        let mut file = fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(data.join("run.json"))?;
        Ok(serde_json::to_writer_pretty(&mut file, self)?)
    }
}

/// Runs Wharf on this data folder until it is stopped.
pub fn run(data: Option<PathBuf>, binary: Option<PathBuf>, listen: &str) -> Result<()> {
    if engine::version().is_none() {
        println!("No container engine answers on this machine.");
    }
    engine::start(&workspace::testbed_state()?)?;
    let binary = binary.map_or_else(build::release, |path| path.canonicalize().with_context(|| format!("{} is not there", path.display())))?;
    let data = data.unwrap_or_else(|| workspace::root().join("data"));
    fs::create_dir_all(&data)?;
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700))?;
    let data = data.canonicalize()?;
    let mut remembered = Remembered::read(&data)?;
    remembered.write(&data)?;
    let mut wharf = start(&binary, &data, &remembered, listen)?;
    let token = account(&binary, &data, &mut remembered)?;
    let repository = repository::example(&data)?;
    let application = application(&Api::new(listen, &token), &data, &mut remembered, &repository.url())?;
    repository.deploy_on_push(&binary, &format!("http://{listen}"), &token, &application)?;
    println!("\nDeploying the example from {}.", repository.url());
    let deployed =
        Program::new(&binary).args(["deploy", &application, "--follow"]).env("WHARF_URL", format!("http://{listen}")).env("WHARF_TOKEN", &token).run();
    if let Err(error) = deployed {
        eprintln!("{error:#}");
    }
    print_addresses(listen, &remembered, &repository);
    let status = wharf.wait()?;
    if !status.success() {
        bail!("Wharf ended with {status}; its log is {}", data.join("wharf.log").display());
    }
    Ok(())
}

fn start(binary: &Path, data: &Path, remembered: &Remembered, listen: &str) -> Result<Child> {
    if TcpListener::bind(listen).is_err() {
        bail!("another program listens on {listen}, where the dashboard would be: stop it first");
    }
    let log = data.join("wharf.log");
    println!("Starting Wharf on http://{listen}; its log is {}.", log.display());
    // It ends when this task does, however that ends.
    let child = Program::new("setpriv")
        .args(["--pdeathsig", "TERM"])
        .arg(binary)
        .args(["up", "--listen", listen, "--allow-local-git", "--allow-private-sources", "--data"])
        .arg(data)
        .args(["--http-port", &remembered.http_port.to_string(), "--https-port", &remembered.https_port.to_string()])
        .start(&log)?;
    let ready = || ureq::get(format!("http://{listen}/healthz")).call().is_ok();
    wait("Wharf is ready", READY_WITHIN, ready).with_context(|| format!("its log is {}", log.display()))?;
    Ok(child)
}

/// Makes the account and a token for it, the first time. A run that was stopped in between has made the account already.
fn account(binary: &Path, data: &Path, remembered: &mut Remembered) -> Result<String> {
    if let Some(token) = &remembered.token {
        return Ok(token.clone());
    }
    let password = remembered.password.clone();
    let setup = Program::new(binary).args(["setup", "--email", EMAIL, "--password-stdin", "--data"]).arg(data).input(password).quiet();
    let create = Program::new(binary).args(["token", "create", "--name", "make run", "--ability", "root", "--data"]).arg(data);
    let printed = create.text().map_err(|error| setup.err().unwrap_or(error))?;
    let token = printed.lines().map(str::trim).find(|line| line.contains('|')).context("`wharf token create` printed no token")?.to_owned();
    remembered.token = Some(token.clone());
    remembered.write(data)?;
    Ok(token)
}

/// Makes the application, the first time and when it was deleted since.
fn application(api: &Api, data: &Path, remembered: &mut Remembered, repository: &str) -> Result<String> {
    if let Some(application) = &remembered.application
        && api.get(&format!("/applications/{application}")).is_ok()
    {
        return Ok(application.clone());
    }
    let first = |path: &str| -> Result<String> {
        let list = api.get(path)?;
        list[0]["uuid"].as_str().map(str::to_owned).with_context(|| format!("{path} lists nothing"))
    };
    let created = api.post(
        "/applications/public",
        &json!({
            "name": "hello", "project_uuid": first("/projects")?, "server_uuid": first("/servers")?, "environment_name": "production",
            "git_repository": repository, "git_branch": "main", "build_pack": "static", "ports_exposes": "80",
            "domains": "http://hello.localhost", "instant_deploy": false,
        }),
    )?;
    let application = created["uuid"].as_str().context("the API made an application without a uuid")?.to_owned();
    remembered.application = Some(application.clone());
    remembered.write(data)?;
    Ok(application)
}

fn print_addresses(listen: &str, remembered: &Remembered, repository: &repository::Example) {
    let port = if remembered.http_port == 80 { String::new() } else { format!(":{}", remembered.http_port) };
    println!("\nDashboard    http://{listen}   {EMAIL}   {}", remembered.password);
    println!("Application  http://hello.localhost{port}");
    println!("Repository   {}: change a file, commit and push, and the change goes live", repository.work.display());
    println!("\nCtrl-C stops Wharf; the application goes on.");
}

/// The usual port where this process may listen on it and nobody does, else the next free one from the other on.
fn port(usual: u16, other: u16) -> Result<u16> {
    let usual = machine::is_root()?.then_some(usual);
    let free = |port: &u16| TcpListener::bind(("0.0.0.0", *port)).is_ok();
    usual.into_iter().chain(other..other + 100).find(free).with_context(|| format!("no port from {other} on is free"))
}

/// 20 letters and digits out of the kernel's chance.
fn password() -> Result<String> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut chance = [0; 20];
    fs::File::open("/dev/urandom")?.read_exact(&mut chance)?;
    Ok(chance.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect())
}
