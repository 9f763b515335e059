//! A remote host: a container with sshd and an engine of its own, on a network of its own, whose line, power, engine and disk a test holds in its hands.

mod line;

pub use line::Line;

use crate::disk::temporary;
use crate::engine::or_skipped;
use crate::wait::waited_for;
use crate::{SmallDisk, TestEngine, TestKey, wait_for};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const IMAGE: &str = "testhost:latest";
const USER: &str = "root";
const HOST_KEY: &str = "/etc/ssh/ssh_host_ed25519_key";
const ENGINE_LOG: &str = "/var/log/dockerd.log";
const SSH_PORT: u16 = 22;
/// The test bed's registry; hosts reach it by their gateway.
const MIRROR_PORT: u16 = 5000;
/// What an engine within needs beyond what containers have.
const RIGHTS: [&str; 5] = ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_NICE", "DAC_READ_SEARCH"];
const BOOTS_WITHIN: Duration = Duration::from_secs(60);
const ENGINE_STOPS_WITHIN: Duration = Duration::from_secs(60);

/// A host that lets in [`key`](Self::key). Dropping it removes it with all that runs on it.
pub struct TestHost {
    engine: TestEngine,
    label: (String, String),
    name: String,
    address: String,
    gateway: String,
    key: TestKey,
    line: Line,
    disk: Option<SmallDisk>,
    folder: TempDir,
}

impl TestHost {
    /// Starts one; `None` when that cannot be and the environment says to skip tests then.
    ///
    /// # Panics
    /// It cannot be, and nothing says to skip.
    pub async fn required() -> Option<Self> {
        or_skipped(Self::start(None).await)
    }

    /// Starts one whose engine has a disk of this size, which the test can fill. It lies in memory and needs root.
    ///
    /// # Panics
    /// As [`required`](Self::required) does.
    pub async fn with_disk(bytes: u64) -> Option<Self> {
        or_skipped(Self::start(Some(bytes)).await)
    }

    async fn start(disk_bytes: Option<u64>) -> Result<Self> {
        let engine = TestEngine::connect().await?;
        engine.sweep().await?;
        let label = TestEngine::label();
        let folder = temporary("wharf-host-")?;
        let mut host = Self {
            name: format!("wharf-host-{}", label.1.replace('.', "-")),
            address: String::new(),
            gateway: String::new(),
            key: TestKey::make().await?,
            line: Line::Good,
            disk: disk_bytes.map(SmallDisk::mounted).transpose()?,
            engine,
            label,
            folder,
        };
        // From here on a drop clears what was made.
        host.make().await?;
        host.turn_on().await?;
        Ok(host)
    }

    /// Its address; sshd listens on port 22 there.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Who to log in as.
    pub fn user(&self) -> &str {
        USER
    }

    /// The key that it lets in.
    pub fn key(&self) -> &TestKey {
        &self.key
    }

    /// The small disk of its engine, where it was asked for.
    pub fn disk(&self) -> Option<&SmallDisk> {
        self.disk.as_ref()
    }

    /// The label of its container and its network, as `name=value`.
    pub fn label(&self) -> String {
        format!("{}={}", self.label.0, self.label.1)
    }

    /// Its host key as a line of a `known_hosts` file.
    ///
    /// # Errors
    /// It is off.
    pub async fn known_host(&self) -> Result<String> {
        let key = self.run(&["cat", &format!("{HOST_KEY}.pub")]).await?;
        let words: Vec<&str> = key.split_whitespace().take(2).collect();
        Ok(format!("{} {}", self.address, words.join(" ")))
    }

    /// Gives it another host key, as a host that was set up anew has, or one that poses as it.
    ///
    /// # Errors
    /// It is off, or sshd does not take the key.
    pub async fn change_host_key(&self) -> Result<()> {
        self.run(&["rm", HOST_KEY, &format!("{HOST_KEY}.pub")]).await?;
        self.run(&["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", HOST_KEY]).await?;
        self.run(&["pkill", "-HUP", "-o", "-x", "sshd"]).await.map(drop)
    }

    /// Runs a program on it, past its line and its sshd, and returns what it wrote.
    ///
    /// # Errors
    /// It is off, or the program fails.
    pub async fn run(&self, argv: &[&str]) -> Result<String> {
        self.engine.exec_well(&self.name, argv).await
    }

    /// A run of a program on it over ssh, as the system's client does it; each word reaches the host's shell as it is.
    ///
    /// # Errors
    /// It is off, or the key cannot be written.
    pub async fn ssh(&self, words: &[&str]) -> Result<host::Command> {
        let (key, known) = (self.folder.path().join("key"), self.folder.path().join("known"));
        if !key.exists() {
            fs::write(&key, &self.key.private)?;
            fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
            fs::write(&known, self.known_host().await? + "\n")?;
        }
        let file = |option: &str, path: &Path| format!("{option}={}", path.display());
        let command = host::Command::new("ssh").args(["-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes"]);
        let command = command.args(["-o", "ConnectTimeout=5", "-o", &file("IdentityFile", &key), "-o", &file("UserKnownHostsFile", &known)]);
        Ok(command.arg(format!("{USER}@{}", self.address)).args(words.iter().copied()))
    }

    /// Makes its line another one, until this is called again.
    ///
    /// # Errors
    /// It is off, or its kernel cannot do that.
    pub async fn set_line(&mut self, line: Line) -> Result<()> {
        let before = std::mem::replace(&mut self.line, line);
        self.run_all(before.end(&self.gateway)).await?;
        self.run_all(line.begin()).await
    }

    /// Cuts its power and turns it on again: what it kept on disk is there, what ran is gone, and its engine starts what it should.
    ///
    /// # Errors
    /// It does not come back.
    pub async fn reboot(&mut self) -> Result<()> {
        self.cut_power().await?;
        self.turn_on().await
    }

    /// Cuts its power.
    ///
    /// # Errors
    /// It is off.
    pub async fn cut_power(&self) -> Result<()> {
        self.engine.post(&format!("/containers/{}/kill", self.name), Value::Null).await?;
        self.engine.post(&format!("/containers/{}/wait", self.name), Value::Null).await.map(drop)
    }

    /// Turns it on, and waits until its sshd and its engine answer. A line that was bad is bad again then.
    ///
    /// # Errors
    /// It does not come up; the log of its engine is part of the error.
    pub async fn turn_on(&mut self) -> Result<()> {
        self.engine.post(&format!("/containers/{}/start", self.name), Value::Null).await?;
        let inspected = self.engine.get(&format!("/containers/{}/json", self.name)).await?;
        let address = inspected["NetworkSettings"]["Networks"][&self.name]["IPAddress"].as_str().unwrap_or_default();
        ensure!(self.address.is_empty() || self.address == address, "{} came back as {address}", self.address);
        self.address = address.to_owned();
        wait_for("the host's sshd", BOOTS_WITHIN, async || tokio::net::TcpStream::connect((address, SSH_PORT)).await.map_err(|error| error.to_string()))
            .await?;
        self.engine_answers().await?;
        self.run_all(self.line.begin()).await
    }

    /// Stops its engine in an orderly way, with its containers.
    ///
    /// # Errors
    /// It does not run, or does not end in time.
    pub async fn stop_engine(&self) -> Result<()> {
        self.run(&["pkill", "-TERM", "-x", "dockerd"]).await?;
        let ended = async || {
            let left = self.engine.exec(&self.name, &["pgrep", "-x", "dockerd"]).await.map_err(|error| error.to_string())?;
            if left.code == 0 { Err(format!("process {}", left.output.trim_end())) } else { Ok(()) }
        };
        wait_for("the host's engine to end", ENGINE_STOPS_WITHIN, ended).await
    }

    /// Starts its engine after it was stopped, and waits until it answers.
    ///
    /// # Errors
    /// It does not answer; its log is part of the error.
    pub async fn start_engine(&self) -> Result<()> {
        self.engine.exec_beside(&self.name, &["engine"]).await?;
        self.engine_answers().await
    }

    async fn engine_answers(&self) -> Result<()> {
        let version = ["docker", "version", "--format", "{{.Server.Version}}"];
        let answers = wait_for("the host's engine", BOOTS_WITHIN, async || self.run(&version).await.map_err(|error| format!("{error:#}"))).await;
        let Err(error) = answers else { return Ok(()) };
        let log = self.run(&["tail", "-n", "30", ENGINE_LOG]).await.unwrap_or_else(|error| format!("{error:#}"));
        Err(error.context(format!("the log of the host's engine:\n{log}")))
    }

    async fn run_all(&self, programs: Vec<Vec<String>>) -> Result<()> {
        for argv in programs {
            self.run(&argv.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        }
        Ok(())
    }

    async fn make(&mut self) -> Result<()> {
        let labels = json!({ &self.label.0: self.label.1 });
        self.engine.post("/networks/create", json!({"Name": self.name, "Labels": labels})).await?;
        let network = self.engine.get(&format!("/networks/{}", self.name)).await?;
        self.gateway = network["IPAM"]["Config"][0]["Gateway"].as_str().unwrap_or_default().to_owned();
        let mirrors = self.engine.get("/info").await?["RegistryConfig"]["Mirrors"].as_array().map_or(0, Vec::len);
        let mut variables = vec![format!("AUTHORIZED_KEY={}", self.key.public.trim_end())];
        if mirrors > 0 {
            variables.push(format!("REGISTRY={}:{MIRROR_PORT}", self.gateway));
        }
        let body = json!({
            "Image": IMAGE, "Hostname": "testhost", "Labels": labels, "Env": variables,
            "HostConfig": self.rights(),
            "NetworkingConfig": {"EndpointsConfig": {&self.name: {}}},
        });
        let made = self.engine.post(&format!("/containers/create?name={}", self.name), body).await;
        made.map(drop).with_context(|| format!("{IMAGE} is no image of Docker Hub; `cargo xtask testbed up` makes it"))
    }

    /// Less than `Privileged`, which an engine refuses that lacks a capability itself.
    fn rights(&self) -> Value {
        let mut binds = vec!["/sys/fs/cgroup:/sys/fs/cgroup:rw".to_owned()];
        binds.extend(self.disk.as_ref().map(|disk| format!("{}:/var/lib/docker", disk.path().display())));
        json!({
            "CapAdd": RIGHTS, "SecurityOpt": ["seccomp=unconfined", "apparmor=unconfined"],
            "MaskedPaths": [], "ReadonlyPaths": [], "DeviceCgroupRules": ["a *:* rwm"], "CgroupnsMode": "host",
            "Binds": binds, "Tmpfs": {"/run": ""}, "Init": true, "NetworkMode": self.name,
        })
    }
}

impl Drop for TestHost {
    fn drop(&mut self) {
        let (socket, label) = (self.engine.socket().to_owned(), self.label());
        let removed = waited_for(async move || TestEngine::at(socket)?.remove_labelled(&label).await);
        if let Err(error) = removed
            && !std::thread::panicking()
        {
            panic!("the test's host stays: {error:#}");
        }
    }
}
