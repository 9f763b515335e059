//! Destinations: the networks of servers.

use crate::{
    Constraint, Error, NewEvent, Scope, Store,
    event::insert_event,
    row::{self, Columns, millis},
};
use jiff::Timestamp;
use model::{Destination, DestinationId, Name, NetworkName, ServerId};
use rusqlite::params;

/// A destination to be.
#[derive(Debug, Clone)]
pub struct NewDestination {
    /// Its id.
    pub id: DestinationId,
    /// The server.
    pub server: ServerId,
    /// Its name.
    pub name: Name,
    /// The engine's name of the network.
    pub network: NetworkName,
}

pub(crate) fn destination(r: &Columns<'_>) -> Result<Destination, Error> {
    Ok(Destination {
        id: r.parsed("id")?,
        server: r.parsed("server_id")?,
        team: r.parsed("team_id")?,
        name: r.parsed("name")?,
        network: r.text("network")?,
        protected: r.flag("is_protected")?,
        record: r.record()?,
    })
}

impl Store {
    /// The team's destinations, oldest first.
    pub async fn destination_list(&self, scope: &Scope) -> Result<Vec<Destination>, Error> {
        let team = scope.team().clone();
        self.read(move |c| row::all(c, "destinations", "SELECT * FROM destinations WHERE team_id = ?1 ORDER BY number", [team.as_str()], destination)).await
    }

    /// A destination of the team.
    pub async fn destination_fetch(&self, scope: &Scope, id: DestinationId) -> Result<Destination, Error> {
        let team = scope.team().clone();
        let statement = "SELECT * FROM destinations WHERE id = ?1 AND team_id = ?2";
        self.read(move |c| row::one(c, "destination", statement, params![id.as_str(), team.as_str()], destination)).await
    }

    /// Makes a destination. Every server is the same machine now, so its network may be no other destination's, whichever team has that.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the server is not the team's; [`Constraint::Taken`] where a destination has the network.
    pub async fn destination_create(&self, scope: &Scope, new: NewDestination, now: Timestamp) -> Result<(), Error> {
        let (team, event) = (scope.team().clone(), NewEvent::of(scope, "destination.created", format!("Destination {} was made", new.name)));
        self.write(move |t| {
            if row::maybe(t, "destinations", "SELECT id FROM destinations WHERE network = ?1", [new.network.as_str()], |_| Ok(()))?.is_some() {
                return Err(Error::Conflict(Constraint::Taken("destinations.network".into())));
            }
            let statement = "INSERT INTO destinations (id, team_id, server_id, name, network, created, updated)
                 SELECT ?1, team_id, id, ?4, ?5, ?6, ?6 FROM servers WHERE id = ?2 AND team_id = ?3";
            let values = params![new.id.as_str(), new.server.as_str(), team.as_str(), new.name.as_str(), new.network.as_str(), millis(now)];
            row::change_one(t, "server", statement, values)?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Renames a destination.
    pub async fn destination_rename(&self, scope: &Scope, id: DestinationId, name: Name, now: Timestamp) -> Result<(), Error> {
        let (team, event) = (scope.team().clone(), NewEvent::of(scope, "destination.updated", format!("Destination {name} was renamed")));
        self.write(move |t| {
            let statement = "UPDATE destinations SET name = ?3, updated = ?4 WHERE id = ?1 AND team_id = ?2";
            row::change_one(t, "destination", statement, params![id.as_str(), team.as_str(), name.as_str(), millis(now)])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Deletes a destination without applications; its network goes with the next clean-up.
    ///
    /// # Errors
    /// [`Error::State`] for the protected one; [`Constraint::InUse`] while it has applications.
    pub async fn destination_delete(&self, scope: &Scope, id: DestinationId, now: Timestamp) -> Result<(), Error> {
        let team = scope.team().clone();
        let mut event = NewEvent::of(scope, "destination.deleted", String::new());
        self.write(move |t| {
            let statement = "SELECT * FROM destinations WHERE id = ?1 AND team_id = ?2";
            let known = row::one(t, "destination", statement, params![id.as_str(), team.as_str()], destination)?;
            if known.protected {
                return Err(Error::State("a server keeps the destination it began with, where applications run that name none: rename it instead".into()));
            }
            row::change_one(t, "destination", "DELETE FROM destinations WHERE id = ?1 AND team_id = ?2", params![id.as_str(), team.as_str()])?;
            event.sentence = format!("Destination {} was deleted", known.name);
            insert_event(t, &team, &event, now)
        })
        .await
    }
}
