//! Servers.

use crate::{Error, Ops, error::Faults, permit, project::description};
use model::{Server, ServerId};
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

    /// How many builds run at once on a server.
    pub fn builds_at_once(&self) -> usize {
        self.engine.builds_at_once()
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
        Ok(self.store.server_update(scope, id, faults.give(new)?, self.now()).await?)
    }
}
