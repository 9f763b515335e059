//! Environments of projects.

use crate::{
    Error, Ops, permit,
    project::{NamedForm, clashes, name_taken, named},
};
use model::{EnvironmentId, ProjectId};
use store::{EnvironmentRow, Scope};

const TAKEN: &str = "an environment of this name exists in the project: choose another";

impl Ops {
    /// A project's environments, oldest first.
    pub async fn environment_list(&self, scope: &Scope, of: ProjectId) -> Result<Vec<EnvironmentRow>, Error> {
        permit::read(scope)?;
        self.store.project_fetch(scope, of.clone()).await?;
        Ok(self.store.environment_list(scope, of).await?)
    }

    /// Every environment of the team, oldest first.
    pub async fn environment_list_all(&self, scope: &Scope) -> Result<Vec<EnvironmentRow>, Error> {
        permit::read(scope)?;
        Ok(self.store.environment_list_all(scope).await?)
    }

    /// An environment of the team.
    pub async fn environment_fetch(&self, scope: &Scope, id: EnvironmentId) -> Result<EnvironmentRow, Error> {
        permit::read(scope)?;
        Ok(self.store.environment_fetch(scope, id).await?)
    }

    /// An environment of a project by its id or its name.
    pub async fn environment_find(&self, scope: &Scope, of: ProjectId, id_or_name: &str) -> Result<EnvironmentRow, Error> {
        let known = self.environment_list(scope, of).await?;
        let by_id = known.iter().find(|row| row.id.as_str() == id_or_name);
        let found = by_id.or_else(|| known.iter().find(|row| row.name.as_str() == id_or_name.trim()));
        found.cloned().ok_or(Error::NotFound { kind: "environment" })
    }

    /// Makes an environment.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field.
    pub async fn environment_create(&self, scope: &Scope, of: ProjectId, form: NamedForm) -> Result<EnvironmentId, Error> {
        permit::write(scope)?;
        let (name, description) = named(&form)?;
        let id = self.id(EnvironmentId::from_chance);
        let made = self.store.environment_create(scope, id.clone(), of, name, description, self.now()).await;
        made.map_err(|error| name_taken(error, TAKEN))?;
        Ok(id)
    }

    /// Renames and describes an environment.
    pub async fn environment_update(&self, scope: &Scope, id: EnvironmentId, form: NamedForm) -> Result<(), Error> {
        permit::write(scope)?;
        let (name, description) = named(&form)?;
        self.store.environment_update(scope, id, name, description, self.now()).await.map_err(|error| name_taken(error, TAKEN))
    }

    /// Deletes an environment without applications.
    ///
    /// # Errors
    /// [`Error::Conflict`] for the first one of a project, which stays, and one that lists the applications it still has.
    pub async fn environment_delete(&self, scope: &Scope, id: EnvironmentId) -> Result<(), Error> {
        permit::write(scope)?;
        let known = self.store.environment_fetch(scope, id.clone()).await?;
        let details = clashes(self.store.application_list_in(scope, id.clone()).await?.iter());
        if !details.is_empty() && !known.protected {
            return Err(Error::Conflict { why: "the environment still has applications: move or delete them first".into(), details });
        }
        Ok(self.store.environment_delete(scope, id, self.now()).await?)
    }
}
