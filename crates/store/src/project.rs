//! Projects and their environments.

use crate::{
    Error, NewEvent, Scope, Store,
    event::insert_event,
    row::{self, Columns, millis},
};
use jiff::Timestamp;
use model::{EnvironmentId, Name, ProjectId};
use rusqlite::params;

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRow {
    /// Its id.
    pub id: ProjectId,
    /// Its number, by which Coolify's API also names it.
    pub number: i64,
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub updated: Timestamp,
    /// How many applications it has.
    pub applications: i64,
}

/// An environment of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentRow {
    /// Its id.
    pub id: EnvironmentId,
    /// Its number.
    pub number: i64,
    /// The project.
    pub project: ProjectId,
    /// The project's number.
    pub project_number: i64,
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// The one that cannot be deleted.
    pub protected: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub updated: Timestamp,
    /// How many applications it has.
    pub applications: i64,
}

const PROJECT: &str = "SELECT projects.*, (SELECT count(*) FROM applications WHERE project_id = projects.id) AS applications FROM projects";
const ENVIRONMENT: &str = "SELECT environments.*, (SELECT count(*) FROM applications WHERE environment_id = environments.id) AS applications,
    (SELECT number FROM projects WHERE projects.id = project_id) AS project_number FROM environments";

fn project(r: &Columns<'_>) -> Result<ProjectRow, Error> {
    Ok(ProjectRow {
        id: r.parsed("id")?,
        number: r.number("number")?,
        name: r.parsed("name")?,
        description: r.text("description")?,
        created: r.time("created")?,
        updated: r.time("updated")?,
        applications: r.number("applications")?,
    })
}

fn environment(r: &Columns<'_>) -> Result<EnvironmentRow, Error> {
    Ok(EnvironmentRow {
        id: r.parsed("id")?,
        number: r.number("number")?,
        project: r.parsed("project_id")?,
        project_number: r.number("project_number")?,
        name: r.parsed("name")?,
        description: r.text("description")?,
        protected: r.flag("is_protected")?,
        created: r.time("created")?,
        updated: r.time("updated")?,
        applications: r.number("applications")?,
    })
}

impl Store {
    /// The team's projects by name.
    pub async fn project_list(&self, scope: &Scope) -> Result<Vec<ProjectRow>, Error> {
        let team = scope.team().clone();
        self.read(move |c| row::all(c, "projects", &format!("{PROJECT} WHERE team_id = ?1 ORDER BY name"), [team.as_str()], project)).await
    }

    /// A project of the team.
    pub async fn project_fetch(&self, scope: &Scope, id: ProjectId) -> Result<ProjectRow, Error> {
        let team = scope.team().clone();
        self.read(move |c| row::one(c, "project", &format!("{PROJECT} WHERE id = ?1 AND team_id = ?2"), params![id.as_str(), team.as_str()], project)).await
    }

    /// Makes a project with its environment `production`.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the name is taken.
    pub async fn project_create(
        &self,
        scope: &Scope,
        id: ProjectId,
        environment: EnvironmentId,
        name: Name,
        description: String,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (team, event) = (scope.team().clone(), NewEvent::of(scope, "project.created", format!("Project {name} was made")));
        self.write(move |t| {
            let statement = "INSERT INTO projects (id, team_id, name, description, created, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
            row::change(t, statement, params![id.as_str(), team.as_str(), name.as_str(), description, millis(now)])?;
            let statement =
                "INSERT INTO environments (id, team_id, project_id, name, is_protected, created, updated) VALUES (?1, ?2, ?3, 'production', 1, ?4, ?4)";
            row::change(t, statement, params![environment.as_str(), team.as_str(), id.as_str(), millis(now)])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Renames and describes a project.
    pub async fn project_update(&self, scope: &Scope, id: ProjectId, name: Name, description: String, now: Timestamp) -> Result<(), Error> {
        let (team, event) = (scope.team().clone(), NewEvent::of(scope, "project.updated", format!("Project {name} was changed")));
        self.write(move |t| {
            let statement = "UPDATE projects SET name = ?3, description = ?4, updated = ?5 WHERE id = ?1 AND team_id = ?2";
            row::change_one(t, "project", statement, params![id.as_str(), team.as_str(), name.as_str(), description, millis(now)])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Deletes a project without applications.
    ///
    /// # Errors
    /// [`Error::Conflict`] ([`crate::Constraint::InUse`]) while it has applications.
    pub async fn project_delete(&self, scope: &Scope, id: ProjectId, now: Timestamp) -> Result<(), Error> {
        let (team, event) = (scope.team().clone(), NewEvent::of(scope, "project.deleted", "A project was deleted".into()));
        self.write(move |t| {
            row::change(t, "DELETE FROM shared_variables WHERE owner_id = ?1 AND team_id = ?2", params![id.as_str(), team.as_str()])?;
            let statement = "DELETE FROM shared_variables WHERE team_id = ?2 AND owner_id IN (SELECT id FROM environments WHERE project_id = ?1)";
            row::change(t, statement, params![id.as_str(), team.as_str()])?;
            row::change_one(t, "project", "DELETE FROM projects WHERE id = ?1 AND team_id = ?2", params![id.as_str(), team.as_str()])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// A project's environments, oldest first.
    pub async fn environment_list(&self, scope: &Scope, of: ProjectId) -> Result<Vec<EnvironmentRow>, Error> {
        let team = scope.team().clone();
        let statement = format!("{ENVIRONMENT} WHERE project_id = ?1 AND team_id = ?2 ORDER BY number");
        self.read(move |c| row::all(c, "environments", &statement, params![of.as_str(), team.as_str()], environment)).await
    }

    /// Every environment of the team, oldest first.
    pub async fn environment_list_all(&self, scope: &Scope) -> Result<Vec<EnvironmentRow>, Error> {
        let team = scope.team().clone();
        self.read(move |c| row::all(c, "environments", &format!("{ENVIRONMENT} WHERE team_id = ?1 ORDER BY number"), [team.as_str()], environment)).await
    }

    /// An environment of the team.
    pub async fn environment_fetch(&self, scope: &Scope, id: EnvironmentId) -> Result<EnvironmentRow, Error> {
        let team = scope.team().clone();
        let statement = format!("{ENVIRONMENT} WHERE id = ?1 AND team_id = ?2");
        self.read(move |c| row::one(c, "environment", &statement, params![id.as_str(), team.as_str()], environment)).await
    }

    /// Makes an environment.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the project is not the team's, [`Error::Conflict`] where the name is taken.
    pub async fn environment_create(
        &self,
        scope: &Scope,
        id: EnvironmentId,
        of: ProjectId,
        name: Name,
        description: String,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (team, event) = (scope.team().clone(), NewEvent::of(scope, "environment.created", format!("Environment {name} was made")));
        self.write(move |t| {
            let statement = "INSERT INTO environments (id, team_id, project_id, name, description, created, updated)
                 SELECT ?1, team_id, id, ?4, ?5, ?6, ?6 FROM projects WHERE id = ?2 AND team_id = ?3";
            row::change_one(t, "project", statement, params![id.as_str(), of.as_str(), team.as_str(), name.as_str(), description, millis(now)])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Renames and describes an environment.
    pub async fn environment_update(&self, scope: &Scope, id: EnvironmentId, name: Name, description: String, now: Timestamp) -> Result<(), Error> {
        let (team, event) = (scope.team().clone(), NewEvent::of(scope, "environment.updated", format!("Environment {name} was changed")));
        self.write(move |t| {
            let statement = "UPDATE environments SET name = ?3, description = ?4, updated = ?5 WHERE id = ?1 AND team_id = ?2";
            row::change_one(t, "environment", statement, params![id.as_str(), team.as_str(), name.as_str(), description, millis(now)])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Deletes an environment without applications.
    ///
    /// # Errors
    /// [`Error::State`] for the protected one, [`Error::Conflict`] while it has applications.
    pub async fn environment_delete(&self, scope: &Scope, id: EnvironmentId, now: Timestamp) -> Result<(), Error> {
        let (team, event) = (scope.team().clone(), NewEvent::of(scope, "environment.deleted", "An environment was deleted".into()));
        self.write(move |t| {
            let statement = "SELECT is_protected FROM environments WHERE id = ?1 AND team_id = ?2";
            if row::one(t, "environment", statement, params![id.as_str(), team.as_str()], |r| r.flag("is_protected"))? {
                return Err(Error::State("a project keeps its first environment: rename it, or delete the whole project".into()));
            }
            row::change(t, "DELETE FROM shared_variables WHERE owner_id = ?1 AND team_id = ?2", params![id.as_str(), team.as_str()])?;
            row::change_one(t, "environment", "DELETE FROM environments WHERE id = ?1 AND team_id = ?2", params![id.as_str(), team.as_str()])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }
}
