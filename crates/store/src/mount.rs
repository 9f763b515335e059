//! Mounts of applications; what is mounted is sealed, since a file's content may be a secret.

use crate::{
    Error, NewEvent, Scope, Store,
    event::insert_event,
    row::{self, Columns, millis},
    seal::Sealer,
};
use jiff::Timestamp;
use model::{ApplicationId, Record, StorageId, mount::Mount};
use rusqlite::params;

const MOUNTS: &str = "SELECT * FROM mounts WHERE application_id = ?1 AND team_id = ?2 ORDER BY path";

fn mount(r: &Columns<'_>, sealer: &Sealer) -> Result<Mount, Error> {
    let id: StorageId = r.parsed("id")?;
    let what = sealer.open("mounts", id.as_str(), "what", &r.bytes("what_sealed")?)?;
    Ok(Mount { path: r.parsed("path")?, what: r.decode("what", what.expose())?, id })
}

impl Store {
    /// An application's mounts by path.
    pub async fn mount_list(&self, scope: &Scope, application: ApplicationId) -> Result<Vec<Mount>, Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        self.read(move |c| row::all(c, "mounts", MOUNTS, params![application.as_str(), team.as_str()], |r| mount(r, &sealer))).await
    }

    /// The same, each with its number and times.
    pub async fn mount_list_recorded(&self, scope: &Scope, application: ApplicationId) -> Result<Vec<(Mount, Record)>, Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        self.read(move |c| row::all(c, "mounts", MOUNTS, params![application.as_str(), team.as_str()], |r| Ok((mount(r, &sealer)?, r.record()?)))).await
    }

    /// Adds a mount, or replaces the one of the same id.
    ///
    /// # Errors
    /// [`Error::Conflict`] where another mount has the path.
    pub async fn mount_put(&self, scope: &Scope, application: ApplicationId, new: Mount, now: Timestamp) -> Result<(), Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        let event = NewEvent::of(scope, "storage.changed", format!("Storage at {} was set", new.path)).about(&application);
        self.write(move |t| {
            let sealed = sealer.seal("mounts", new.id.as_str(), "what", &row::to_json("mounts", &new.what)?)?;
            let statement = "INSERT INTO mounts (id, team_id, application_id, path, what_sealed, created, updated)
                 SELECT ?1, team_id, id, ?4, ?5, ?6, ?6 FROM applications WHERE id = ?2 AND team_id = ?3
                 ON CONFLICT (id) DO UPDATE SET path = excluded.path, what_sealed = excluded.what_sealed, updated = excluded.updated
                    WHERE application_id = excluded.application_id";
            let values = params![new.id.as_str(), application.as_str(), team.as_str(), new.path.as_str(), sealed, millis(now)];
            row::change_one(t, "application", statement, values)?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Removes a mount. The volume behind it stays on the engine.
    pub async fn mount_delete(&self, scope: &Scope, application: ApplicationId, id: StorageId, now: Timestamp) -> Result<(), Error> {
        let team = scope.team().clone();
        let event = NewEvent::of(scope, "storage.changed", "Storage was removed".into()).about(&application);
        self.write(move |t| {
            let statement = "DELETE FROM mounts WHERE id = ?1 AND application_id = ?2 AND team_id = ?3";
            row::change_one(t, "storage", statement, params![id.as_str(), application.as_str(), team.as_str()])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }
}
