//! The doctor: what is wrong with this installation, and the fix for each finding.

use crate::{Engine, Error, ServerFacts};
use jiff::Timestamp;
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::Path,
    time::Duration,
};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is as it should be.
    Ok,
    /// It works, but not for long or not for everybody.
    Warn,
    /// It does not work.
    Bad,
}

/// What the doctor found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    /// How bad it is.
    pub state: State,
    /// Whether it is well.
    pub well: bool,
    /// What was seen.
    pub sentence: String,
    /// What to do, with a command to copy where there is one.
    pub fix: Option<String>,
}

const DISK_SHORT_BYTES: u64 = 5_000_000_000;
const DISK_BAD_BYTES: u64 = 1_000_000_000;
const MEMORY_SHORT_BYTES: u64 = 256_000_000;
/// Domains of applications that are looked up.
const NAMES_LIMIT: usize = 5;
const NAME_LIMIT: Duration = Duration::from_secs(3);
/// How far in the future a file may lie before the clock is doubted, in seconds.
const CLOCK_SLACK_SECONDS: i64 = 60;

fn finding(what: &str, state: State, sentence: impl Into<String>, fix: Option<&str>) -> Finding {
    Finding { what: what.into(), state, well: state == State::Ok, sentence: sentence.into(), fix: fix.map(str::to_owned) }
}

impl Engine {
    /// Looks at everything that an installation needs.
    pub async fn doctor(&self) -> Vec<Finding> {
        let options = &self.parts.options;
        let edge = self.edge_status().await;
        let mut findings = vec![engine(self).await];
        for port in [options.http_port, options.https_port] {
            findings.push(port_of(port, edge.is_ok()));
        }
        findings.push(match edge {
            Ok(status) => finding("Edge", State::Ok, format!("It serves version {} for {} s", status.version, status.uptime_seconds), None),
            Err(error) => finding("Edge", State::Bad, error.to_string(), Some("docker ps --all --filter label=wharf.kind=edge")),
        });
        findings.extend(machine(self.server_facts().await));
        findings.push(folder(&options.data));
        findings.push(clock(&options.data));
        findings.extend(names(self).await);
        findings
    }
}

async fn engine(engine: &Engine) -> Finding {
    let fix = Some("systemctl start docker || apt-get install docker.io");
    match engine.parts.link.engine("facts") {
        Err(error) => finding("Container engine", State::Bad, error.to_string(), fix),
        Ok(docker) => match docker.facts().await {
            Ok(facts) => {
                let sentence = format!("Version {} answers, API {}, storage {}", facts.version, facts.api_version, facts.storage_driver);
                finding("Container engine", State::Ok, sentence, None)
            }
            Err(error) => finding("Container engine", State::Bad, error.to_string(), fix),
        },
    }
}

fn port_of(port: u16, edge_serves: bool) -> Finding {
    let what = format!("Port {port}");
    if edge_serves {
        return finding(&what, State::Ok, "The edge listens on it", None);
    }
    match TcpListener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))) {
        Ok(_) => finding(&what, State::Ok, "It is free", None),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let holder = holder(port).unwrap_or_else(|| "another program".into());
            finding(&what, State::Bad, format!("{holder} has it"), Some(&format!("ss -ltnp 'sport = :{port}'")))
        }
        Err(error) => finding(&what, State::Bad, format!("It cannot be listened on: {error}"), Some("run Wharf as root, or choose ports above 1023")),
    }
}

/// The name and number of the program that listens on a port, where this machine tells.
fn holder(port: u16) -> Option<String> {
    let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| table.lines().filter_map(|line| listening(line, port)).collect::<Vec<_>>())
        .collect();
    let processes = fs::read_dir("/proc").ok()?.flatten();
    for process in processes {
        let files = fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
        let mut targets = files.filter_map(|file| fs::read_link(file.path()).ok());
        if targets.any(|target| sockets.iter().any(|socket| target.as_os_str() == socket.as_str())) {
            let name = fs::read_to_string(process.path().join("comm")).ok()?;
            return Some(format!("{} (process {})", name.trim(), process.file_name().to_string_lossy()));
        }
    }
    None
}

/// The socket of a line of the kernel's table, if it listens on this port.
fn listening(line: &str, port: u16) -> Option<String> {
    const LISTEN: &str = "0A";
    let fields: Vec<_> = line.split_whitespace().collect();
    let (_, local) = fields.get(1)?.rsplit_once(':')?;
    let matches = u16::from_str_radix(local, 16).ok()? == port && *fields.get(3)? == LISTEN;
    matches.then(|| format!("socket:[{}]", fields.get(9).unwrap_or(&"")))
}

fn machine(facts: Result<ServerFacts, Error>) -> Vec<Finding> {
    let facts = match facts {
        Ok(facts) => facts,
        Err(error) => return vec![finding("Machine", State::Bad, error.to_string(), None)],
    };
    let disk = match facts.disk_free_bytes {
        free if free < DISK_BAD_BYTES => State::Bad,
        free if free < DISK_SHORT_BYTES => State::Warn,
        _ => State::Ok,
    };
    let memory = if facts.memory_available_bytes < MEMORY_SHORT_BYTES { State::Warn } else { State::Ok };
    const GIGABYTE: f64 = 1_073_741_824.0;
    let said = |free: u64, total: u64| format!("{:.1} of {:.1} GB are free", free as f64 / GIGABYTE, total as f64 / GIGABYTE);
    let (disk_fix, memory_fix) = ("docker builder prune && docker image prune", "lower limits of applications, or add memory");
    vec![
        finding("Disk", disk, said(facts.disk_free_bytes, facts.disk_total_bytes), (disk != State::Ok).then_some(disk_fix)),
        finding("Memory", memory, said(facts.memory_available_bytes, facts.memory_total_bytes), (memory != State::Ok).then_some(memory_fix)),
    ]
}

fn folder(data: &Path) -> Finding {
    const OTHERS: u32 = 0o077;
    let shown = data.display();
    match fs::metadata(data).map(|found| found.permissions().mode()) {
        Ok(mode) if mode & OTHERS == 0 => finding("Data folder", State::Ok, format!("{shown} is closed to others"), None),
        Ok(_) => finding("Data folder", State::Bad, format!("{shown} can be read by others"), Some(&format!("chmod 700 {shown}"))),
        Err(error) => finding("Data folder", State::Bad, format!("{shown} cannot be looked at: {error}"), None),
    }
}

/// A clock that went back shows by files from the future.
fn clock(data: &Path) -> Finding {
    let newest = fs::read_dir(data).into_iter().flatten().flatten().filter_map(|file| file.metadata().ok()?.modified().ok()).max();
    let newest = newest.and_then(|newest| Timestamp::try_from(newest).ok());
    let now = Timestamp::now();
    match newest {
        Some(newest) if newest.as_second() > now.as_second() + CLOCK_SLACK_SECONDS => {
            finding("Clock", State::Bad, format!("It shows {now:.0}, but files were written at {newest:.0}"), Some("timedatectl set-ntp true"))
        }
        _ => finding("Clock", State::Ok, format!("It shows {now:.0}"), None),
    }
}

async fn names(engine: &Engine) -> Vec<Finding> {
    let mut hosts: Vec<_> = engine.parts.routes.all_live().into_iter().flat_map(|live| live.settings.domains).map(|domain| domain.host.to_string()).collect();
    // Names below localhost lead here by definition (RFC 6761), whatever a name server says.
    hosts.retain(|host| !host.starts_with("*.") && host != "localhost" && !host.ends_with(".localhost"));
    hosts.sort();
    hosts.dedup();
    let mut findings = Vec::new();
    for host in hosts.into_iter().take(NAMES_LIMIT) {
        let looked = tokio::time::timeout(NAME_LIMIT, tokio::net::lookup_host((host.as_str(), 80))).await;
        let found = match looked {
            Ok(Ok(mut addresses)) => addresses.next(),
            Ok(Err(_)) | Err(_) => None,
        };
        let what = format!("Name {host}");
        findings.push(match found {
            Some(address) => finding(&what, State::Ok, format!("It leads to {}", address.ip()), None),
            None => {
                finding(&what, State::Warn, "No name server knows it from here", Some(&format!("add an A record for {host} that names this server's address")))
            }
        });
    }
    findings
}
