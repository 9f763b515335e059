//! Networks that containers meet on.

use crate::{
    Engine, Error, Result,
    engine::{absent_is_none, checked_name},
    labels, subnet,
};
use bollard::{
    models::{Ipam, IpamConfig, NetworkCreateRequest},
    query_parameters::ListContainersOptions,
};
use ipnet::Ipv4Net;

/// The kernel's routes, of the machine that the engine's socket is on.
const ROUTES: &str = "/proc/net/route";

impl Engine {
    /// Makes a bridge network of this name, unless it is there. Where the engine has no addresses left for it, it gets some.
    ///
    /// # Errors
    /// [`Error::NotOurs`] when a network of this name is somebody else's; [`Error::NoAddresses`] when none are free.
    pub async fn network_ensure(&self, name: &str) -> Result<()> {
        if self.network_is_ours(name).await? {
            return Ok(());
        }
        let made = match self.network_create(name, None).await {
            Err(Error::NoAddresses { why }) => {
                let subnet = subnet::free(&self.subnets_taken().await?).ok_or(Error::NoAddresses { why })?;
                self.network_create(name, Some(subnet)).await
            }
            made => made,
        };
        match made {
            // Made by somebody between the question and now: perhaps by us.
            Err(Error::Conflict { .. }) => self.network_is_ours(name).await.map(drop),
            made => made,
        }
    }

    async fn network_create(&self, name: &str, subnet: Option<Ipv4Net>) -> Result<()> {
        let config = subnet.map(|subnet| vec![IpamConfig { subnet: Some(subnet.to_string()), ..Default::default() }]);
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            driver: Some("bridge".into()),
            ipam: config.map(|config| Ipam { config: Some(config), ..Default::default() }),
            labels: Some(labels::of_instance(&self.instance)),
            ..Default::default()
        };
        Ok(self.docker.create_network(request).await.map(drop)?)
    }

    /// Subnets that networks of the engine or routes of the machine have.
    async fn subnets_taken(&self) -> Result<Vec<Ipv4Net>> {
        let networks = self.docker.list_networks(None).await?;
        let configs = networks.into_iter().filter_map(|network| network.ipam?.config).flatten();
        let of_networks = configs.filter_map(|config| config.subnet?.parse().ok());
        let routes = tokio::fs::read_to_string(ROUTES).await.unwrap_or_default();
        Ok(of_networks.chain(subnet::of_routes(&routes)).collect())
    }

    /// Removes a network; one that is absent is fine.
    ///
    /// # Errors
    /// [`Error::NotOurs`]; [`Error::Conflict`] while containers are on it.
    pub async fn network_remove(&self, name: &str) -> Result<()> {
        if !self.network_is_ours(name).await? {
            return Ok(());
        }
        match self.docker.remove_network(name).await.map_err(Error::from) {
            Err(Error::NotFound { .. }) => Ok(()),
            // The engine says 403 where it means that it is in use.
            Err(Error::Denied { why }) => Err(Error::Conflict { why }),
            removed => removed,
        }
    }

    /// Whether any container is on a network, running or not, whoever made it.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub async fn network_has_containers(&self, name: &str) -> Result<bool> {
        let filters = Some([("network".to_owned(), vec![checked_name(name)?.to_owned()])].into());
        let found = self.docker.list_containers(Some(ListContainersOptions { all: true, filters, ..Default::default() })).await?;
        Ok(!found.is_empty())
    }

    /// Whether a network of this name is there and somebody else's.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub async fn network_is_foreign(&self, name: &str) -> Result<bool> {
        match self.network_is_ours(name).await {
            Err(Error::NotOurs { .. }) => Ok(true),
            other => other.map(|_| false),
        }
    }

    /// Whether it is there; somebody else's is an error.
    async fn network_is_ours(&self, name: &str) -> Result<bool> {
        let found = absent_is_none(self.docker.inspect_network(checked_name(name)?, None).await)?;
        match found.filter(|found| found.name.as_deref() == Some(name)) {
            None => Ok(false),
            Some(found) if labels::ours(found.labels.as_ref(), &self.instance) => Ok(true),
            Some(_) => Err(Error::NotOurs { what: format!("the network {name}") }),
        }
    }
}
