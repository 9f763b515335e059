//! The edge's own container: on the host's network, started again whatever happens, with its state on the host.

use crate::{
    Engine, Error, Result,
    container::log_config,
    engine::{absent_is_none, checked_image},
    labels::{INSTANCE, KIND, LabelMap},
    observe::{moment, state},
};
use bollard::models::{ContainerCreateBody, ContainerInspectResponse, HostConfig, Mount, MountBindOptions, MountType, RestartPolicy, RestartPolicyNameEnum};
use bollard::query_parameters::ListContainersOptions;
use jiff::Timestamp;
use model::{ContainerState, Port};
use std::path::PathBuf;

const EDGE: &str = "edge";
const HTTP_PORT: &str = "wharf.port.http";
const HTTPS_PORT: &str = "wharf.port.https";
/// Where the state directory is in the container.
const STATE: &str = "/state";

/// An edge to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeSpec {
    /// The container's name; a successor beside it has another.
    pub name: String,
    /// The image's tag.
    pub image: String,
    /// The directory on the host that is `/state` in the container.
    pub state_directory: PathBuf,
    /// The port for HTTP, kept as a label; the arguments say it to the edge.
    pub http_port: Port,
    /// The port for HTTPS, kept as a label; the arguments say it to the edge.
    pub https_port: Port,
    /// What follows the image's entrypoint.
    pub arguments: Vec<String>,
}

/// An edge's container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeContainer {
    /// The engine's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The image it was made from, as it was named then.
    pub image: String,
    /// The engine's id of that image.
    pub image_id: String,
    /// The port for HTTP.
    pub http_port: Option<Port>,
    /// The port for HTTPS.
    pub https_port: Option<Port>,
    /// What follows the image's entrypoint.
    pub arguments: Vec<String>,
    /// What it does.
    pub state: ContainerState,
    /// When it last started.
    pub started: Option<Timestamp>,
}

impl Engine {
    /// Makes an edge and starts it; one of ours that has the name is only started.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the image; [`Error::NotOurs`] or [`Error::Conflict`] when the name is another's.
    pub async fn edge_create(&self, spec: &EdgeSpec) -> Result<()> {
        self.create(&spec.name, self.edge_body(spec)?).await?;
        self.container_start(&spec.name).await
    }

    /// Makes and starts an edge unless one runs, whatever it is called.
    ///
    /// # Errors
    /// Those of [`edge_create`](Self::edge_create).
    pub async fn edge_ensure(&self, spec: &EdgeSpec) -> Result<()> {
        if self.edge_state().await?.is_some_and(|edge| edge.state.running()) { Ok(()) } else { self.edge_create(spec).await }
    }

    /// The edge: the one that runs, of several the youngest, else any that is there.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub async fn edge_state(&self) -> Result<Option<EdgeContainer>> {
        Ok(self.edge_list().await?.into_iter().max_by_key(|edge| (edge.state.running(), edge.started)))
    }

    /// Every edge of this instance, stopped ones too.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub async fn edge_list(&self) -> Result<Vec<EdgeContainer>> {
        let mut edges = Vec::new();
        for id in self.edge_ids().await? {
            let found = absent_is_none(self.docker.inspect_container(&id, None).await)?;
            edges.extend(found.and_then(edge));
        }
        Ok(edges)
    }

    /// Ids of the edges: the list is narrowed by the engine, or every container would be looked at.
    async fn edge_ids(&self) -> Result<Vec<String>> {
        let mut filters = crate::labels::filter(&self.instance, None);
        filters.entry("label".to_owned()).or_default().push(format!("{KIND}={EDGE}"));
        let found = self.docker.list_containers(Some(ListContainersOptions { all: true, filters: Some(filters), ..Default::default() })).await?;
        Ok(found.into_iter().filter(|found| crate::labels::ours(found.labels.as_ref(), &self.instance)).filter_map(|found| found.id).collect())
    }

    /// Stops and removes an edge; one that is absent is fine.
    ///
    /// # Errors
    /// [`Error::NotOurs`], also for a container that is no edge.
    pub async fn edge_remove(&self, name: &str, grace_seconds: u32) -> Result<()> {
        let Some(found) = self.mine(name).await? else { return Ok(()) };
        if edge(found).is_none() {
            return Err(Error::NotOurs { what: format!("the container {name}, which is no edge,") });
        }
        self.container_remove(name, grace_seconds).await
    }

    fn edge_body(&self, spec: &EdgeSpec) -> Result<ContainerCreateBody> {
        let labels =
            [(INSTANCE, self.instance.to_string()), (KIND, EDGE.into()), (HTTP_PORT, spec.http_port.to_string()), (HTTPS_PORT, spec.https_port.to_string())];
        let state = Mount {
            target: Some(STATE.into()),
            source: Some(spec.state_directory.display().to_string()),
            typ: Some(MountType::BIND),
            bind_options: Some(MountBindOptions { create_mountpoint: Some(true), ..Default::default() }),
            ..Default::default()
        };
        Ok(ContainerCreateBody {
            image: Some(checked_image(&spec.image)?.to_string()),
            cmd: Some(spec.arguments.clone()),
            labels: Some(LabelMap::from(labels.map(|(name, value)| (name.to_owned(), value)))),
            host_config: Some(HostConfig {
                network_mode: Some("host".into()),
                mounts: Some(vec![state]),
                restart_policy: Some(RestartPolicy { name: Some(RestartPolicyNameEnum::ALWAYS), maximum_retry_count: None }),
                init: Some(true),
                log_config: Some(log_config()),
                ..Default::default()
            }),
            ..Default::default()
        })
    }
}

fn edge(found: ContainerInspectResponse) -> Option<EdgeContainer> {
    let config = found.config?;
    let labels = config.labels?;
    let port = |name: &str| labels.get(name).and_then(|port| port.parse().ok());
    (labels.get(KIND).map(String::as_str) == Some(EDGE)).then(|| EdgeContainer {
        id: found.id.unwrap_or_default(),
        name: found.name.unwrap_or_default().trim_start_matches('/').to_owned(),
        image: config.image.unwrap_or_default(),
        image_id: found.image.unwrap_or_default(),
        http_port: port(HTTP_PORT),
        https_port: port(HTTPS_PORT),
        arguments: config.cmd.unwrap_or_default(),
        state: state(found.state.as_ref()),
        started: found.state.and_then(|state| moment(&state.started_at?)),
    })
}
