//! The API under attack: schemathesis makes requests out of our own OpenAPI document, valid and broken ones, and holds every answer against it.

use crate::background::wait;
use crate::program::Program;
use crate::{build, workspace};
use anyhow::{Context, Result, bail};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

const PACKAGE: &str = "schemathesis==4.32.5";
/// Hands each request another token: each may ask only so often a minute.
const TOKENS: &str = include_str!("attack/tokens.py");
const TOKENS_COUNT: usize = 40;
/// What the API may do with a token, and how long it is attacked with it.
const ATTACKS: [(&str, u32); 2] = [("root", 110), ("read", 60)];
/// What it holds answers against, where that is not its default.
const CONFIGURATION: &str = include_str!("attack/schemathesis.toml");
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Attacks the API of a Wharf of its own, which is gone afterwards.
pub fn run() -> Result<()> {
    let state = workspace::testbed_state()?.join("attack");
    fs::create_dir_all(&state)?;
    let schemathesis = install(&state)?;
    fs::write(state.join("tokens.py"), TOKENS)?;
    fs::write(state.join("schemathesis.toml"), CONFIGURATION)?;
    let wharf = Attacked::start(&build::debug()?, state.join("data"))?;
    for (ability, seconds) in ATTACKS {
        println!("\nAs the owner of a token that may {ability}:");
        wharf.attack(&schemathesis, &state, ability, seconds)?;
        wharf.serves_on()?;
    }
    Ok(())
}

/// Schemathesis, in an environment of its own.
fn install(state: &Path) -> Result<PathBuf> {
    let environment = state.join(PACKAGE);
    let program = environment.join("bin/schemathesis");
    if !program.is_file() {
        Program::new("python3").args(["-m", "venv"]).arg(&environment).quiet()?;
        Program::new(environment.join("bin/pip")).args(["install", "--quiet", PACKAGE]).quiet()?;
    }
    Ok(program)
}

/// A Wharf that is there to be attacked. Dropping it removes it and what it made on the engine.
struct Attacked {
    binary: PathBuf,
    data: PathBuf,
    address: String,
    process: Child,
}

impl Attacked {
    fn start(binary: &Path, data: PathBuf) -> Result<Self> {
        let _ = fs::remove_dir_all(&data);
        fs::create_dir_all(&data)?;
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700))?;
        let [dashboard, http, https] = [free_port()?, free_port()?, free_port()?];
        let address = format!("127.0.0.1:{dashboard}");
        // It ends when this task does, however that ends.
        let process = Program::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(binary)
            .args(["up", "--listen", &address, "--http-port", &http.to_string(), "--https-port", &https.to_string(), "--data"])
            .arg(&data)
            .start(&data.with_extension("log"))?;
        let wharf = Self { binary: binary.to_owned(), data, address, process };
        wait("Wharf is ready", READY_WITHIN, || wharf.serves_on().is_ok())?;
        let setup = wharf.program("setup").args(["--email", "owner@example.org", "--password-stdin"]);
        setup.input("correct horse battery staple 9").quiet()?;
        Ok(wharf)
    }

    fn program(&self, command: &str) -> Program {
        Program::new(&self.binary).args(command.split(' ')).arg("--data").arg(&self.data)
    }

    fn serves_on(&self) -> Result<()> {
        ureq::get(format!("http://{}/healthz", self.address)).call().context("Wharf does not answer")?;
        Ok(())
    }

    fn token(&self, ability: &str, number: usize) -> Result<String> {
        let printed = self.program("token create").args(["--name", &format!("{ability} {number}"), "--ability", ability]).text()?;
        let token = printed.lines().map(str::trim).find(|line| line.contains('|'));
        Ok(token.context("`wharf token create` printed no token")?.to_owned())
    }

    fn attack(&self, schemathesis: &Path, state: &Path, ability: &str, seconds: u32) -> Result<()> {
        let tokens: Vec<String> = (0..TOKENS_COUNT).map(|number| self.token(ability, number)).collect::<Result<_>>()?;
        Program::new(schemathesis)
            .arg("run")
            .arg(format!("http://{}/api/v1/openapi.json", self.address))
            .args(["--checks", "all"])
            .args(["--max-time", &seconds.to_string(), "--seed", "1", "--generation-database", "none", "--no-color"])
            // The switch of the API itself, and the tokens that the attack goes on with.
            .args(["--exclude-path-regex", "/(disable|enable)$", "--exclude-operation-id", "delete-token-by-id"])
            .env("SCHEMATHESIS_HOOKS", "tokens")
            .env("PYTHONPATH", state)
            .env("TOKENS", tokens.join(","))
            .current_dir(state)
            .run()
            .with_context(|| format!("the log of Wharf is {}", self.data.with_extension("log").display()))
    }

    /// The instance, by the label of its edge, whose state lies in the data folder.
    fn instance(&self) -> Option<String> {
        let volume = format!("volume={}", self.data.join("edge").display());
        let found = docker(&["ps", "--all", "--filter", &volume, "--format", "{{.Label \"wharf.instance\"}}"]).ok()?;
        found.lines().next().map(str::to_owned)
    }

    fn clear_away(&self, instance: &str) -> Result<()> {
        let label = format!("label=wharf.instance={instance}");
        for (list, removal) in [
            (["ps", "--all"].as_slice(), ["rm", "--force", "--volumes"].as_slice()),
            (&["network", "ls"], &["network", "rm"]),
            (&["volume", "ls"], &["volume", "rm", "--force"]),
            (&["image", "ls"], &["image", "rm", "--force"]),
        ] {
            let found = docker(&[list, &["--quiet", "--filter", &label]].concat())?;
            let found: std::collections::BTreeSet<&str> = found.lines().collect();
            if !found.is_empty() {
                Program::new("docker").args(removal).args(found).quiet()?;
            }
        }
        Ok(())
    }
}

impl Drop for Attacked {
    fn drop(&mut self) {
        let instance = self.instance();
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Some(error) = instance.and_then(|instance| self.clear_away(&instance).err()) {
            eprintln!("something of the attacked Wharf is left on the engine: {error:#}");
        }
        let _ = fs::remove_dir_all(&self.data);
    }
}

fn docker(arguments: &[&str]) -> Result<String> {
    Program::new("docker").args(arguments).text()
}

fn free_port() -> Result<u16> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    if port == 0 { bail!("no port is free") } else { Ok(port) }
}
