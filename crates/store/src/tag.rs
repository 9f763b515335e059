//! Tags: words that group applications, for deploying several at once.

use crate::{
    Error, Scope, Store,
    row::{self, millis},
};
use jiff::Timestamp;
use model::{ApplicationId, Name, TagId};
use rusqlite::params;

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRow {
    /// Its id.
    pub id: TagId,
    /// Its name.
    pub name: Name,
    /// When it was made.
    pub created: Timestamp,
    /// When it was renamed last.
    pub updated: Timestamp,
}

fn tag(r: &row::Columns<'_>) -> Result<TagRow, Error> {
    Ok(TagRow { id: r.parsed("id")?, name: r.parsed("name")?, created: r.time("created")?, updated: r.time("updated")? })
}

impl Store {
    /// The team's tags by name.
    pub async fn tag_list(&self, scope: &Scope) -> Result<Vec<TagRow>, Error> {
        let team = scope.team().clone();
        self.read(move |c| row::all(c, "tags", "SELECT * FROM tags WHERE team_id = ?1 ORDER BY name", [team.as_str()], tag)).await
    }

    /// The tags of an application of the team.
    pub async fn tag_list_of(&self, scope: &Scope, application: ApplicationId) -> Result<Vec<TagRow>, Error> {
        let team = scope.team().clone();
        let statement = "SELECT tags.* FROM tags JOIN tagged ON tag_id = id WHERE application_id = ?1 AND team_id = ?2 ORDER BY name";
        self.read(move |c| row::all(c, "tags", statement, params![application.as_str(), team.as_str()], tag)).await
    }

    /// Makes a tag; one of this name is used where it exists.
    pub async fn tag_ensure(&self, scope: &Scope, id: TagId, name: Name, now: Timestamp) -> Result<TagRow, Error> {
        let team = scope.team().clone();
        self.write(move |t| {
            let statement = "INSERT INTO tags (id, team_id, name, created, updated) VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT (team_id, name) DO NOTHING";
            row::change(t, statement, params![id.as_str(), team.as_str(), name.as_str(), millis(now)])?;
            row::one(t, "tag", "SELECT * FROM tags WHERE team_id = ?1 AND name = ?2", params![team.as_str(), name.as_str()], tag)
        })
        .await
    }

    /// Puts a tag on an application, both of the team.
    pub async fn tag_attach(&self, scope: &Scope, tag: TagId, application: ApplicationId) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| {
            let statement = "INSERT OR REPLACE INTO tagged (tag_id, application_id)
                 SELECT tags.id, applications.id FROM tags, applications WHERE tags.id = ?1 AND applications.id = ?2 AND tags.team_id = ?3 AND applications.team_id = ?3";
            row::change_one(t, "tag", statement, params![tag.as_str(), application.as_str(), team.as_str()])
        })
        .await
    }

    /// Takes a tag off an application, both of the team.
    pub async fn tag_detach(&self, scope: &Scope, tag: TagId, application: ApplicationId) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| {
            let statement = "DELETE FROM tagged WHERE application_id = ?2 AND tag_id = (SELECT id FROM tags WHERE id = ?1 AND team_id = ?3)";
            row::change_one(t, "tag", statement, params![tag.as_str(), application.as_str(), team.as_str()])
        })
        .await
    }

    /// Renames a tag of the team.
    pub async fn tag_rename(&self, scope: &Scope, id: TagId, name: Name, now: Timestamp) -> Result<(), Error> {
        let team = scope.team().clone();
        let statement = "UPDATE tags SET name = ?3, updated = ?4 WHERE id = ?1 AND team_id = ?2";
        self.write(move |t| row::change_one(t, "tag", statement, params![id.as_str(), team.as_str(), name.as_str(), millis(now)])).await
    }

    /// Deletes a tag of the team.
    pub async fn tag_delete(&self, scope: &Scope, id: TagId) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| row::change_one(t, "tag", "DELETE FROM tags WHERE id = ?1 AND team_id = ?2", params![id.as_str(), team.as_str()])).await
    }

    /// The applications of the team that carry this tag.
    pub async fn tag_applications(&self, scope: &Scope, name: Name) -> Result<Vec<ApplicationId>, Error> {
        let team = scope.team().clone();
        let statement = "SELECT application_id FROM tagged JOIN tags ON tag_id = id WHERE name = ?1 AND team_id = ?2";
        self.read(move |c| row::all(c, "tagged", statement, params![name.as_str(), team.as_str()], |r| r.parsed("application_id"))).await
    }
}
