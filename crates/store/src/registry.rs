//! Credentials of image registries, sealed.

use crate::{
    Error, NewEvent, Scope, Store,
    event::insert_event,
    row::{self, Columns, millis},
};
use jiff::Timestamp;
use model::{ImageReference, Name, RegistryId, Secret};
use rusqlite::params;

/// A credential to be.
#[derive(Debug, Clone)]
pub struct NewRegistry {
    /// Its id.
    pub id: RegistryId,
    /// Its name.
    pub name: Name,
    /// Host and port of the registry; `docker.io` is Docker Hub.
    pub host: String,
    /// Who signs in.
    pub username: String,
    /// The password or token.
    pub password: Secret,
}

/// A credential without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryRow {
    /// Its id.
    pub id: RegistryId,
    /// Its name.
    pub name: Name,
    /// Host and port of the registry.
    pub host: String,
    /// Who signs in.
    pub username: String,
}

/// What a pull signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Host and port of the registry.
    pub host: String,
    /// Who signs in.
    pub username: String,
    /// The password or token.
    pub password: Secret,
}

fn registry(r: &Columns<'_>) -> Result<RegistryRow, Error> {
    Ok(RegistryRow { id: r.parsed("id")?, name: r.parsed("name")?, host: r.text("host")?, username: r.text("username")? })
}

impl Store {
    /// The team's registry credentials by name.
    pub async fn registry_list(&self, scope: &Scope) -> Result<Vec<RegistryRow>, Error> {
        let team = scope.team().clone();
        self.read(move |c| row::all(c, "registries", "SELECT * FROM registries WHERE team_id = ?1 ORDER BY name", [team.as_str()], registry)).await
    }

    /// A registry credential of the team, with its password.
    pub async fn registry_credential(&self, scope: &Scope, id: RegistryId) -> Result<Credential, Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        self.read(move |c| {
            let statement = "SELECT * FROM registries WHERE id = ?1 AND team_id = ?2";
            row::one(c, "registry", statement, params![id.as_str(), team.as_str()], |r| {
                let password = sealer.open("registries", id.as_str(), "password", &r.bytes("password_sealed")?)?;
                Ok(Credential { host: r.text("host")?, username: r.text("username")?, password })
            })
        })
        .await
    }

    /// Every registry credential of the team with its password, the oldest first.
    pub async fn registry_credentials(&self, scope: &Scope) -> Result<Vec<Credential>, Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        self.read(move |c| {
            row::all(c, "registries", "SELECT * FROM registries WHERE team_id = ?1 ORDER BY created, id", [team.as_str()], |r| {
                let password = sealer.open("registries", &r.text("id")?, "password", &r.bytes("password_sealed")?)?;
                Ok(Credential { host: r.text("host")?, username: r.text("username")?, password })
            })
        })
        .await
    }

    /// The team's newest credential of the registry that has an image.
    pub async fn registry_credential_for(&self, scope: &Scope, image: &ImageReference) -> Result<Option<Credential>, Error> {
        let known = self.registry_credentials(scope).await?;
        Ok(known.into_iter().rev().find(|credential| credential.host == image.registry_host()))
    }

    /// Keeps a registry credential.
    pub async fn registry_create(&self, scope: &Scope, new: NewRegistry, now: Timestamp) -> Result<(), Error> {
        let (team, sealer, event) =
            (scope.team().clone(), self.sealer.clone(), NewEvent::of(scope, "registry.created", format!("Registry {} was added", new.name)));
        self.write(move |t| {
            let sealed = sealer.seal("registries", new.id.as_str(), "password", new.password.expose())?;
            row::change(
                t,
                "INSERT INTO registries (id, team_id, name, host, username, password_sealed, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![new.id.as_str(), team.as_str(), new.name.as_str(), new.host, new.username, sealed, millis(now)],
            )?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Forgets a registry credential that no application uses.
    ///
    /// # Errors
    /// [`Error::Conflict`] ([`crate::Constraint::InUse`]) while one does.
    pub async fn registry_delete(&self, scope: &Scope, id: RegistryId, now: Timestamp) -> Result<(), Error> {
        let (team, event) = (scope.team().clone(), NewEvent::of(scope, "registry.deleted", "A registry was deleted".into()));
        self.write(move |t| {
            let statement = "SELECT count(*) AS n FROM applications WHERE team_id = ?1 AND json_extract(settings, '$.source.credential') = ?2";
            if row::one(t, "applications", statement, params![team.as_str(), id.as_str()], |r| r.number("n"))? > 0 {
                return Err(Error::Conflict(crate::Constraint::InUse));
            }
            row::change_one(t, "registry", "DELETE FROM registries WHERE id = ?1 AND team_id = ?2", params![id.as_str(), team.as_str()])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }
}
