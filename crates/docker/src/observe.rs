//! What an engine holds of ours, seen as it is now.

use crate::{
    Engine, Labels, Result,
    engine::{absent_is_none, checked_name},
    labels,
};
use bollard::{
    models::{ContainerInspectResponse, EndpointSettings},
    query_parameters::{ListContainersOptions, ListNetworksOptions, ListVolumesOptions},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use model::{ApplicationId, ContainerState, Observed, ObservedContainer};
use std::{collections::HashMap, net::IpAddr};

/// How many containers are looked at at the same time.
const PARALLEL_INSPECTS: usize = 16;

impl Engine {
    /// Everything of one application, with its containers' addresses on this network.
    ///
    /// # Errors
    /// The engine cannot be asked: nothing is known then.
    pub async fn observe(&self, application: &ApplicationId, network: &str) -> Result<Observed> {
        let (containers, images, networks, volumes) = tokio::try_join!(
            self.observe_containers(Some(application), Some(network)),
            self.image_list_of(application),
            self.network_list(),
            self.volume_list(Some(application)),
        )?;
        Ok(Observed { containers, images, networks, volumes })
    }

    /// Every container of every application, with its address on this network.
    ///
    /// # Errors
    /// The engine cannot be asked: nothing is known then.
    pub async fn observe_all(&self, network: &str) -> Result<Vec<ObservedContainer>> {
        self.observe_containers(None, Some(network)).await
    }

    /// One container, if it is there and ours, with its address on the network it was made for.
    ///
    /// # Errors
    /// The engine cannot be asked: nothing is known then.
    pub async fn container_inspect(&self, name: &str) -> Result<Option<ObservedContainer>> {
        let found = absent_is_none(self.docker.inspect_container(checked_name(name)?, None).await)?;
        Ok(found.filter(|found| self.made(found)).and_then(|found| observed(found, None)))
    }

    /// Whether this instance made the container.
    pub(crate) fn made(&self, container: &ContainerInspectResponse) -> bool {
        labels::ours(container.config.as_ref().and_then(|config| config.labels.as_ref()), &self.instance)
    }

    /// Ids of the containers that this instance made, the edge's too.
    pub(crate) async fn container_ids(&self, application: Option<&ApplicationId>) -> Result<Vec<String>> {
        let filters = Some(labels::filter(&self.instance, application));
        let found = self.docker.list_containers(Some(ListContainersOptions { all: true, filters, ..Default::default() })).await?;
        Ok(found.into_iter().filter(|found| labels::ours(found.labels.as_ref(), &self.instance)).filter_map(|found| found.id).collect())
    }

    /// A list tells neither exit codes nor restarts, so each container is looked at; one that goes away meanwhile is not there.
    async fn observe_containers(&self, application: Option<&ApplicationId>, network: Option<&str>) -> Result<Vec<ObservedContainer>> {
        let ids = self.container_ids(application).await?;
        let looks = ids.into_iter().map(|id| async move { absent_is_none(self.docker.inspect_container(&id, None).await) });
        let found: Vec<_> = stream::iter(looks).buffer_unordered(PARALLEL_INSPECTS).try_collect().await?;
        let mut containers: Vec<_> = found.into_iter().flatten().filter_map(|found| observed(found, network)).collect();
        containers.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(containers)
    }

    pub(crate) async fn network_list(&self) -> Result<Vec<String>> {
        let filters = Some(labels::filter(&self.instance, None));
        let found = self.docker.list_networks(Some(ListNetworksOptions { filters })).await?;
        Ok(sorted(found.into_iter().filter(|found| labels::ours(found.labels.as_ref(), &self.instance)).filter_map(|found| found.name)))
    }

    pub(crate) async fn volume_list(&self, application: Option<&ApplicationId>) -> Result<Vec<String>> {
        let filters = Some(labels::filter(&self.instance, application));
        let found = self.docker.list_volumes(Some(ListVolumesOptions { filters })).await?;
        let found = found.volumes.unwrap_or_default().into_iter();
        Ok(sorted(found.filter(|found| labels::ours(Some(&found.labels), &self.instance)).map(|found| found.name)))
    }
}

pub(crate) fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// What the engine says of a container, in our words; nothing when its labels are not an application's.
fn observed(found: ContainerInspectResponse, network: Option<&str>) -> Option<ObservedContainer> {
    let config = found.config.unwrap_or_default();
    let labels = Labels::from_map(config.labels.as_ref()?)?;
    let made_for = found.host_config.and_then(|config| config.network_mode);
    let state = state(found.state.as_ref());
    let networks = found.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
    let address = network.or(made_for.as_deref()).filter(|_| state.running()).and_then(|network| address(&networks, network));
    Some(ObservedContainer {
        id: found.id?,
        name: found.name?.trim_start_matches('/').to_owned(),
        application: labels.application,
        release: labels.release,
        deployment: labels.deployment,
        replica: labels.replica,
        kind: labels.kind,
        configuration: labels.configuration,
        image: config.image.unwrap_or_default(),
        state,
        address,
        restarts: found.restart_count.and_then(|count| count.try_into().ok()).unwrap_or_default(),
        started: found.state.and_then(|state| moment(&state.started_at?)),
    })
}

pub(crate) fn state(state: Option<&bollard::models::ContainerState>) -> ContainerState {
    let word = state.and_then(|state| state.status).map(|status| status.to_string()).unwrap_or_default();
    match word.as_str() {
        "created" => ContainerState::Created,
        "running" => ContainerState::Running,
        "restarting" => ContainerState::Restarting,
        "exited" => ContainerState::Exited {
            code: state.and_then(|state| state.exit_code).unwrap_or_default(),
            out_of_memory: state.and_then(|state| state.oom_killed).unwrap_or_default(),
        },
        _ => ContainerState::Other { word },
    }
}

fn address(networks: &HashMap<String, EndpointSettings>, network: &str) -> Option<IpAddr> {
    let endpoint = networks.get(network)?;
    let given = [&endpoint.ip_address, &endpoint.global_ipv6_address];
    given.into_iter().flatten().find_map(|address| address.parse().ok())
}

/// A moment as the engine writes it; its year 1 stands for never.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|moment| *moment > Timestamp::UNIX_EPOCH)
}
