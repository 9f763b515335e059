//! Private keys, sealed.

use crate::{
    Error, NewEvent, Scope, Store,
    event::insert_event,
    row::{self, Columns, millis},
};
use jiff::Timestamp;
use model::{KeyId, Name, Secret, key::Key};
use rusqlite::params;

/// A key to be.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its id.
    pub id: KeyId,
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// Both halves.
    pub halves: KeyHalves,
}

/// Both halves of a key.
#[derive(Debug, Clone)]
pub struct KeyHalves {
    /// The private half.
    pub private: Secret,
    /// The public half, in OpenSSH's one-line form.
    pub public: String,
    /// SHA-256 fingerprint.
    pub fingerprint: String,
}

fn key(r: &Columns<'_>) -> Result<Key, Error> {
    Ok(Key {
        id: r.parsed("id")?,
        team: r.parsed("team_id")?,
        name: r.parsed("name")?,
        description: r.text("description")?,
        public: r.text("public")?,
        fingerprint: r.text("fingerprint")?,
        record: r.record()?,
    })
}

impl Store {
    /// The team's keys by name, without their private halves.
    pub async fn key_list(&self, scope: &Scope) -> Result<Vec<Key>, Error> {
        let team = scope.team().clone();
        self.read(move |c| row::all(c, "keys", "SELECT * FROM keys WHERE team_id = ?1 ORDER BY name, number", [team.as_str()], key)).await
    }

    /// A key of the team, without its private half.
    pub async fn key_fetch(&self, scope: &Scope, id: KeyId) -> Result<Key, Error> {
        let team = scope.team().clone();
        self.read(move |c| row::one(c, "key", "SELECT * FROM keys WHERE id = ?1 AND team_id = ?2", params![id.as_str(), team.as_str()], key)).await
    }

    /// The private half of a key of the team.
    pub async fn key_private(&self, scope: &Scope, id: KeyId) -> Result<Secret, Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        self.read(move |c| {
            let statement = "SELECT private_sealed FROM keys WHERE id = ?1 AND team_id = ?2";
            let sealed = row::one(c, "key", statement, params![id.as_str(), team.as_str()], |r| r.bytes("private_sealed"))?;
            sealer.open("keys", id.as_str(), "private", &sealed)
        })
        .await
    }

    /// Keeps a key.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the team has it already.
    pub async fn key_create(&self, scope: &Scope, new: NewKey, now: Timestamp) -> Result<(), Error> {
        let (team, sealer, event) = (scope.team().clone(), self.sealer.clone(), NewEvent::of(scope, "key.created", format!("Key {} was added", new.name)));
        self.write(move |t| {
            let sealed = sealer.seal("keys", new.id.as_str(), "private", new.halves.private.expose())?;
            row::change(
                t,
                "INSERT INTO keys (id, team_id, name, description, private_sealed, public, fingerprint, created, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
                params![new.id.as_str(), team.as_str(), new.name.as_str(), new.description, sealed, new.halves.public, new.halves.fingerprint, millis(now)],
            )?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Renames and describes a key; with halves, replaces those.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the team has the new halves already.
    pub async fn key_update(&self, scope: &Scope, id: KeyId, name: Name, description: String, halves: Option<KeyHalves>, now: Timestamp) -> Result<(), Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        let event = NewEvent::of(scope, "key.updated", format!("Key {name} was changed"));
        self.write(move |t| {
            let statement = "UPDATE keys SET name = ?3, description = ?4, updated = ?5 WHERE id = ?1 AND team_id = ?2";
            row::change_one(t, "key", statement, params![id.as_str(), team.as_str(), name.as_str(), description, millis(now)])?;
            if let Some(KeyHalves { private, public, fingerprint }) = &halves {
                let sealed = sealer.seal("keys", id.as_str(), "private", private.expose())?;
                let statement = "UPDATE keys SET private_sealed = ?3, public = ?4, fingerprint = ?5 WHERE id = ?1 AND team_id = ?2";
                row::change_one(t, "key", statement, params![id.as_str(), team.as_str(), sealed, public, fingerprint])?;
            }
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Forgets a key that no application uses.
    ///
    /// # Errors
    /// [`Error::Conflict`] ([`crate::Constraint::InUse`]) while one does.
    pub async fn key_delete(&self, scope: &Scope, id: KeyId, now: Timestamp) -> Result<(), Error> {
        let (team, event) = (scope.team().clone(), NewEvent::of(scope, "key.deleted", "A key was deleted".into()));
        self.write(move |t| {
            let statement = "SELECT count(*) AS n FROM applications WHERE team_id = ?1 AND json_extract(settings, '$.source.key') = ?2";
            if row::one(t, "applications", statement, params![team.as_str(), id.as_str()], |r| r.number("n"))? > 0 {
                return Err(Error::Conflict(crate::Constraint::InUse));
            }
            row::change_one(t, "key", "DELETE FROM keys WHERE id = ?1 AND team_id = ?2", params![id.as_str(), team.as_str()])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }
}
