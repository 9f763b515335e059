//! Networks that containers meet on.

use crate::{
    Engine, Error, Result,
    engine::{absent_is_none, checked_name},
    labels,
};
use bollard::{models::NetworkCreateRequest, query_parameters::ListContainersOptions};

impl Engine {
    /// Makes a bridge network of this name, unless it is there.
    ///
    /// # Errors
    /// [`Error::NotOurs`] when a network of this name is somebody else's.
    pub async fn network_ensure(&self, name: &str) -> Result<()> {
        if self.network_is_ours(name).await? {
            return Ok(());
        }
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            driver: Some("bridge".into()),
            labels: Some(labels::of_instance(&self.instance)),
            ..Default::default()
        };
        match self.docker.create_network(request).await.map_err(Error::from) {
            // Made by somebody between the question and now: perhaps by us.
            Err(Error::Conflict { .. }) => self.network_is_ours(name).await.map(drop),
            made => made.map(drop),
        }
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
