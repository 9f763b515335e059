//! Work for the engine: what it claims comes with the scope of the team it is for.

use crate::{
    Error, NewEvent, Scope, Store,
    application::application,
    deployment::{capitalised, deployment},
    destination::destination,
    event::insert_event,
    release::release,
    row::{self, millis},
    seal::Sealer,
};
use jiff::Timestamp;
use model::{Application, Deployment, DeploymentId, DeploymentStatus, Destination, Release, ServerId};
use rusqlite::{Connection, params};

/// A deployment to carry out, with all that it needs.
#[derive(Debug, Clone)]
pub struct Work {
    /// Wharf's scope over the deployment's team.
    pub scope: Scope,
    /// The deployment.
    pub deployment: Deployment,
    /// A delete takes the volumes along.
    pub with_volumes: bool,
    /// The application.
    pub application: Application,
    /// The release it makes live.
    pub release: Option<Release>,
    /// The release that serves until then.
    pub live: Option<Release>,
    /// Where it runs.
    pub destination: Destination,
}

/// An application that has a live release, for routes, drift and metrics.
#[derive(Debug, Clone)]
pub struct LiveApplication {
    /// Wharf's scope over the application's team.
    pub scope: Scope,
    /// The application.
    pub application: Application,
    /// The release that serves, or served until it was stopped.
    pub release: Release,
    /// Where it runs.
    pub destination: Destination,
}

impl Store {
    /// Claims the oldest queued deployment whose application has none running, and marks it running.
    pub async fn work_claim(&self, now: Timestamp) -> Result<Option<Work>, Error> {
        let waiting = "SELECT count(*) AS n FROM deployments AS next WHERE status = 'queued'
             AND NOT EXISTS (SELECT 1 FROM deployments WHERE application_id = next.application_id AND status = 'running')";
        // A look that finds nothing wakes nobody: whoever claims is woken by writes.
        if self.read(move |c| row::one(c, "deployments", waiting, [], |r| r.number("n"))).await? == 0 {
            return Ok(None);
        }
        let sealer = self.sealer.clone();
        self.write(move |t| {
            let statement = "UPDATE deployments SET status = 'running', started = ?1 WHERE number = (
                     SELECT min(number) FROM deployments AS next WHERE status = 'queued'
                     AND NOT EXISTS (SELECT 1 FROM deployments WHERE application_id = next.application_id AND status = 'running')) RETURNING id";
            let claimed: Option<DeploymentId> = row::maybe(t, "deployments", statement, [millis(now)], |r| r.parsed("id"))?;
            let Some(id) = claimed else { return Ok(None) };
            let work = fetch(t, &sealer, &id)?;
            let mut event = NewEvent::of(&work.scope, "deployment.started", format!("{} began", capitalised(work.deployment.operation.as_str())))
                .about(&work.application.id);
            event.deployment = Some(id);
            insert_event(t, &work.deployment.team, &event, now)?;
            Ok(Some(work))
        })
        .await
    }

    /// Deployments that were running when Wharf last stopped, oldest first.
    pub async fn work_interrupted(&self) -> Result<Vec<Work>, Error> {
        let sealer = self.sealer.clone();
        self.read(move |c| {
            let ids: Vec<DeploymentId> =
                row::all(c, "deployments", "SELECT id FROM deployments WHERE status = 'running' ORDER BY number", [], |r| r.parsed("id"))?;
            ids.iter().map(|id| fetch(c, &sealer, id)).collect()
        })
        .await
    }

    /// The work of one deployment as it stands now.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the scope's team has no such deployment.
    pub async fn work_fetch(&self, scope: &Scope, id: DeploymentId) -> Result<Work, Error> {
        let (sealer, team) = (self.sealer.clone(), scope.team().clone());
        let work = self.read(move |c| fetch(c, &sealer, &id)).await?;
        if work.deployment.team == team { Ok(work) } else { Err(Error::NotFound("deployment")) }
    }

    /// What is needed to act on an application that a caller was shown: Wharf's scope over its team, its live release and where it runs.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the application is not there, or not the team's it says it is.
    pub async fn work_ground(&self, of: &Application) -> Result<(Scope, Option<Release>, Destination), Error> {
        let (sealer, id, team) = (self.sealer.clone(), of.id.clone(), of.team.clone());
        self.read(move |c| {
            let statement = "SELECT * FROM applications WHERE id = ?1 AND team_id = ?2";
            let application = row::one(c, "application", statement, params![id.as_str(), team.as_str()], application)?;
            let statement = "SELECT * FROM releases WHERE id = ?1 AND team_id = ?2";
            let live = match &application.live_release {
                Some(live) => row::maybe(c, "releases", statement, params![live.as_str(), team.as_str()], |r| release(r, &sealer))?,
                None => None,
            };
            Ok((Scope::wharf(team), live, destination_of(c, &application)?))
        })
        .await
    }

    /// Whether a person asked to cancel this deployment.
    pub async fn work_cancelled(&self, scope: &Scope, id: DeploymentId) -> Result<bool, Error> {
        let team = scope.team().clone();
        let statement = "SELECT cancel_requested FROM deployments WHERE id = ?1 AND team_id = ?2";
        self.read(move |c| row::one(c, "deployment", statement, params![id.as_str(), team.as_str()], |r| r.flag("cancel_requested"))).await
    }

    /// Ends a running deployment in exactly one truthful state.
    ///
    /// # Errors
    /// [`Error::State`] where it does not run.
    pub async fn work_finish(&self, scope: &Scope, id: DeploymentId, status: DeploymentStatus, reason: Option<String>, now: Timestamp) -> Result<(), Error> {
        let team = scope.team().clone();
        let scope = scope.clone();
        self.write(move |t| {
            let statement = "SELECT * FROM deployments WHERE id = ?1 AND team_id = ?2";
            let known = row::one(t, "deployment", statement, params![id.as_str(), team.as_str()], deployment)?;
            if !known.status.may_become(status) {
                return Err(Error::State(format!("a {} deployment cannot become {}", known.status.as_str(), status.as_str())));
            }
            let statement = "UPDATE deployments SET status = ?2, reason = ?3, finished = max(?4, coalesce(started, ?4)) WHERE id = ?1";
            row::change_one(t, "deployment", statement, params![id.as_str(), status.as_str(), reason, millis(now)])?;
            let mut event =
                NewEvent::of(&scope, "deployment.ended", format!("{} {}", capitalised(known.operation.as_str()), status.as_str())).about(&known.application);
            event.deployment = Some(id);
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Every application with a live release, oldest first.
    pub async fn live_applications(&self) -> Result<Vec<LiveApplication>, Error> {
        let sealer = self.sealer.clone();
        self.read(move |c| {
            let statement = "SELECT * FROM applications WHERE live_release_id IS NOT NULL ORDER BY number";
            let found = row::all(c, "applications", statement, [], application)?;
            found.into_iter().map(|application| live(c, &sealer, application)).collect()
        })
        .await
    }

    /// The generation of a server's next route table.
    pub async fn route_generation_next(&self, server: ServerId) -> Result<u64, Error> {
        self.write_quietly(move |t| {
            let statement = "INSERT INTO route_generations (server_id, generation) VALUES (?1, 1)
                 ON CONFLICT (server_id) DO UPDATE SET generation = generation + 1 RETURNING generation";
            row::one(t, "route_generations", statement, [server.as_str()], |r| Ok(r.number("generation")? as u64))
        })
        .await
    }

    /// Deployments of an application, for forgetting their logs before it is forgotten itself.
    pub async fn deployment_ids(&self, scope: &Scope, application: model::ApplicationId) -> Result<Vec<DeploymentId>, Error> {
        let team = scope.team().clone();
        let statement = "SELECT id FROM deployments WHERE application_id = ?1 AND team_id = ?2";
        self.read(move |c| row::all(c, "deployments", statement, params![application.as_str(), team.as_str()], |r| r.parsed("id"))).await
    }
}

fn fetch(c: &Connection, sealer: &Sealer, id: &DeploymentId) -> Result<Work, Error> {
    let statement = "SELECT * FROM deployments WHERE id = ?1";
    let (deployment, with_volumes) = row::one(c, "deployment", statement, [id.as_str()], |r| Ok((deployment(r)?, r.flag("with_volumes")?)))?;
    let statement = "SELECT * FROM applications WHERE id = ?1 AND team_id = ?2";
    let application = row::one(c, "application", statement, params![deployment.application.as_str(), deployment.team.as_str()], application)?;
    let release_of = |id: &Option<model::ReleaseId>| match id {
        Some(id) => {
            let statement = "SELECT * FROM releases WHERE id = ?1 AND team_id = ?2";
            row::maybe(c, "releases", statement, params![id.as_str(), deployment.team.as_str()], |r| release(r, sealer))
        }
        None => Ok(None),
    };
    Ok(Work {
        scope: Scope::wharf(deployment.team.clone()),
        release: release_of(&deployment.release)?,
        live: release_of(&application.live_release)?,
        destination: destination_of(c, &application)?,
        deployment,
        with_volumes,
        application,
    })
}

fn live(c: &Connection, sealer: &Sealer, application: Application) -> Result<LiveApplication, Error> {
    let id = application.live_release.clone().ok_or(Error::NotFound("release"))?;
    let statement = "SELECT * FROM releases WHERE id = ?1 AND team_id = ?2";
    let release = row::one(c, "release", statement, params![id.as_str(), application.team.as_str()], |r| release(r, sealer))?;
    Ok(LiveApplication { scope: Scope::wharf(application.team.clone()), release, destination: destination_of(c, &application)?, application })
}

fn destination_of(c: &Connection, application: &Application) -> Result<Destination, Error> {
    let statement = "SELECT * FROM destinations WHERE id = ?1 AND team_id = ?2";
    row::one(c, "destination", statement, params![application.destination.as_str(), application.team.as_str()], destination)
}
