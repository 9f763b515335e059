//! A container engine of a test's own beside the shared one, for faults that no other test may feel: it is stopped and killed, its disk fills up, its memory is
//! small, a crowd of strangers lives on it.

use crate::memory_group::{CGROUPS, MemoryGroup};
use crate::wait::waited_for;
use crate::{Running, SmallDisk, TestEngine, disk::left_behind, engine::or_skipped, wait_for};
use anyhow::{Context, Result, ensure};
use host::Command;
use rustix::mount::{UnmountFlags, unmount};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

const PREFIX: &str = "wharf-engine-";
/// Room for Wharf's own image, what it is made from, and some more.
const DISK_BYTES: u64 = 1 << 30;
const STARTS_WITHIN: Duration = Duration::from_secs(60);
const STOPS_WITHIN: Duration = Duration::from_secs(60);
const CLEARED_WITHIN: Duration = Duration::from_secs(15);
/// The test bed's registry, which answers for Docker Hub; an engine that does not find it asks Docker Hub.
const MIRROR: &str = "http://127.0.0.1:5000";
/// Programs that an engine consists of.
const PROGRAMS: [&str; 4] = ["dockerd", "containerd", "docker-proxy", "runc"];
/// Where a place is noted.
const NOTE: &str = "place";

/// An engine with a disk and a network of its own. Dropping it ends it with all that runs on it.
pub struct OwnEngine {
    running: Option<Running>,
    engine: TestEngine,
    place: Place,
    memory: Option<MemoryGroup>,
    disk: SmallDisk,
    folder: TempDir,
}

/// Where an engine keeps its files, and its network.
#[derive(Clone)]
struct Place {
    folder: PathBuf,
    disk: PathBuf,
    bridge: String,
    /// The addresses of the one network that it has any for.
    pool: Option<String>,
}

impl OwnEngine {
    /// Starts one; `None` when that cannot be and the environment says to skip tests then.
    ///
    /// # Panics
    /// It cannot be, and nothing says to skip.
    pub async fn required() -> Option<Self> {
        or_skipped(Self::start(None, false).await)
    }

    /// Starts one whose containers and builds have this much memory together.
    ///
    /// # Panics
    /// As [`required`](Self::required) does.
    pub async fn with_memory(bytes: u64) -> Option<Self> {
        or_skipped(Self::start(Some(bytes), false).await)
    }

    /// Starts one that has addresses for a single network. It must not be started again: it would remove docker0, whosever that is.
    ///
    /// # Panics
    /// As [`required`](Self::required) does.
    pub async fn with_addresses_for_one_network() -> Option<Self> {
        or_skipped(Self::start(None, true).await)
    }

    async fn start(memory_bytes: Option<u64>, one_network: bool) -> Result<Self> {
        ensure!(geteuid().is_root(), "only root may start an engine: run these tests as root, or set WHARF_TEST_SKIP_ENGINE=1 to go without them");
        sweep().await?;
        let disk = SmallDisk::mounted(DISK_BYTES)?;
        let folder = tempfile::Builder::new().prefix(&format!("{PREFIX}{}-", std::process::id())).tempdir()?;
        let name = folder.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let memory = memory_bytes.map(|bytes| MemoryGroup::make(&name, bytes)).transpose()?;
        let pool = if one_network { Some(format!("10.{}.1.0/24", network()?)) } else { None };
        let place = Place { folder: folder.path().to_owned(), disk: disk.path().to_owned(), bridge: format!("wh{:x}", rand::random::<u32>()), pool };
        let engine = TestEngine::at(folder.path().join("engine.sock"))?;
        // From here on a drop clears what was made.
        let mut own = Self { running: None, engine, place, memory, disk, folder };
        own.place.write()?;
        own.place.make_bridge().await?;
        own.start_again().await?;
        Ok(own)
    }

    /// The connection to it.
    pub fn engine(&self) -> &TestEngine {
        &self.engine
    }

    /// The disk that holds its images, containers and volumes.
    pub fn disk(&self) -> &SmallDisk {
        &self.disk
    }

    /// Starts it again after it was stopped or killed, and waits until it answers.
    ///
    /// # Errors
    /// It runs already, or does not answer; its log is part of the error.
    pub async fn start_again(&mut self) -> Result<()> {
        ensure!(self.running.is_none(), "the engine runs already");
        let log = self.folder.path().join("log");
        let running = self.running.insert(Running::start(Path::new("dockerd"), self.place.arguments(self.memory.as_ref()), &[], &log)?);
        let answers = wait_for("the engine to answer", STARTS_WITHIN, async || self.engine.get("/version").await.map_err(|error| format!("{error:#}")));
        answers.await.with_context(|| format!("its log:\n{}", running.log())).map(drop)
    }

    /// Stops it in an orderly way, which stops its containers too.
    ///
    /// # Errors
    /// It does not run, or does not end in time.
    pub async fn stop(&mut self) -> Result<()> {
        let mut running = self.running.take().context("the engine does not run")?;
        running.terminate(STOPS_WITHIN).await.map(drop)
    }

    /// Kills it; its containers run on until it starts again.
    pub async fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.kill().await;
        }
        // It starts its own containerd, and would wait for the end of one that is left.
        for process in self.place.programs("containerd") {
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

impl Drop for OwnEngine {
    fn drop(&mut self) {
        let (socket, place) = (self.engine.socket().to_owned(), self.place.clone());
        if self.running.is_some() {
            let removed = waited_for(async move || remove_running(&TestEngine::at(socket)?).await);
            if let Err(error) = removed {
                eprintln!("containers of the test's own engine are left to be killed: {error:#}");
            }
        }
        drop(self.running.take());
        if let Err(error) = waited_for(async move || place.clear().await)
            && !std::thread::panicking()
        {
            panic!("the test's own engine left something: {error:#}");
        }
    }
}

/// Stopped ones go with the disk.
async fn remove_running(engine: &TestEngine) -> Result<()> {
    let running = engine.get("/containers/json").await?;
    for container in running.as_array().into_iter().flatten() {
        engine.delete(&format!("/containers/{}?force=true", container["Id"].as_str().unwrap_or_default())).await?;
    }
    Ok(())
}

impl Place {
    /// Notes it where a later run finds it when this one crashes.
    fn write(&self) -> Result<()> {
        Ok(std::fs::write(self.folder.join(NOTE), format!("{}\n{}", self.disk.display(), self.bridge))?)
    }

    fn read(folder: &Path) -> Option<Self> {
        let note = std::fs::read_to_string(folder.join(NOTE)).ok()?;
        let mut lines = note.lines();
        Some(Self { folder: folder.to_owned(), disk: lines.next()?.into(), bridge: lines.next()?.to_owned(), pool: None })
    }

    fn arguments(&self, memory: Option<&MemoryGroup>) -> Vec<String> {
        let folder = self.folder.display();
        let mut arguments = vec![
            format!("--data-root={}", self.disk.join("root").display()),
            format!("--exec-root={folder}/run"),
            format!("--pidfile={folder}/dockerd.pid"),
            format!("--host=unix://{folder}/engine.sock"),
            format!("--bridge={}", self.bridge),
            // Two engines must not write the same chains, and where one finds a containerd of the machine, not the same names. An engine with address pools of
            // its own removes docker0, whosever it is, when it starts again: this one has none.
            "--iptables=false".to_owned(),
            "--ip6tables=false".to_owned(),
            "--ip-forward=false".to_owned(),
            format!("--containerd-namespace={}", self.bridge),
            format!("--containerd-plugins-namespace={}-plugins", self.bridge),
            format!("--registry-mirror={MIRROR}"),
            "--log-level=warn".to_owned(),
        ];
        arguments.extend(self.pool.iter().map(|pool| format!("--default-address-pool=base={pool},size=24")));
        if let Some(memory) = memory {
            arguments.extend(["--exec-opt=native.cgroupdriver=cgroupfs".to_owned(), format!("--cgroup-parent=/{}", memory.name())]);
        }
        arguments
    }

    async fn make_bridge(&self) -> Result<()> {
        let address = format!("10.{}.0.1/24", network()?);
        ip(&["link", "add", &self.bridge, "type", "bridge"]).await?;
        ip(&["addr", "add", &address, "dev", &self.bridge]).await?;
        ip(&["link", "set", &self.bridge, "up"]).await.map(drop)
    }

    /// Ends every process of the engine and of its containers, and takes their groups, mounts and networks away.
    async fn clear(&self) -> Result<()> {
        let ended = async || {
            let left = self.processes();
            for process in &left {
                let _ = kill_process(*process, Signal::KILL);
            }
            if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) }
        };
        wait_for("the engine's processes to end", CLEARED_WITHIN, ended).await?;
        self.remove_groups();
        for mounted in mounts().into_iter().rev().filter(|at| *at != self.disk && (at.starts_with(&self.folder) || at.starts_with(&self.disk))) {
            let _ = unmount(&mounted, UnmountFlags::DETACH);
        }
        self.remove_links().await
    }

    /// Its processes of this name.
    fn programs(&self, name: &str) -> Vec<Pid> {
        let called = |process: &Path| std::fs::read_to_string(process.join("comm")).is_ok_and(|found| found.trim_end() == name);
        numbered().filter(|(process, _)| called(process) && self.is_of_engine(process)).map(|(_, id)| id).collect()
    }

    fn processes(&self) -> Vec<Pid> {
        numbered().filter(|(process, _)| self.is_of_engine(process) || self.is_of_container(process)).map(|(_, id)| id).collect()
    }

    fn is_of_engine(&self, process: &Path) -> bool {
        let name = std::fs::read_to_string(process.join("comm")).unwrap_or_default();
        let line = String::from_utf8_lossy(&std::fs::read(process.join("cmdline")).unwrap_or_default()).into_owned();
        PROGRAMS.iter().any(|program| name.starts_with(program)) && self.folders().iter().any(|folder| line.contains(folder))
    }

    /// The root of a process in a container lies on the engine's disk.
    fn is_of_container(&self, process: &Path) -> bool {
        let mounts = std::fs::read_to_string(process.join("mountinfo")).unwrap_or_default();
        let root = mounts.lines().rfind(|line| line.split(' ').nth(4) == Some("/"));
        root.is_some_and(|root| self.folders().iter().any(|folder| root.contains(folder)))
    }

    fn folders(&self) -> [String; 2] {
        [&self.folder, &self.disk].map(|folder| folder.display().to_string())
    }

    /// A container that was killed with its engine leaves its groups.
    fn remove_groups(&self) {
        let containers = std::fs::read_dir(self.disk.join("root/containers")).into_iter().flatten().flatten();
        let containers: Vec<_> = containers.map(|entry| entry.file_name()).collect();
        for controller in std::fs::read_dir(CGROUPS).into_iter().flatten().flatten().map(|entry| entry.path().join("docker")).filter(|path| path.is_dir()) {
            for container in &containers {
                let _ = std::fs::remove_dir(controller.join(container));
            }
        }
    }

    /// The bridge, and what the engine noted of others: bridges of networks that nobody removed, named by the networks' ids, and ends of containers.
    async fn remove_links(&self) -> Result<()> {
        let known = std::fs::read(self.disk.join("root/network/files/local-kv.db")).unwrap_or_default();
        let has = |id: &str| known.windows(id.len()).any(|part| part == id.as_bytes());
        let links = std::fs::read_dir("/sys/class/net").into_iter().flatten().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        for link in links.filter(|link| *link == self.bridge || link.strip_prefix("br-").is_some_and(has) || (link.starts_with("veth") && has(link))) {
            // One of a pair takes the other along.
            if Path::new("/sys/class/net").join(&link).exists() {
                ip(&["link", "del", &link]).await?;
            }
        }
        Ok(())
    }
}

/// Every process of this machine: what the kernel tells of it, and its number.
fn numbered() -> impl Iterator<Item = (PathBuf, Pid)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((entry.path(), Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?)))
}

async fn ip(arguments: &[&str]) -> Result<String> {
    let output = Command::new("ip").args(arguments.iter().copied()).run().await.context("iproute2 brings ip")?;
    ensure!(output.status.success(), "ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A number for which no route leads to `10.<number>.0.0/16` yet.
fn network() -> Result<u8> {
    let routes = std::fs::read_to_string("/proc/net/route")?;
    // The table writes addresses as numbers of the machine: 10.7.0.0 is 0000070A.
    let taken = |number: u8| routes.lines().any(|line| line.split_whitespace().nth(1).is_some_and(|to| to.ends_with(&format!("{number:02X}0A"))));
    let tried = (0..100).map(|_| rand::random_range(100..=250));
    tried.into_iter().find(|number| !taken(*number)).context("no network of 10.0.0.0/8 is free on this machine")
}

fn mounts() -> Vec<PathBuf> {
    let text = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    text.lines().filter_map(|line| line.split(' ').nth(4)).map(PathBuf::from).collect()
}

/// Ends the engines of test processes that are gone.
async fn sweep() -> Result<()> {
    for folder in left_behind(PREFIX) {
        if let Some(place) = Place::read(&folder) {
            place.clear().await?;
            let _ = unmount(&place.disk, UnmountFlags::DETACH);
        }
        let _ = std::fs::remove_dir_all(&folder);
    }
    Ok(())
}
