//! Events: written in the transaction that makes them true.

use crate::{
    Error, Scope, Store,
    row::{self, Columns, millis},
};
use jiff::Timestamp;
use model::{ApplicationId, DeploymentId, Event, TeamId};
use rusqlite::{Connection, params};

/// An event to be.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// What changed.
    pub kind: &'static str,
    /// Who did it.
    pub actor: String,
    /// A sentence without secrets.
    pub sentence: String,
    /// The application concerned.
    pub application: Option<ApplicationId>,
    /// The deployment concerned.
    pub deployment: Option<DeploymentId>,
}

impl NewEvent {
    /// An event of this scope's actor.
    pub fn of(scope: &Scope, kind: &'static str, sentence: String) -> Self {
        Self { kind, actor: scope.actor_name().to_owned(), sentence, application: None, deployment: None }
    }
    /// The same, about an application.
    pub fn about(mut self, application: &ApplicationId) -> Self {
        self.application = Some(application.clone());
        self
    }
}

pub(crate) fn insert_event(t: &Connection, team: &TeamId, event: &NewEvent, now: Timestamp) -> Result<(), Error> {
    row::change(
        t,
        "INSERT INTO events (at, team_id, kind, actor, sentence, application_id, deployment_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            millis(now),
            team.as_str(),
            event.kind,
            event.actor,
            event.sentence,
            event.application.as_ref().map(ApplicationId::as_str),
            event.deployment.as_ref().map(DeploymentId::as_str)
        ],
    )?;
    Ok(())
}

fn event(r: &Columns<'_>) -> Result<Event, Error> {
    Ok(Event {
        id: r.number("id")?,
        at: r.time("at")?,
        team: r.parsed("team_id")?,
        kind: r.text("kind")?,
        actor: r.text("actor")?,
        sentence: r.text("sentence")?,
        application: r.maybe_parsed("application_id")?,
        deployment: r.maybe_parsed("deployment_id")?,
    })
}

impl Store {
    /// Writes an event of its own, for what changes no row here.
    pub async fn event_record(&self, scope: &Scope, new: NewEvent, now: Timestamp) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| insert_event(t, &team, &new, now)).await
    }

    /// The team's events after this one, oldest first; at most `limit`.
    pub async fn event_list_after(&self, scope: &Scope, after: i64, limit: u32) -> Result<Vec<Event>, Error> {
        let team = scope.team().clone();
        let statement = "SELECT * FROM events WHERE team_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
        self.read(move |c| row::all(c, "events", statement, params![team.as_str(), after, limit], event)).await
    }

    /// The team's events before this one (all when absent), newest first, of one application or of all; at most `limit`.
    pub async fn event_list_before(&self, scope: &Scope, before: Option<i64>, application: Option<ApplicationId>, limit: u32) -> Result<Vec<Event>, Error> {
        let team = scope.team().clone();
        let statement = "SELECT * FROM events WHERE team_id = ?1 AND id < ?2 AND (?3 IS NULL OR application_id = ?3) ORDER BY id DESC LIMIT ?4";
        let application = application.map(String::from);
        self.read(move |c| row::all(c, "events", statement, params![team.as_str(), before.unwrap_or(i64::MAX), application, limit], event)).await
    }

    /// The id of the team's newest event; 0 when there is none.
    pub async fn event_newest(&self, scope: &Scope) -> Result<i64, Error> {
        let team = scope.team().clone();
        self.read(move |c| row::one(c, "events", "SELECT coalesce(max(id), 0) AS n FROM events WHERE team_id = ?1", [team.as_str()], |r| r.number("n"))).await
    }
}
