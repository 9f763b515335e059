//! Deployments: the queue and the history.

use crate::{
    Error, NewEvent, NewRelease, Scope, Store,
    event::insert_event,
    release::insert_release,
    row::{self, Columns, millis},
};
use jiff::Timestamp;
use model::{ApplicationId, Cause, CommitSha, Deployment, DeploymentId, DeploymentStatus, Name, Operation, Plan, ReleaseId};
use rusqlite::{Connection, params};

/// A deployment to be.
#[derive(Debug, Clone)]
pub struct NewDeployment {
    /// Its id.
    pub id: DeploymentId,
    /// Of which application.
    pub application: ApplicationId,
    /// What it does.
    pub operation: Operation,
    /// A release frozen for it.
    pub fresh_release: Option<NewRelease>,
    /// A release that exists, for rollbacks, restarts and starts.
    pub release: Option<ReleaseId>,
    /// Builds without cache and replaces containers though nothing changed.
    pub force: bool,
    /// A delete takes the volumes along.
    pub with_volumes: bool,
    /// Why it exists.
    pub cause: Cause,
    /// Queued deploys of earlier pushes give way to it.
    pub supersedes: bool,
}

/// A deployment as lists and pages show it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeploymentRow {
    /// The deployment.
    pub deployment: Deployment,
    /// Its number in the order of all.
    pub number: i64,
    /// The application's name.
    pub application_name: Name,
    /// The application's number.
    pub application_number: i64,
    /// The number of the destination.
    pub destination_number: i64,
    /// The number of the server.
    pub server_number: i64,
    /// The server's name.
    pub server_name: Name,
    /// The name of its project.
    pub project_name: Name,
    /// The name of its environment.
    pub environment_name: Name,
    /// The release's number.
    pub release_number: Option<i64>,
    /// The commit.
    pub commit: Option<CommitSha>,
    /// First line of the commit's message.
    pub commit_message: Option<String>,
    /// How many are before it in the queue.
    pub ahead: i64,
}

const DEPLOYMENT: &str = "SELECT deployments.*, applications.name AS application_name, applications.number AS application_number,
    projects.name AS project_name, environments.name AS environment_name,
    destinations.number AS destination_number, servers.number AS server_number, servers.name AS server_name,
    releases.number AS release_number, commit_sha, commit_message,
    CASE status WHEN 'queued' THEN (SELECT count(*) FROM deployments AS other WHERE other.status IN ('queued', 'running') AND other.number < deployments.number) ELSE 0 END AS ahead
    FROM deployments JOIN applications ON applications.id = deployments.application_id
    JOIN projects ON projects.id = applications.project_id JOIN environments ON environments.id = applications.environment_id
    JOIN destinations ON destinations.id = applications.destination_id JOIN servers ON servers.id = destinations.server_id
    LEFT JOIN releases ON releases.id = release_id";

pub(crate) fn deployment(r: &Columns<'_>) -> Result<Deployment, Error> {
    Ok(Deployment {
        id: r.parsed("id")?,
        team: r.parsed("team_id")?,
        application: r.parsed("application_id")?,
        release: r.maybe_parsed("release_id")?,
        operation: r.parsed("operation")?,
        force: r.flag("force")?,
        cause: Cause { by: r.word("cause_by")?, actor: r.text("cause_actor")? },
        status: r.parsed("status")?,
        reason: r.maybe_text("reason")?,
        cancel_requested: r.flag("cancel_requested")?,
        created: r.time("created")?,
        started: r.maybe_time("started")?,
        finished: r.maybe_time("finished")?,
    })
}

fn listed(r: &Columns<'_>) -> Result<DeploymentRow, Error> {
    Ok(DeploymentRow {
        deployment: deployment(r)?,
        number: r.number("number")?,
        application_name: r.parsed("application_name")?,
        application_number: r.number("application_number")?,
        destination_number: r.number("destination_number")?,
        server_number: r.number("server_number")?,
        server_name: r.parsed("server_name")?,
        project_name: r.parsed("project_name")?,
        environment_name: r.parsed("environment_name")?,
        release_number: r.maybe_number("release_number")?,
        commit: r.maybe_parsed("commit_sha")?,
        commit_message: r.maybe_text("commit_message")?,
        ahead: r.number("ahead")?,
    })
}

impl Store {
    /// Queues a deployment, with its release where it brings one, in one transaction.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the application or the release is not the team's; [`Error::State`] where a delete is queued or runs.
    pub async fn deployment_create(&self, scope: &Scope, new: NewDeployment, now: Timestamp) -> Result<(), Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        let sentence = format!("{} was queued by {}", capitalised(new.operation.as_str()), new.cause.actor);
        let mut event = NewEvent::of(scope, "deployment.queued", sentence).about(&new.application);
        event.deployment = Some(new.id.clone());
        self.write(move |t| {
            let statement = "SELECT count(*) AS n FROM deployments WHERE application_id = ?1 AND operation = 'delete' AND status IN ('queued', 'running')";
            if row::one(t, "deployments", statement, [new.application.as_str()], |r| r.number("n"))? > 0 {
                return Err(Error::State("the application is being deleted".into()));
            }
            if let Some(release) = &new.fresh_release {
                insert_release(t, &sealer, &team, &new.application, release, now)?;
            }
            if new.supersedes {
                let statement = "UPDATE deployments SET status = 'superseded', finished = ?2, reason = 'A newer push took its place'
                     WHERE application_id = ?1 AND status = 'queued' AND operation = 'deploy' AND cause_by = 'push'";
                row::change(t, statement, params![new.application.as_str(), millis(now)])?;
            }
            insert(t, &team, &new, now)?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Queues a start that nobody asked for, unless somebody asked for something else meanwhile: the application is meant to run, this release is live and
    /// nothing is queued or runs. All of it is looked at in the transaction that queues. Whether it was queued is answered.
    pub async fn deployment_create_unasked(&self, scope: &Scope, new: NewDeployment, now: Timestamp) -> Result<bool, Error> {
        let team = scope.team().clone();
        let mut event = NewEvent::of(scope, "deployment.queued", "Containers were missing: a start was queued".into()).about(&new.application);
        event.deployment = Some(new.id.clone());
        self.write(move |t| {
            let statement = "SELECT count(*) AS n FROM applications WHERE id = ?1 AND team_id = ?2 AND desired = 'running' AND live_release_id = ?3
                 AND NOT EXISTS (SELECT 1 FROM deployments WHERE application_id = ?1 AND status IN ('queued', 'running'))";
            let release = new.release.as_ref().map(ReleaseId::as_str);
            if row::one(t, "applications", statement, params![new.application.as_str(), team.as_str(), release], |r| r.number("n"))? == 0 {
                return Ok(false);
            }
            insert(t, &team, &new, now)?;
            insert_event(t, &team, &event, now)?;
            Ok(true)
        })
        .await
    }

    /// A deployment of the team.
    pub async fn deployment_fetch(&self, scope: &Scope, id: DeploymentId) -> Result<DeploymentRow, Error> {
        let team = scope.team().clone();
        let statement = format!("{DEPLOYMENT} WHERE deployments.id = ?1 AND deployments.team_id = ?2");
        self.read(move |c| row::one(c, "deployment", &statement, params![id.as_str(), team.as_str()], listed)).await
    }

    /// The plan of a deployment of the team, once there is one.
    pub async fn deployment_plan(&self, scope: &Scope, id: DeploymentId) -> Result<Option<Plan>, Error> {
        let team = scope.team().clone();
        self.read(move |c| {
            let statement = "SELECT plan FROM deployments WHERE id = ?1 AND team_id = ?2";
            row::one(c, "deployment", statement, params![id.as_str(), team.as_str()], |r| r.maybe_text("plan")?.map(|text| r.decode("plan", &text)).transpose())
        })
        .await
    }

    /// Deployments of the team before this number (the newest when absent), newest first, of one application or of all; at most `limit`.
    pub async fn deployment_list(
        &self,
        scope: &Scope,
        application: Option<ApplicationId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<DeploymentRow>, Error> {
        let team = scope.team().clone();
        let statement = format!(
            "{DEPLOYMENT} WHERE deployments.team_id = ?1 AND (?2 IS NULL OR deployments.application_id = ?2) AND deployments.number < ?3
             ORDER BY deployments.number DESC LIMIT ?4"
        );
        let application = application.map(String::from);
        self.read(move |c| row::all(c, "deployments", &statement, params![team.as_str(), application, before.unwrap_or(i64::MAX), limit], listed)).await
    }

    /// The deployments of the team, of one application or of all, that made live what is live now: of each live release the newest that went well.
    pub async fn deployments_live(&self, scope: &Scope, application: Option<ApplicationId>) -> Result<Vec<DeploymentId>, Error> {
        let team = scope.team().clone();
        let statement = "SELECT (SELECT id FROM deployments WHERE application_id = applications.id AND release_id = applications.live_release_id
                                 AND status = 'finished' AND operation <> 'stop' ORDER BY number DESC LIMIT 1) AS id
                         FROM applications WHERE team_id = ?1 AND live_release_id IS NOT NULL AND (?2 IS NULL OR applications.id = ?2)";
        let application = application.map(String::from);
        let found = self.read(move |c| row::all(c, "deployments", statement, params![team.as_str(), application], |r| r.maybe_parsed("id"))).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// How many deployments an application of the team has had.
    pub async fn deployment_count(&self, scope: &Scope, application: ApplicationId) -> Result<i64, Error> {
        let team = scope.team().clone();
        let statement = "SELECT count(*) AS n FROM deployments WHERE application_id = ?1 AND team_id = ?2";
        self.read(move |c| row::one(c, "deployments", statement, params![application.as_str(), team.as_str()], |r| r.number("n"))).await
    }

    /// Deployments of the team that are queued or run, oldest first.
    pub async fn deployment_list_open(&self, scope: &Scope) -> Result<Vec<DeploymentRow>, Error> {
        let team = scope.team().clone();
        let statement = format!("{DEPLOYMENT} WHERE deployments.team_id = ?1 AND status IN ('queued', 'running') ORDER BY deployments.number");
        self.read(move |c| row::all(c, "deployments", &statement, [team.as_str()], listed)).await
    }

    /// Asks for a cancel: a queued deployment ends at once, a running one is told. The status after it is answered.
    ///
    /// # Errors
    /// [`Error::State`] where it ended already, or is a delete that runs.
    pub async fn deployment_cancel(&self, scope: &Scope, id: DeploymentId, now: Timestamp) -> Result<DeploymentStatus, Error> {
        let team = scope.team().clone();
        let mut event = NewEvent::of(scope, "deployment.cancel", "A deployment is being cancelled".into());
        event.deployment = Some(id.clone());
        self.write(move |t| {
            let statement = "SELECT * FROM deployments WHERE id = ?1 AND team_id = ?2";
            let known = row::one(t, "deployment", statement, params![id.as_str(), team.as_str()], deployment)?;
            if known.status.ended() {
                return Err(Error::State(format!("the deployment has ended already: {}", known.status.as_str())));
            }
            event.application = Some(known.application);
            insert_event(t, &team, &event, now)?;
            if known.status == DeploymentStatus::Queued {
                let statement =
                    "UPDATE deployments SET status = 'cancelled', finished = ?2, cancel_requested = 1, reason = 'Cancelled before it began' WHERE id = ?1";
                row::change_one(t, "deployment", statement, params![id.as_str(), millis(now)])?;
                return Ok(DeploymentStatus::Cancelled);
            }
            row::change_one(t, "deployment", "UPDATE deployments SET cancel_requested = 1 WHERE id = ?1", [id.as_str()])?;
            Ok(DeploymentStatus::Running)
        })
        .await
    }
}

fn insert(t: &Connection, team: &model::TeamId, new: &NewDeployment, now: Timestamp) -> Result<(), Error> {
    let release = new.fresh_release.as_ref().map(|release| &release.id).or(new.release.as_ref()).map(ReleaseId::as_str);
    let statement = "INSERT INTO deployments (id, team_id, application_id, release_id, operation, force, with_volumes, cause_by, cause_actor, status, created)
         SELECT ?1, team_id, id, ?4, ?5, ?6, ?7, ?8, ?9, 'queued', ?10 FROM applications WHERE id = ?2 AND team_id = ?3
         AND (?4 IS NULL OR EXISTS (SELECT 1 FROM releases WHERE releases.id = ?4 AND application_id = ?2))";
    let (operation, by) = (new.operation.as_str(), new.cause.by.as_str());
    let values =
        params![new.id.as_str(), new.application.as_str(), team.as_str(), release, operation, new.force, new.with_volumes, by, new.cause.actor, millis(now)];
    row::change_one(t, "application or release", statement, values)
}

pub(crate) fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
