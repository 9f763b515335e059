//! Variables of applications, and shared ones of teams, projects and environments; values sealed.

use crate::{
    Error, NewEvent, Scope, Store,
    event::insert_event,
    row::{self, Columns, millis},
    seal::Sealer,
};
use jiff::Timestamp;
use model::{ApplicationId, EnvName, EnvironmentId, ProjectId, Record, Secret, Variable, VariableId, variable::Shared, variable::SharedLevel};
use rusqlite::{Connection, params};

/// Whose a shared variable is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SharedOwner {
    /// The scope's team.
    Team,
    /// A project of the team.
    Project(ProjectId),
    /// An environment of the team.
    Environment(EnvironmentId),
}

impl SharedOwner {
    fn level(&self) -> SharedLevel {
        match self {
            Self::Team => SharedLevel::Team,
            Self::Project(_) => SharedLevel::Project,
            Self::Environment(_) => SharedLevel::Environment,
        }
    }
    fn id<'a>(&'a self, scope_team: &'a model::TeamId) -> &'a str {
        match self {
            Self::Team => scope_team.as_str(),
            Self::Project(id) => id.as_str(),
            Self::Environment(id) => id.as_str(),
        }
    }
}

/// A shared variable to be.
#[derive(Debug, Clone)]
pub struct NewSharedVariable {
    /// Its name.
    pub name: EnvName,
    /// Its value.
    pub value: Secret,
    /// Never shown again once saved.
    pub hidden: bool,
    /// May have several lines.
    pub multiline: bool,
    /// What it is for.
    pub comment: String,
}

/// A shared variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedVariableRow {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: EnvName,
    /// Its value.
    pub value: Secret,
    /// Never shown again once saved.
    pub hidden: bool,
    /// May have several lines.
    pub multiline: bool,
    /// What it is for.
    pub comment: String,
}

const VARIABLES: &str = "SELECT * FROM variables WHERE application_id = ?1 AND team_id = ?2 ORDER BY number";

fn variable(r: &Columns<'_>, sealer: &Sealer) -> Result<Variable, Error> {
    let id: VariableId = r.parsed("id")?;
    let value = sealer.open("variables", id.as_str(), "value", &r.bytes("value_sealed")?)?;
    Ok(Variable {
        id,
        name: r.parsed("name")?,
        value,
        build_time: r.flag("build_time")?,
        run_time: r.flag("run_time")?,
        literal: r.flag("literal")?,
        multiline: r.flag("multiline")?,
        hidden: r.flag("hidden")?,
        comment: r.text("comment")?,
    })
}

impl Store {
    /// An application's variables in the order they were added.
    pub async fn variable_list(&self, scope: &Scope, application: ApplicationId) -> Result<Vec<Variable>, Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        self.read(move |c| row::all(c, "variables", VARIABLES, params![application.as_str(), team.as_str()], |r| variable(r, &sealer))).await
    }

    /// The same, each with its number and times.
    pub async fn variable_list_recorded(&self, scope: &Scope, application: ApplicationId) -> Result<Vec<(Variable, Record)>, Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        self.read(move |c| row::all(c, "variables", VARIABLES, params![application.as_str(), team.as_str()], |r| Ok((variable(r, &sealer)?, r.record()?))))
            .await
    }

    /// Adds variables, or replaces those of the same name; all or none. A replaced one keeps its id.
    pub async fn variable_put(&self, scope: &Scope, application: ApplicationId, variables: Vec<Variable>, now: Timestamp) -> Result<(), Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        let names = variables.iter().map(|variable| variable.name.as_str()).collect::<Vec<_>>().join(", ");
        let event = NewEvent::of(scope, "variables.changed", format!("Variables were set: {names}")).about(&application);
        self.write(move |t| {
            own_application(t, &application, &team)?;
            for variable in &variables {
                put(t, &sealer, (&application, &team), variable, now)?;
            }
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Makes an application's variables exactly these; all or none.
    pub async fn variable_replace_all(&self, scope: &Scope, application: ApplicationId, variables: Vec<Variable>, now: Timestamp) -> Result<(), Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        let event = NewEvent::of(scope, "variables.changed", "Variables were edited".into()).about(&application);
        self.write(move |t| {
            own_application(t, &application, &team)?;
            let names: Vec<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
            let statement = "DELETE FROM variables WHERE application_id = ?1 AND name NOT IN (SELECT value FROM json_each(?2))";
            row::change(t, statement, params![application.as_str(), row::to_json("variables", &names)?])?;
            for variable in &variables {
                put(t, &sealer, (&application, &team), variable, now)?;
            }
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Removes a variable of an application.
    pub async fn variable_delete(&self, scope: &Scope, application: ApplicationId, id: VariableId, now: Timestamp) -> Result<(), Error> {
        let team = scope.team().clone();
        let event = NewEvent::of(scope, "variables.changed", "A variable was removed".into()).about(&application);
        self.write(move |t| {
            let statement = "DELETE FROM variables WHERE id = ?1 AND application_id = ?2 AND team_id = ?3";
            row::change_one(t, "variable", statement, params![id.as_str(), application.as_str(), team.as_str()])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// The shared variables of one owner by name.
    pub async fn shared_variable_list(&self, scope: &Scope, owner: SharedOwner) -> Result<Vec<SharedVariableRow>, Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        self.read(move |c| {
            own_owner(c, &owner, &team)?;
            let statement = "SELECT * FROM shared_variables WHERE level = ?1 AND owner_id = ?2 AND team_id = ?3 ORDER BY name";
            row::all(c, "shared_variables", statement, params![owner.level().as_str(), owner.id(&team), team.as_str()], |r| {
                let name: EnvName = r.parsed("name")?;
                let place = shared_place(owner.level(), owner.id(&team), name.as_str());
                Ok(SharedVariableRow {
                    number: r.number("number")?,
                    value: sealer.open("shared_variables", &place, "value", &r.bytes("value_sealed")?)?,
                    name,
                    hidden: r.flag("hidden")?,
                    multiline: r.flag("multiline")?,
                    comment: r.text("comment")?,
                })
            })
        })
        .await
    }

    /// Adds shared variables, or replaces those of the same name; all or none.
    pub async fn shared_variable_put(&self, scope: &Scope, owner: SharedOwner, variables: Vec<NewSharedVariable>, now: Timestamp) -> Result<(), Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        let event = NewEvent::of(scope, "variables.changed", format!("Shared variables of the {} were set", owner.level().as_str()));
        self.write(move |t| {
            own_owner(t, &owner, &team)?;
            for variable in &variables {
                let place = shared_place(owner.level(), owner.id(&team), variable.name.as_str());
                let sealed = sealer.seal("shared_variables", &place, "value", variable.value.expose())?;
                let statement = "INSERT INTO shared_variables (team_id, level, owner_id, name, value_sealed, hidden, multiline, comment)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (level, owner_id, name) DO UPDATE SET
                     value_sealed = excluded.value_sealed, hidden = excluded.hidden, multiline = excluded.multiline, comment = excluded.comment";
                let level = owner.level().as_str();
                let values =
                    params![team.as_str(), level, owner.id(&team), variable.name.as_str(), sealed, variable.hidden, variable.multiline, variable.comment];
                row::change(t, statement, values)?;
            }
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Removes a shared variable of one owner.
    pub async fn shared_variable_delete(&self, scope: &Scope, owner: SharedOwner, number: i64, now: Timestamp) -> Result<(), Error> {
        let team = scope.team().clone();
        let event = NewEvent::of(scope, "variables.changed", "A shared variable was removed".into());
        self.write(move |t| {
            let statement = "DELETE FROM shared_variables WHERE number = ?1 AND level = ?2 AND owner_id = ?3 AND team_id = ?4";
            row::change_one(t, "variable", statement, params![number, owner.level().as_str(), owner.id(&team), team.as_str()])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Every shared variable an application of the team may refer to.
    pub async fn shared_for(&self, scope: &Scope, application: ApplicationId) -> Result<Shared, Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        self.read(move |c| {
            let statement = "SELECT shared_variables.* FROM shared_variables JOIN applications ON applications.id = ?1 AND applications.team_id = ?2
                 WHERE shared_variables.team_id = ?2 AND ((level = 'team' AND owner_id = applications.team_id)
                    OR (level = 'project' AND owner_id = project_id) OR (level = 'environment' AND owner_id = environment_id))";
            let found = row::all(c, "shared_variables", statement, params![application.as_str(), team.as_str()], |r| {
                let (level, owner, name): (SharedLevel, String, EnvName) = (r.word("level")?, r.text("owner_id")?, r.parsed("name")?);
                let value = sealer.open("shared_variables", &shared_place(level, &owner, name.as_str()), "value", &r.bytes("value_sealed")?)?;
                Ok(((level, String::from(name)), value))
            })?;
            Ok(Shared(found.into_iter().collect()))
        })
        .await
    }
}

fn put(t: &Connection, sealer: &Sealer, (application, team): (&ApplicationId, &model::TeamId), new: &Variable, now: Timestamp) -> Result<(), Error> {
    let statement = "SELECT id FROM variables WHERE application_id = ?1 AND name = ?2";
    let known: Option<VariableId> = row::maybe(t, "variables", statement, params![application.as_str(), new.name.as_str()], |r| r.parsed("id"))?;
    let id = known.unwrap_or_else(|| new.id.clone());
    let sealed = sealer.seal("variables", id.as_str(), "value", new.value.expose())?;
    let statement =
        "INSERT INTO variables (id, team_id, application_id, name, value_sealed, build_time, run_time, literal, multiline, hidden, comment, created, updated)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12) ON CONFLICT (application_id, name) DO UPDATE SET value_sealed = excluded.value_sealed,
         build_time = excluded.build_time, run_time = excluded.run_time, literal = excluded.literal, multiline = excluded.multiline, hidden = excluded.hidden,
         comment = excluded.comment, updated = excluded.updated";
    let flags = (new.build_time, new.run_time, new.literal, new.multiline, new.hidden);
    let place = (id.as_str(), team.as_str(), application.as_str(), new.name.as_str());
    row::change(t, statement, params![place.0, place.1, place.2, place.3, sealed, flags.0, flags.1, flags.2, flags.3, flags.4, new.comment, millis(now)])?;
    Ok(())
}

fn own_application(c: &Connection, application: &ApplicationId, team: &model::TeamId) -> Result<(), Error> {
    let statement = "SELECT id FROM applications WHERE id = ?1 AND team_id = ?2";
    row::one(c, "application", statement, params![application.as_str(), team.as_str()], |_| Ok(()))
}

fn own_owner(c: &Connection, owner: &SharedOwner, team: &model::TeamId) -> Result<(), Error> {
    let found = |noun, statement: &str, id: &str| row::one(c, noun, statement, params![id, team.as_str()], |_| Ok(()));
    match owner {
        SharedOwner::Team => Ok(()),
        SharedOwner::Project(id) => found("project", "SELECT id FROM projects WHERE id = ?1 AND team_id = ?2", id.as_str()),
        SharedOwner::Environment(id) => found("environment", "SELECT id FROM environments WHERE id = ?1 AND team_id = ?2", id.as_str()),
    }
}

fn shared_place(level: SharedLevel, owner: &str, name: &str) -> String {
    format!("{}/{owner}/{name}", level.as_str())
}
