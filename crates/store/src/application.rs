//! Applications, their domains and the secrets of their hooks.

use crate::{
    Constraint, Error, NewEvent, Scope, Store, TakenDomain,
    event::insert_event,
    row::{self, Columns, millis},
};
use jiff::Timestamp;
use model::{
    Application, ApplicationId, DeploymentId, DeploymentStatus, DestinationId, Domain, EnvironmentId, Name, Operation, ReleaseId, Secret, ServerId, Settings,
    Slug,
};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

/// An application to be.
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// Its id.
    pub id: ApplicationId,
    /// The environment it belongs to.
    pub environment: EnvironmentId,
    /// Where it runs.
    pub destination: DestinationId,
    /// Its name.
    pub name: Name,
    /// The slug wanted; where it is taken in the environment a number follows it.
    pub slug: Slug,
    /// What it is for.
    pub description: String,
    /// How it is set up.
    pub settings: Settings,
    /// The secrets of its hooks.
    pub hooks: HookSecrets,
    /// SHA-256 of the deploy hook's secret.
    pub deploy_hook_hash: Vec<u8>,
}

/// The secrets of an application's hooks. A forge without one is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookSecrets {
    /// In the path of the deploy hook.
    pub deploy: Secret,
    /// Signs what GitHub sends.
    pub github: Option<Secret>,
    /// Comes along with what GitLab sends.
    pub gitlab: Option<Secret>,
    /// Signs what Gitea and Forgejo send.
    pub gitea: Option<Secret>,
    /// Signs what Bitbucket sends.
    pub bitbucket: Option<Secret>,
}

/// An application as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationRow {
    /// The application.
    pub application: Application,
    /// Its number.
    pub number: i64,
    /// The name of its project.
    pub project_name: Name,
    /// The name of its environment.
    pub environment_name: Name,
    /// The number of its environment.
    pub environment_number: i64,
    /// The number of its destination.
    pub destination_number: i64,
    /// The server it runs on.
    pub server: ServerId,
    /// When its name, description or settings were changed last.
    pub updated: Timestamp,
    /// Its newest deployment.
    pub latest: Option<Latest>,
    /// The number of the release that serves.
    pub live_number: Option<i64>,
}

/// The newest deployment of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// Its id.
    pub id: DeploymentId,
    /// What it does.
    pub operation: Operation,
    /// How far it is.
    pub status: DeploymentStatus,
    /// When it was asked for.
    pub created: Timestamp,
}

const APPLICATION: &str = "SELECT applications.*, projects.name AS project_name, environments.name AS environment_name,
    environments.number AS environment_number, destinations.number AS destination_number, destinations.server_id,
    latest.id AS latest_id, latest.operation AS latest_operation, latest.status AS latest_status, latest.created AS latest_created, live.number AS live_number
    FROM applications JOIN projects ON projects.id = applications.project_id JOIN environments ON environments.id = applications.environment_id
    JOIN destinations ON destinations.id = applications.destination_id LEFT JOIN releases AS live ON live.id = live_release_id
    LEFT JOIN deployments AS latest ON latest.number = (SELECT max(number) FROM deployments WHERE application_id = applications.id)";

pub(crate) fn application(r: &Columns<'_>) -> Result<Application, Error> {
    Ok(Application {
        id: r.parsed("id")?,
        team: r.parsed("team_id")?,
        project: r.parsed("project_id")?,
        environment: r.parsed("environment_id")?,
        destination: r.parsed("destination_id")?,
        name: r.parsed("name")?,
        slug: r.parsed("slug")?,
        description: r.text("description")?,
        settings: r.json("settings")?,
        desired: r.word("desired")?,
        live_release: r.maybe_parsed("live_release_id")?,
        created: r.time("created")?,
    })
}

fn listed(r: &Columns<'_>) -> Result<ApplicationRow, Error> {
    let latest = match r.maybe_parsed("latest_id")? {
        Some(id) => Some(Latest { id, operation: r.parsed("latest_operation")?, status: r.parsed("latest_status")?, created: r.time("latest_created")? }),
        None => None,
    };
    Ok(ApplicationRow {
        application: application(r)?,
        number: r.number("number")?,
        project_name: r.parsed("project_name")?,
        environment_name: r.parsed("environment_name")?,
        environment_number: r.number("environment_number")?,
        destination_number: r.number("destination_number")?,
        server: r.parsed("server_id")?,
        updated: r.time("updated")?,
        latest,
        live_number: r.maybe_number("live_number")?,
    })
}

impl Store {
    /// The team's applications by name.
    pub async fn application_list(&self, scope: &Scope) -> Result<Vec<ApplicationRow>, Error> {
        let team = scope.team().clone();
        let statement = format!("{APPLICATION} WHERE applications.team_id = ?1 ORDER BY applications.name, applications.number");
        self.read(move |c| row::all(c, "applications", &statement, [team.as_str()], listed)).await
    }

    /// The applications of an environment of the team by name.
    pub async fn application_list_in(&self, scope: &Scope, environment: EnvironmentId) -> Result<Vec<ApplicationRow>, Error> {
        let team = scope.team().clone();
        let statement =
            format!("{APPLICATION} WHERE applications.team_id = ?1 AND applications.environment_id = ?2 ORDER BY applications.name, applications.number");
        self.read(move |c| row::all(c, "applications", &statement, params![team.as_str(), environment.as_str()], listed)).await
    }

    /// An application of the team.
    pub async fn application_fetch(&self, scope: &Scope, id: ApplicationId) -> Result<ApplicationRow, Error> {
        let team = scope.team().clone();
        let statement = format!("{APPLICATION} WHERE applications.id = ?1 AND applications.team_id = ?2");
        self.read(move |c| row::one(c, "application", &statement, params![id.as_str(), team.as_str()], listed)).await
    }

    /// Makes an application. The slug it got is answered.
    ///
    /// # Errors
    /// [`Error::NotFound`] where environment or destination is not the team's; [`Constraint::Domains`] where a domain is taken.
    pub async fn application_create(&self, scope: &Scope, new: NewApplication, now: Timestamp) -> Result<Slug, Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        let event = NewEvent::of(scope, "application.created", format!("{} was made", new.name)).about(&new.id);
        self.write(move |t| {
            let slug = free_slug(t, &new.environment, &new.slug)?;
            let hooks = sealer.seal("applications", new.id.as_str(), "hooks", &row::to_json("applications", &new.hooks)?)?;
            let statement = "INSERT INTO applications (id, team_id, project_id, environment_id, destination_id, name, slug, description, settings, desired,
                    hooks_sealed, deploy_hook_hash, created, updated)
                 SELECT ?1, environments.team_id, project_id, environments.id, destinations.id, ?5, ?6, ?7, ?8, 'nothing', ?9, ?10, ?11, ?11
                 FROM environments, destinations WHERE environments.id = ?2 AND destinations.id = ?3 AND environments.team_id = ?4 AND destinations.team_id = ?4";
            let values = params![
                new.id.as_str(),
                new.environment.as_str(),
                new.destination.as_str(),
                team.as_str(),
                new.name.as_str(),
                slug.as_str(),
                new.description,
                row::to_json("applications", &new.settings)?,
                hooks,
                new.deploy_hook_hash,
                millis(now)
            ];
            row::change_one(t, "environment or destination", statement, values)?;
            write_domains(t, &new.id, &new.settings)?;
            insert_event(t, &team, &event, now)?;
            Ok(slug)
        })
        .await
    }

    /// Changes an application's name, description and settings.
    ///
    /// # Errors
    /// [`Constraint::Domains`] where a domain is taken.
    pub async fn application_update(
        &self,
        scope: &Scope,
        id: ApplicationId,
        name: Name,
        description: String,
        settings: Settings,
        now: Timestamp,
    ) -> Result<(), Error> {
        let team = scope.team().clone();
        let event = NewEvent::of(scope, "application.updated", format!("{name} was changed")).about(&id);
        self.write(move |t| {
            let statement = "UPDATE applications SET name = ?3, description = ?4, settings = ?5, updated = ?6 WHERE id = ?1 AND team_id = ?2";
            let settings_json = row::to_json("applications", &settings)?;
            row::change_one(t, "application", statement, params![id.as_str(), team.as_str(), name.as_str(), description, settings_json, millis(now)])?;
            write_domains(t, &id, &settings)?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Moves an application to another environment of the team.
    pub async fn application_move(&self, scope: &Scope, id: ApplicationId, environment: EnvironmentId, now: Timestamp) -> Result<(), Error> {
        let team = scope.team().clone();
        let event = NewEvent::of(scope, "application.moved", "An application was moved".into()).about(&id);
        self.write(move |t| {
            let slug = row::one(t, "application", "SELECT slug FROM applications WHERE id = ?1 AND team_id = ?2", params![id.as_str(), team.as_str()], |r| {
                r.parsed::<Slug>("slug")
            })?;
            let slug = free_slug(t, &environment, &slug)?;
            let statement = "UPDATE applications SET environment_id = target.id, project_id = target.project_id, slug = ?4
                 FROM (SELECT id, project_id FROM environments WHERE id = ?3 AND team_id = ?2) AS target WHERE applications.id = ?1 AND team_id = ?2";
            row::change_one(t, "environment", statement, params![id.as_str(), team.as_str(), environment.as_str(), slug.as_str()])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// The secrets of an application's hooks.
    pub async fn application_hooks(&self, scope: &Scope, id: ApplicationId) -> Result<HookSecrets, Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        self.read(move |c| {
            let statement = "SELECT hooks_sealed FROM applications WHERE id = ?1 AND team_id = ?2";
            row::one(c, "application", statement, params![id.as_str(), team.as_str()], |r| {
                let opened = sealer.open("applications", id.as_str(), "hooks", &r.bytes("hooks_sealed")?)?;
                r.decode("hooks", opened.expose())
            })
        })
        .await
    }

    /// Replaces the secrets of an application's hooks.
    pub async fn application_hooks_set(
        &self,
        scope: &Scope,
        id: ApplicationId,
        hooks: HookSecrets,
        deploy_hook_hash: Vec<u8>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        let event = NewEvent::of(scope, "application.hooks", "Hook secrets were changed".into()).about(&id);
        self.write(move |t| {
            let sealed = sealer.seal("applications", id.as_str(), "hooks", &row::to_json("applications", &hooks)?)?;
            let statement = "UPDATE applications SET hooks_sealed = ?3, deploy_hook_hash = ?4 WHERE id = ?1 AND team_id = ?2";
            row::change_one(t, "application", statement, params![id.as_str(), team.as_str(), sealed, deploy_hook_hash])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// The application whose deploy hook has a secret of this hash: knowing the secret is the authentication, so a scope comes with it.
    pub async fn hook_authenticate(&self, deploy_hook_hash: Vec<u8>) -> Result<Option<(Scope, ApplicationId)>, Error> {
        let statement = "SELECT id, team_id FROM applications WHERE deploy_hook_hash = ?1";
        self.read(move |c| row::maybe(c, "applications", statement, [deploy_hook_hash], |r| Ok((Scope::wharf(r.parsed("team_id")?), r.parsed("id")?)))).await
    }

    /// The application a forge's webhook names in its path, with the secrets to check the signature by; the caller uses the scope only once it is checked.
    pub async fn webhook_application(&self, id: ApplicationId) -> Result<Option<(Scope, HookSecrets)>, Error> {
        let sealer = self.sealer.clone();
        self.read(move |c| {
            row::maybe(c, "applications", "SELECT team_id, hooks_sealed FROM applications WHERE id = ?1", [id.as_str()], |r| {
                let opened = sealer.open("applications", id.as_str(), "hooks", &r.bytes("hooks_sealed")?)?;
                Ok((Scope::wharf(r.parsed("team_id")?), r.decode("hooks", opened.expose())?))
            })
        })
        .await
    }

    /// Remembers a webhook delivery; false where it was taken before. Deliveries older than `forget` are dropped.
    pub async fn delivery_take(&self, scope: &Scope, application: ApplicationId, delivery: String, now: Timestamp, forget: Timestamp) -> Result<bool, Error> {
        let team = scope.team().clone();
        self.write_quietly(move |t| {
            row::change(t, "DELETE FROM deliveries WHERE at < ?1", [millis(forget)])?;
            let statement = "INSERT INTO deliveries (application_id, delivery, at) SELECT id, ?2, ?3 FROM applications WHERE id = ?1 AND team_id = ?4
                 ON CONFLICT (application_id, delivery) DO NOTHING";
            Ok(row::change(t, statement, params![application.as_str(), delivery, millis(now), team.as_str()])? == 1)
        })
        .await
    }

    /// Forgets a webhook delivery that was taken and came to nothing.
    pub async fn delivery_forget(&self, scope: &Scope, application: ApplicationId, delivery: String) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write_quietly(move |t| {
            let statement = "DELETE FROM deliveries WHERE application_id = ?1 AND delivery = ?2
                 AND EXISTS (SELECT 1 FROM applications WHERE id = ?1 AND team_id = ?3)";
            row::change(t, statement, params![application.as_str(), delivery, team.as_str()]).map(drop)
        })
        .await
    }

    /// The release that serves, and what is wanted, once a deployment has switched.
    pub async fn application_live_set(
        &self,
        scope: &Scope,
        id: ApplicationId,
        live: Option<ReleaseId>,
        desired: model::application::Desired,
    ) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| {
            let statement = "UPDATE applications SET live_release_id = coalesce(?3, live_release_id), desired = ?4 WHERE id = ?1 AND team_id = ?2";
            let desired = serde_json::to_value(desired).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
            row::change_one(t, "application", statement, params![id.as_str(), team.as_str(), live.map(String::from), desired])
        })
        .await
    }

    /// Forgets an application and everything of it but its events.
    pub async fn application_forget(&self, scope: &Scope, id: ApplicationId, now: Timestamp) -> Result<(), Error> {
        let team = scope.team().clone();
        let event = NewEvent::of(scope, "application.deleted", "An application was deleted".into()).about(&id);
        self.write(move |t| {
            row::change_one(t, "application", "DELETE FROM applications WHERE id = ?1 AND team_id = ?2", params![id.as_str(), team.as_str()])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }
}

fn free_slug(t: &Connection, environment: &EnvironmentId, wanted: &Slug) -> Result<Slug, Error> {
    let taken: Vec<String> =
        row::all(t, "applications", "SELECT slug FROM applications WHERE environment_id = ?1", [environment.as_str()], |r| r.text("slug"))?;
    let numbered = (2..).map(|number| {
        let suffix = format!("-{number}");
        let base: String = wanted.as_str().chars().take(model::name::SLUG_LENGTH_CHARACTERS - suffix.len()).collect();
        format!("{}{suffix}", base.trim_end_matches('-'))
    });
    let free = std::iter::once(wanted.to_string()).chain(numbered).find(|slug| !taken.contains(slug));
    free.unwrap_or_default().parse().map_err(|why: model::Invalid| Error::State(why.0))
}

fn write_domains(t: &Connection, id: &ApplicationId, settings: &Settings) -> Result<(), Error> {
    row::change(t, "DELETE FROM domains WHERE application_id = ?1", [id.as_str()])?;
    let mut taken = Vec::new();
    for domain in &settings.domains {
        if let Some(found) = taken_domain(t, id, domain)? {
            taken.push(found);
            continue;
        }
        let mut insert = t.prepare_cached("INSERT INTO domains (host, path, application_id) VALUES (?1, ?2, ?3)")?;
        insert.execute(params![domain.host.as_str(), domain.path.as_str(), id.as_str()])?;
    }
    if taken.is_empty() { Ok(()) } else { Err(Error::Conflict(Constraint::Domains(taken))) }
}

/// Who has a domain; an application of another team is not named.
fn taken_domain(t: &Connection, own: &ApplicationId, domain: &Domain) -> Result<Option<TakenDomain>, Error> {
    let statement =
        "SELECT other.name, other.id, other.team_id = own.team_id AS same FROM domains JOIN applications AS other ON other.id = domains.application_id,
         applications AS own WHERE host = ?1 AND path = ?2 AND own.id = ?3";
    row::maybe(t, "domains", statement, params![domain.host.as_str(), domain.path.as_str(), own.as_str()], |r| {
        let path = if domain.path.is_root() { "" } else { domain.path.as_str() };
        let application = if r.flag("same")? { Some((r.parsed("id")?, r.text("name")?)) } else { None };
        Ok(TakenDomain { domain: format!("{}{path}", domain.host), application })
    })
}
