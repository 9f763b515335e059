//! The doctor: what is wrong with this installation, and the fix for each finding. Asked of a Wharf that runs, or of a machine on which none does.

mod machine;
mod name;
mod port;

use crate::{Engine, chance::chance, disk::Disk, reconcile};
use docker::Facts;
use model::InstanceId;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
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

/// What a Wharf that does not run would be started with.
#[derive(Debug, Clone)]
pub struct Checkup {
    /// The folder of everything that is kept.
    pub data: PathBuf,
    /// The container engine's socket.
    pub docker_socket: PathBuf,
    /// Where the dashboard listens.
    pub listen: SocketAddr,
    /// The port the edge listens on for HTTP.
    pub http_port: u16,
    /// The port the edge listens on for HTTPS.
    pub https_port: u16,
    /// Names that lead to this machine.
    pub names: Vec<String>,
}

/// How long the container engine and the edge may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// Where the edge's state lies in the data folder.
const EDGE_FOLDER: &str = "edge";

fn finding(what: &str, state: State, sentence: impl Into<String>, fix: Option<&str>) -> Finding {
    Finding { what: what.into(), state, well: state == State::Ok, sentence: sentence.into(), fix: fix.map(str::to_owned) }
}

impl Engine {
    /// Looks at everything that an installation needs.
    pub async fn doctor(&self) -> Vec<Finding> {
        let options = &self.parts.options;
        let edge = self.edge_status().await;
        let facts = match self.parts.link.engine("facts") {
            Ok(docker) => docker.facts().await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let mut findings = vec![container_engine(&facts), machine::programs().await];
        for port in [options.http_port, options.https_port] {
            findings.push(port::of_edge(port, edge.is_ok()));
        }
        findings.push(match edge {
            Ok(status) => finding("Edge", State::Ok, format!("It serves version {} for {} s", status.version, status.uptime_seconds), None),
            Err(error) => finding("Edge", State::Bad, error.to_string(), Some("docker ps --all --filter label=wharf.kind=edge")),
        });
        let seen = self.server_facts().await.map_err(|error| error.to_string());
        findings.extend(machine::machine(seen));
        findings.extend(images_disk(facts.as_ref().ok(), &options.data));
        findings.push(machine::folder(&options.data));
        findings.push(machine::clock(&options.data));
        findings.extend(name::names(self.hosts()).await);
        findings
    }

    /// The names of what is live.
    fn hosts(&self) -> Vec<String> {
        self.parts.routes.all_live().into_iter().flat_map(|live| live.settings.domains).map(|domain| domain.host.to_string()).collect()
    }
}

/// Looks at everything that an installation needs, while no Wharf runs. An edge may: it serves without one.
pub async fn examine(checkup: &Checkup) -> Vec<Finding> {
    let edge = tokio::time::timeout(ANSWER_LIMIT, proxy::Edge::at(&checkup.data.join(EDGE_FOLDER)).status()).await.ok().and_then(Result::ok);
    let facts = facts_of(&checkup.docker_socket).await;
    let mut findings = vec![container_engine(&facts), machine::programs().await];
    for port in [checkup.http_port, checkup.https_port] {
        findings.push(port::of_edge(port, edge.is_some()));
    }
    findings.push(port::free(checkup.listen));
    findings.extend(edge.map(|status| finding("Edge", State::Ok, format!("It serves version {} though no Wharf runs", status.version), None)));
    let data = checkup.data.clone();
    let seen = tokio::task::spawn_blocking(move || reconcile::machine_facts(&data)).await;
    findings.extend(machine::machine(seen.map_err(|error| error.to_string()).and_then(|seen| seen.map_err(|error| error.to_string()))));
    findings.extend(images_disk(facts.as_ref().ok(), &checkup.data));
    findings.push(machine::folder(&checkup.data));
    findings.push(machine::clock(&checkup.data));
    findings.extend(name::names(checkup.names.clone()).await);
    findings
}

async fn facts_of(socket: &Path) -> Result<Facts, String> {
    let asked = async {
        let docker = docker::Engine::connect(socket, InstanceId::from_chance(chance())).await?;
        docker.facts().await
    };
    match tokio::time::timeout(ANSWER_LIMIT, asked).await {
        Ok(facts) => facts.map_err(|error| error.to_string()),
        Err(_) => Err(format!("it does not answer at {}", socket.display())),
    }
}

fn container_engine(facts: &Result<Facts, String>) -> Finding {
    match facts {
        Ok(facts) => {
            let sentence = format!("Version {} answers, API {}, storage {}", facts.version, facts.api_version, facts.storage_driver);
            finding("Container engine", State::Ok, sentence, None)
        }
        Err(why) => finding("Container engine", State::Bad, why, Some("systemctl start docker || apt-get install docker.io")),
    }
}

/// The disk that images and volumes lie on, where it is another than that of the data folder.
fn images_disk(facts: Option<&Facts>, data: &Path) -> Option<Finding> {
    let root = Path::new(&facts?.root_directory);
    let (of_images, of_data) = (Disk::of(root)?, Disk::of(data));
    (of_data != Some(of_images.clone())).then(|| machine::disk("Disk of images and volumes", of_images.free_bytes, of_images.total_bytes))
}

/// Any address of this machine.
fn anywhere(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))
}
