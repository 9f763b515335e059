//! Destinations: networks of servers, where resources run. The engine makes a network with the first deployment that needs it and removes it once nothing does.

use crate::{Error, Ops, error::Faults, permit, project::clashes};
use model::{Destination, DestinationId, Name, NetworkName, ServerId};
use store::{Constraint, NewDestination, Scope};

/// A destination to be, as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct DestinationForm {
    /// Its name; the network's when empty.
    pub name: String,
    /// The engine's name of the network.
    pub network: String,
}

impl Ops {
    /// The team's destinations, oldest first.
    pub async fn destination_list(&self, scope: &Scope) -> Result<Vec<Destination>, Error> {
        permit::read(scope)?;
        Ok(self.store.destination_list(scope).await?)
    }

    /// A destination of the team.
    pub async fn destination_fetch(&self, scope: &Scope, id: DestinationId) -> Result<Destination, Error> {
        permit::read(scope)?;
        Ok(self.store.destination_fetch(scope, id).await?)
    }

    /// The destination asked for, else the first of the server asked for, else the team's first.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the team has no such one.
    pub async fn destination_choose(&self, scope: &Scope, server: Option<&ServerId>, destination: Option<&DestinationId>) -> Result<Destination, Error> {
        permit::read(scope)?;
        let kind = if destination.is_some() || server.is_none() { "destination" } else { "server" };
        let fits = |known: &Destination| destination.is_none_or(|id| known.id == *id) && server.is_none_or(|id| known.server == *id);
        self.store.destination_list(scope).await?.into_iter().find(fits).ok_or(Error::NotFound { kind })
    }

    /// Makes a destination on a server.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field; [`Error::Conflict`] where a destination of any team has the network, or the engine has one that is not Wharf's.
    pub async fn destination_create(&self, scope: &Scope, server: ServerId, form: DestinationForm) -> Result<Destination, Error> {
        permit::write(scope)?;
        self.store.server_fetch(scope, server.clone()).await?;
        let mut faults = Faults::default();
        let network = faults.parse::<NetworkName>("network", &form.network);
        let name = if form.name.trim().is_empty() { &form.network } else { &form.name };
        let name = faults.parse::<Name>("name", name);
        let (name, network) = faults.give(name.zip(network))?;
        if self.engine.network_is_foreign(network.as_str()).await {
            return Err(Error::conflict(format!("the engine has a network {network} that is not Wharf's: choose another name")));
        }
        let id = self.id(DestinationId::from_chance);
        self.store.destination_create(scope, NewDestination { id: id.clone(), server, name, network }, self.now()).await?;
        Ok(self.store.destination_fetch(scope, id).await?)
    }

    /// Renames a destination; its network keeps its name.
    pub async fn destination_rename(&self, scope: &Scope, id: DestinationId, name: &str) -> Result<Destination, Error> {
        permit::write(scope)?;
        self.store.destination_fetch(scope, id.clone()).await?;
        let name: Name = name.parse().map_err(|why: model::Invalid| Error::invalid("name", why.0))?;
        self.store.destination_rename(scope, id.clone(), name, self.now()).await?;
        Ok(self.store.destination_fetch(scope, id).await?)
    }

    /// Deletes a destination that nothing runs on.
    ///
    /// # Errors
    /// [`Error::Conflict`] that lists what runs there; for the one its server began with, always.
    pub async fn destination_delete(&self, scope: &Scope, id: DestinationId) -> Result<(), Error> {
        permit::write(scope)?;
        match self.store.destination_delete(scope, id.clone(), self.now()).await {
            Err(store::Error::Conflict(Constraint::InUse)) => {
                let rows = self.store.application_list(scope).await?;
                let details = clashes(rows.iter().filter(|row| row.application.destination == id));
                Err(Error::Conflict { why: "applications still run on this destination: delete them or clone them to another first".into(), details })
            }
            other => Ok(other?),
        }
    }
}
