//! Servers and destinations.

use crate::{Error, Ops, error::Faults, permit, project::description};
use model::{Destination, DestinationId, Server, ServerId};
use store::{ApplicationRow, NewServer, Scope};

/// Changes to a server, as typed; what is absent stays.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct ServerPatch {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Applications get `<slug>.<wildcard>` as their first domain.
    pub wildcard: Option<String>,
}

impl Ops {
    /// The team's servers, oldest first.
    pub async fn server_list(&self, scope: &Scope) -> Result<Vec<Server>, Error> {
        permit::read(scope)?;
        Ok(self.store.server_list(scope).await?)
    }

    /// A server of the team.
    pub async fn server_fetch(&self, scope: &Scope, id: ServerId) -> Result<Server, Error> {
        permit::read(scope)?;
        Ok(self.store.server_fetch(scope, id).await?)
    }

    /// The applications of the team that run on one of its servers.
    pub async fn server_applications(&self, scope: &Scope, id: ServerId) -> Result<Vec<ApplicationRow>, Error> {
        permit::read(scope)?;
        self.store.server_fetch(scope, id.clone()).await?;
        let mut rows = self.store.application_list(scope).await?;
        rows.retain(|row| row.server == id);
        Ok(rows)
    }

    /// Changes a server's name, description and wildcard domain.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field.
    pub async fn server_update(&self, scope: &Scope, id: ServerId, patch: ServerPatch) -> Result<(), Error> {
        permit::root(scope)?;
        let known = self.store.server_fetch(scope, id.clone()).await?;
        let mut faults = Faults::default();
        let name = patch.name.map_or(Some(known.name), |text| faults.parse("name", &text));
        let description = patch.description.map_or(known.description, |text| description(&mut faults, &text));
        let wildcard = patch.wildcard.map_or(Some(known.wildcard), |text| {
            let host = text.trim().trim_start_matches("*.").trim_start_matches("https://").trim_start_matches("http://").to_owned();
            faults.parse("wildcard", &host)
        });
        let new = name.zip(wildcard).map(|(name, wildcard)| NewServer { name, description, wildcard });
        Ok(self.store.server_update(scope, id, faults.give(new)?).await?)
    }

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
}
