//! Containers: made, given files, started, stopped, removed. Each verb can be used twice with the effect of once.

use crate::{
    Engine, Error, Labels, Result,
    engine::{absent_is_none, checked_image, checked_name},
};
use bollard::{
    models::{
        ContainerCreateBody, ContainerInspectResponse, EndpointSettings, HostConfig, HostConfigLogConfig, Mount, MountBindOptions, MountType, NetworkingConfig,
        PortBinding, PortMap, RestartPolicy as EngineRestartPolicy, RestartPolicyNameEnum,
    },
    query_parameters::{CreateContainerOptions, RemoveContainerOptions, StopContainerOptions, UploadToContainerOptions, WaitContainerOptions},
};
use futures_util::TryStreamExt;
use model::{
    EnvName, MountPath, Port, PortMapping, Secret,
    application::{Limits, RestartPolicy},
};
use std::{collections::BTreeMap, time::Duration};

/// How often a container that exits with an error is started again under [`RestartPolicy::OnFailure`].
const RESTART_LIMIT: i64 = 10;
/// Log files kept of a container, and the largest size of each.
const LOG_FILES: &str = "3";
const LOG_FILE_SIZE: &str = "10m";

/// A container to be made.
#[derive(Debug, Clone)]
pub struct ContainerSpec {
    /// Its name.
    pub name: String,
    /// The image it runs.
    pub image: String,
    /// What it is; the instance's label comes by itself.
    pub labels: Labels,
    /// Labels that people added.
    pub extra_labels: BTreeMap<String, String>,
    /// The network it joins.
    pub network: String,
    /// Names it answers to on that network.
    pub aliases: Vec<String>,
    /// Its environment.
    pub variables: Vec<(EnvName, Secret)>,
    /// What is mounted into it.
    pub mounts: Vec<ContainerMount>,
    /// Ports published on the host.
    pub port_mappings: Vec<PortMapping>,
    /// TCP ports it says it listens on, beside those of the image.
    pub exposed: Vec<Port>,
    /// Replaces the image's entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// Replaces the image's command.
    pub command: Option<Vec<String>>,
    /// What it may use.
    pub limits: Limits,
    /// When the engine starts it again.
    pub restart: RestartPolicy,
    /// Seconds between SIGTERM and SIGKILL when somebody else stops it.
    pub grace_seconds: u32,
}

/// Something mounted into a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContainerMount {
    /// A volume.
    Volume {
        /// Its name on the engine.
        name: String,
        /// Where in the container.
        path: MountPath,
    },
    /// A path of the host, made as a directory where it is not there.
    Host {
        /// The host's path.
        source: MountPath,
        /// Where in the container.
        path: MountPath,
        /// For reading only.
        read_only: bool,
    },
}

/// A file to be put into a container before it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileToPut {
    /// Where in the container; directories above it are made.
    pub path: MountPath,
    /// Permission bits, such as 0o644. It belongs to root.
    pub mode: u32,
    /// What is in it.
    pub content: Secret,
}

impl Engine {
    /// Makes a container and answers with its id. One of ours that has the name and says the same of itself counts as made.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the image; [`Error::NotOurs`] or [`Error::Conflict`] when the name is another's.
    pub async fn container_create(&self, spec: &ContainerSpec) -> Result<String> {
        let mut body = body(spec)?;
        body.labels = Some(spec.extra_labels.clone().into_iter().chain(spec.labels.to_map(&self.instance)).collect());
        self.create(&spec.name, body).await
    }

    /// Makes a container whose labels are complete.
    pub(crate) async fn create(&self, name: &str, body: ContainerCreateBody) -> Result<String> {
        let labels = body.labels.clone().unwrap_or_default();
        let options = CreateContainerOptions { name: Some(checked_name(name)?.to_owned()), ..Default::default() };
        match self.docker.create_container(Some(options), body).await.map_err(Error::from) {
            Ok(made) => Ok(made.id),
            Err(Error::Conflict { why }) => {
                let Some(found) = self.mine(name).await? else { return Err(Error::Conflict { why }) };
                let says = found.config.and_then(|config| config.labels).unwrap_or_default();
                let same = labels.iter().all(|(name, value)| says.get(name) == Some(value));
                found.id.filter(|_| same).ok_or_else(|| Error::Conflict { why: format!("another container of this Wharf is called {name}") })
            }
            Err(error) => Err(error),
        }
    }

    /// Writes files into a container that is not started yet, over what is there.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the container; [`Error::NotOurs`].
    pub async fn container_put_files(&self, name: &str, files: &[FileToPut]) -> Result<()> {
        let id = self.id_of(name).await?;
        if files.is_empty() {
            return Ok(());
        }
        let tar = pack(files).map_err(|error| Error::Invalid { why: error.to_string() })?;
        let options = UploadToContainerOptions { path: "/".into(), ..Default::default() };
        Ok(self.docker.upload_to_container(&id, Some(options), bollard::body_full(tar.into())).await?)
    }

    /// Starts a container; one that runs is fine.
    ///
    /// # Errors
    /// [`Error::PortTaken`]; [`Error::NotFound`]; [`Error::NotOurs`]; what the engine says of a program that cannot be run.
    pub async fn container_start(&self, name: &str) -> Result<()> {
        let id = self.id_of(name).await?;
        Ok(self.docker.start_container(&id, None).await?)
    }

    /// Stops a container: SIGTERM, and SIGKILL after the grace. One that is stopped or absent is fine.
    ///
    /// # Errors
    /// [`Error::NotOurs`].
    pub async fn container_stop(&self, name: &str, grace_seconds: u32) -> Result<()> {
        let Some(id) = self.mine(name).await?.and_then(|found| found.id) else { return Ok(()) };
        let patience = Duration::from_secs(u64::from(grace_seconds) + crate::engine::ANSWER_TIMEOUT_SECONDS);
        let options = StopContainerOptions { t: Some(i32::try_from(grace_seconds).unwrap_or(i32::MAX)), signal: None };
        absent_is_none(self.docker.clone().with_timeout(patience).stop_container(&id, Some(options)).await).map(drop)
    }

    /// Stops and removes a container and the nameless volumes of its image. One that is absent is fine.
    ///
    /// # Errors
    /// [`Error::NotOurs`].
    pub async fn container_remove(&self, name: &str, grace_seconds: u32) -> Result<()> {
        let Some(id) = self.mine(name).await?.and_then(|found| found.id) else { return Ok(()) };
        self.container_stop(&id, grace_seconds).await?;
        let options = RemoveContainerOptions { v: true, force: true, link: false };
        match absent_is_none(self.docker.remove_container(&id, Some(options)).await) {
            // Somebody else is removing it.
            Err(Error::Conflict { .. }) => Ok(()),
            removed => removed.map(drop),
        }
    }

    /// Waits until a container has ended and answers with its exit code.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it was never started; [`Error::NotFound`], also when it is removed meanwhile; [`Error::NotOurs`].
    pub async fn container_wait(&self, name: &str) -> Result<i64> {
        use bollard::errors::Error as Engine;
        let found = self.mine(name).await?.ok_or_else(|| absent(name))?;
        if matches!(crate::observe::state(found.state.as_ref()), model::ContainerState::Created) {
            // The engine would answer at once that it ended well.
            return Err(Error::Conflict { why: format!("{name} was never started, so it has no end to wait for") });
        }
        let id = found.id.unwrap_or_default();
        let mut answers = std::pin::pin!(self.docker.wait_container(&id, Some(WaitContainerOptions { condition: "not-running".into() })));
        match answers.try_next().await {
            Ok(Some(answer)) => Ok(answer.status_code),
            Err(Engine::DockerContainerWaitError { error, code }) if error.is_empty() => Ok(code),
            Err(Engine::DockerContainerWaitError { error, .. }) => Err(Error::Other { why: error }),
            Err(error) => Err(error.into()),
            Ok(None) => Err(Error::Unavailable { why: format!("the engine went away while {name} ran") }),
        }
    }

    /// The container of this name if it is there.
    ///
    /// # Errors
    /// [`Error::NotOurs`] when this instance did not make it.
    pub(crate) async fn mine(&self, name: &str) -> Result<Option<ContainerInspectResponse>> {
        let found = absent_is_none(self.docker.inspect_container(checked_name(name)?, None).await)?;
        if found.as_ref().is_some_and(|found| !self.made(found)) {
            return Err(Error::NotOurs { what: format!("the container {name}") });
        }
        Ok(found)
    }

    /// The id of our container of this name: what is proven of it stays true, whatever the name stands for later.
    pub(crate) async fn id_of(&self, name: &str) -> Result<String> {
        self.mine(name).await?.and_then(|found| found.id).ok_or_else(|| absent(name))
    }
}

fn absent(name: &str) -> Error {
    Error::NotFound { what: format!("the container {name}") }
}

fn body(spec: &ContainerSpec) -> Result<ContainerCreateBody> {
    let endpoint = EndpointSettings { aliases: Some(spec.aliases.clone()), ..Default::default() };
    let mapped = spec.port_mappings.iter().map(container_port);
    let mut exposed: Vec<_> = spec.exposed.iter().map(|port| format!("{port}/tcp")).chain(mapped).collect();
    exposed.sort();
    exposed.dedup();
    Ok(ContainerCreateBody {
        image: Some(checked_image(&spec.image)?.to_string()),
        env: Some(spec.variables.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect()),
        entrypoint: spec.entrypoint.clone(),
        cmd: spec.command.clone(),
        exposed_ports: Some(exposed),
        stop_timeout: Some(spec.grace_seconds.into()),
        host_config: Some(host_config(spec)?),
        networking_config: Some(NetworkingConfig { endpoints_config: Some([(spec.network.clone(), endpoint)].into()) }),
        ..Default::default()
    })
}

fn host_config(spec: &ContainerSpec) -> Result<HostConfig> {
    let memory = spec.limits.memory_bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
    Ok(HostConfig {
        network_mode: Some(checked_name(&spec.network)?.to_owned()),
        mounts: Some(spec.mounts.iter().map(mount).collect::<Result<_>>()?),
        port_bindings: Some(bindings(&spec.port_mappings)),
        memory,
        // As much again would be allowed as swap.
        memory_swap: memory,
        nano_cpus: spec.limits.cpu_thousandths.map(|thousandths| i64::from(thousandths) * 1_000_000),
        restart_policy: Some(restart(spec.restart)),
        init: Some(true),
        log_config: Some(log_config()),
        ..Default::default()
    })
}

fn mount(mount: &ContainerMount) -> Result<Mount> {
    Ok(match mount {
        ContainerMount::Volume { name, path } => {
            Mount { target: Some(path.to_string()), source: Some(checked_name(name)?.to_owned()), typ: Some(MountType::VOLUME), ..Default::default() }
        }
        ContainerMount::Host { source, path, read_only } => Mount {
            target: Some(path.to_string()),
            source: Some(source.to_string()),
            typ: Some(MountType::BIND),
            read_only: Some(*read_only),
            bind_options: Some(MountBindOptions { create_mountpoint: Some(true), ..Default::default() }),
            ..Default::default()
        },
    })
}

fn container_port(mapping: &PortMapping) -> String {
    format!("{}/{}", mapping.container, mapping.transport.as_str())
}

fn bindings(mappings: &[PortMapping]) -> PortMap {
    let mut map = PortMap::new();
    for mapping in mappings {
        let binding = PortBinding { host_ip: mapping.address.map(|address| address.to_string()), host_port: Some(mapping.host.to_string()) };
        map.entry(container_port(mapping)).or_default().get_or_insert_default().push(binding);
    }
    map
}

fn restart(policy: RestartPolicy) -> EngineRestartPolicy {
    let (name, limit) = match policy {
        RestartPolicy::No => (RestartPolicyNameEnum::NO, None),
        RestartPolicy::OnFailure => (RestartPolicyNameEnum::ON_FAILURE, Some(RESTART_LIMIT)),
        RestartPolicy::UnlessStopped => (RestartPolicyNameEnum::UNLESS_STOPPED, None),
    };
    EngineRestartPolicy { name: Some(name), maximum_retry_count: limit }
}

pub(crate) fn log_config() -> HostConfigLogConfig {
    let config = [("max-size".to_owned(), LOG_FILE_SIZE.to_owned()), ("max-file".to_owned(), LOG_FILES.to_owned())];
    HostConfigLogConfig { typ: Some("json-file".into()), config: Some(config.into()) }
}

/// A tar of the files. Directories are left to the engine, which makes missing ones and leaves the modes of others alone.
fn pack(files: &[FileToPut]) -> std::io::Result<Vec<u8>> {
    let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default();
    let mut tar = tar::Builder::new(Vec::new());
    for file in files {
        let content = file.content.expose().as_bytes();
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(file.mode);
        header.set_mtime(now);
        tar.append_data(&mut header, file.path.as_str().trim_start_matches('/'), content)?;
    }
    tar.into_inner()
}
