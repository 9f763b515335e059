//! Projects.

use crate::{
    Error, Ops,
    error::{Clash, Faults},
    permit,
};
use model::{EnvironmentId, Name, ProjectId};
use store::{ProjectRow, Scope};

/// Longest description of anything, in characters.
pub const DESCRIPTION_LENGTH_CHARACTERS: usize = 2000;

/// A name and what the thing is for, as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct NamedForm {
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: String,
}

pub(crate) fn description(faults: &mut Faults, text: &str) -> String {
    if text.chars().count() > DESCRIPTION_LENGTH_CHARACTERS {
        faults.add("description", format!("a description has at most {DESCRIPTION_LENGTH_CHARACTERS} characters"));
    }
    text.trim().to_owned()
}

pub(crate) fn named(form: &NamedForm) -> Result<(Name, String), Error> {
    let mut faults = Faults::default();
    let name = faults.parse("name", &form.name);
    let description = description(&mut faults, &form.description);
    faults.give(name.map(|name| (name, description)))
}

/// A name that is taken, told at its field.
pub(crate) fn name_taken(error: store::Error, sentence: &str) -> Error {
    match error {
        store::Error::Conflict(store::Constraint::Taken(_)) => Error::invalid("name", sentence),
        other => other.into(),
    }
}

impl Ops {
    /// The team's projects by name.
    pub async fn project_list(&self, scope: &Scope) -> Result<Vec<ProjectRow>, Error> {
        permit::read(scope)?;
        Ok(self.store.project_list(scope).await?)
    }

    /// A project of the team.
    pub async fn project_fetch(&self, scope: &Scope, id: ProjectId) -> Result<ProjectRow, Error> {
        permit::read(scope)?;
        Ok(self.store.project_fetch(scope, id).await?)
    }

    /// Makes a project with its environment `production`.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field.
    pub async fn project_create(&self, scope: &Scope, form: NamedForm) -> Result<ProjectId, Error> {
        permit::write(scope)?;
        let (name, description) = named(&form)?;
        let id = self.id(ProjectId::from_chance);
        let environment = self.id(EnvironmentId::from_chance);
        let made = self.store.project_create(scope, id.clone(), environment, name, description, self.now()).await;
        made.map_err(|error| name_taken(error, "a project of this name exists: choose another"))?;
        Ok(id)
    }

    /// Renames and describes a project.
    pub async fn project_update(&self, scope: &Scope, id: ProjectId, form: NamedForm) -> Result<(), Error> {
        permit::write(scope)?;
        let (name, description) = named(&form)?;
        let changed = self.store.project_update(scope, id, name, description, self.now()).await;
        changed.map_err(|error| name_taken(error, "a project of this name exists: choose another"))
    }

    /// Deletes a project without applications.
    ///
    /// # Errors
    /// [`Error::Conflict`] that lists the applications it still has.
    pub async fn project_delete(&self, scope: &Scope, id: ProjectId) -> Result<(), Error> {
        permit::write(scope)?;
        self.store.project_fetch(scope, id.clone()).await?;
        let applications = self.store.application_list(scope).await?;
        let details = clashes(applications.iter().filter(|row| row.application.project == id));
        if !details.is_empty() {
            return Err(Error::Conflict { why: "the project still has applications: move or delete them first".into(), details });
        }
        Ok(self.store.project_delete(scope, id, self.now()).await?)
    }
}

/// Applications that are in the way.
pub(crate) fn clashes<'a>(rows: impl Iterator<Item = &'a store::ApplicationRow>) -> Vec<Clash> {
    let clash = |row: &store::ApplicationRow| Clash {
        what: "application".into(),
        resource: row.application.name.to_string(),
        application: Some(row.application.id.clone()),
    };
    rows.map(clash).collect()
}
