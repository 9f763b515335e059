//! Servers.

use crate::{
    Error, Scope, Store,
    row::{self, Columns, millis},
};
use jiff::Timestamp;
use model::{Host, Name, Server, ServerId};
use rusqlite::params;

/// Changes to a server.
#[derive(Debug, Clone)]
pub struct NewServer {
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// Applications get `<slug>.<wildcard>` as their first domain.
    pub wildcard: Host,
}

pub(crate) fn server(r: &Columns<'_>) -> Result<Server, Error> {
    Ok(Server {
        id: r.parsed("id")?,
        team: r.parsed("team_id")?,
        name: r.parsed("name")?,
        description: r.text("description")?,
        address: r.text("address")?,
        wildcard: r.parsed("wildcard")?,
        record: r.record()?,
    })
}

impl Store {
    /// The team's servers, oldest first.
    pub async fn server_list(&self, scope: &Scope) -> Result<Vec<Server>, Error> {
        let team = scope.team().clone();
        self.read(move |c| row::all(c, "servers", "SELECT * FROM servers WHERE team_id = ?1 ORDER BY number", [team.as_str()], server)).await
    }

    /// A server of the team.
    pub async fn server_fetch(&self, scope: &Scope, id: ServerId) -> Result<Server, Error> {
        let team = scope.team().clone();
        self.read(move |c| row::one(c, "server", "SELECT * FROM servers WHERE id = ?1 AND team_id = ?2", params![id.as_str(), team.as_str()], server)).await
    }

    /// Changes a server's name, description and wildcard domain.
    pub async fn server_update(&self, scope: &Scope, id: ServerId, new: NewServer, now: Timestamp) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| {
            let statement = "UPDATE servers SET name = ?3, description = ?4, wildcard = ?5, updated = ?6 WHERE id = ?1 AND team_id = ?2";
            let values = params![id.as_str(), team.as_str(), new.name.as_str(), new.description, new.wildcard.as_str(), millis(now)];
            row::change_one(t, "server", statement, values)
        })
        .await
    }
}
