//! Deployments: asked for, shown, cancelled; releases and what a rollback would change.

use crate::{Error, Ops, application::cause, permit};
use jiff::Timestamp;
use model::{Application, ApplicationId, Cause, CommitSha, DeploymentId, DeploymentStatus, Operation, Plan, Release, ReleaseId, Source, deployment::CauseKind};
use plan::Change;
use store::{ApplicationRow, DeploymentRow, LogLine, NewDeployment, NewRelease, Scope, StepRow};

/// Most lines of one page of a log.
pub const LOG_PAGE_LINES: u32 = 1000;
/// Most deployments of one page.
pub const DEPLOYMENT_PAGE_COUNT: u32 = 100;
/// Most deployments of one application that wait at once.
const WAITING_COUNT: usize = 20;

/// What is asked of an application.
#[derive(Debug, Clone)]
pub struct DeployRequest {
    /// Deploy, restart, stop, start or rollback.
    pub operation: Operation,
    /// Build without cache and replace containers though nothing changed.
    pub force: bool,
    /// The commit to deploy, as typed; what the settings name when absent.
    pub commit: Option<String>,
    /// The release to roll back to.
    pub release: Option<ReleaseId>,
    /// Why; the caller's own doing when absent.
    pub cause: Option<Cause>,
}

impl DeployRequest {
    /// A plain request.
    pub fn of(operation: Operation) -> Self {
        Self { operation, force: false, commit: None, release: None, cause: None }
    }
}

/// A deployment that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Queued {
    /// The deployment.
    pub deployment: DeploymentRow,
    /// Whether it waited already: the same was asked for before.
    pub existed: bool,
}

/// A deployment as its page shows it.
#[derive(Debug, Clone)]
pub struct DeploymentPage {
    /// The deployment, its commit and its place in the queue.
    pub row: DeploymentRow,
    /// The application.
    pub application: ApplicationRow,
    /// The plan, once there is one.
    pub plan: Option<Plan>,
    /// Its steps, those of the undo last.
    pub steps: Vec<StepRow>,
    /// The first lines of its log; none where the caller may not see logs.
    pub log: Vec<LogLine>,
    /// Whether the caller may see logs.
    pub log_allowed: bool,
    /// Whether its release is live now.
    pub live: bool,
}

/// A release as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseItem {
    /// Its id.
    pub id: ReleaseId,
    /// Its number within the application.
    pub number: i64,
    /// The commit.
    pub commit: Option<CommitSha>,
    /// First line of the commit's message.
    pub commit_message: Option<String>,
    /// The image it runs, while it is kept.
    pub image: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Whether it serves now.
    pub live: bool,
    /// Whether it can be rolled back to: its image is kept and it is not the live one.
    pub can_roll_back: bool,
}

impl ReleaseItem {
    pub(crate) fn of(release: Release, live: Option<&ReleaseId>) -> Self {
        let live = live == Some(&release.id);
        let can_roll_back = !live && release.image.is_some();
        let Release { id, number, commit, commit_message, image, created, .. } = release;
        Self { id, number, commit, commit_message, image, created, live, can_roll_back }
    }
}

impl Ops {
    /// Asks for a deployment. A deploy of the same commit and settings that waits already is answered instead of a second one.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `commit` or `release`, and at `variables.<name>` for a reference to a shared variable that is not there;
    /// [`Error::Conflict`] where nothing was deployed yet or the application is being deleted; [`Error::Limit`] where too many wait.
    pub async fn deployment_create(&self, scope: &Scope, application: ApplicationId, request: DeployRequest) -> Result<Queued, Error> {
        permit::deploy(scope)?;
        self.deployment_begin(scope, application, request).await
    }

    /// The same, once the caller is known to be allowed.
    pub(crate) async fn deployment_begin(&self, scope: &Scope, application: ApplicationId, request: DeployRequest) -> Result<Queued, Error> {
        let row = self.store.application_fetch(scope, application.clone()).await?;
        let cause = request.cause.clone().unwrap_or_else(|| cause(scope));
        let supersedes = cause.by == CauseKind::Push && request.operation == Operation::Deploy;
        let mut new = NewDeployment {
            id: self.id(DeploymentId::from_chance),
            application,
            operation: request.operation,
            fresh_release: None,
            release: None,
            force: request.force,
            with_volumes: false,
            cause,
            supersedes,
        };
        match request.operation {
            Operation::Deploy => {
                let fresh = self.release_fresh(scope, &row, request.commit.as_deref()).await?;
                if !request.force
                    && let Some(waiting) = self.deployment_waiting(scope, &row.application, &fresh).await?
                {
                    return Ok(Queued { deployment: waiting, existed: true });
                }
                new.fresh_release = Some(fresh);
            }
            Operation::Restart | Operation::Start => new.release = Some(live(&row.application)?),
            Operation::Rollback => new.release = Some(self.release_for_rollback(scope, &row.application, request.release).await?),
            Operation::Stop => {}
            Operation::Delete => return Err(Error::invalid("operation", "an application is deleted on its own page or by DELETE")),
        }
        self.deployment_queue(scope, new).await
    }

    /// Writes a deployment into the queue and wakes the engine.
    pub(crate) async fn deployment_queue(&self, scope: &Scope, new: NewDeployment) -> Result<Queued, Error> {
        let open = self.store.deployment_list_open(scope).await?;
        let waiting = open.iter().filter(|row| row.deployment.application == new.application && row.deployment.status == DeploymentStatus::Queued);
        if !new.supersedes && waiting.count() >= WAITING_COUNT {
            return Err(Error::Limit { why: format!("{WAITING_COUNT} deployments of this application wait already: cancel some of them first") });
        }
        let id = new.id.clone();
        self.store.deployment_create(scope, new, self.now()).await?;
        self.engine.wake();
        Ok(Queued { deployment: self.store.deployment_fetch(scope, id).await?, existed: false })
    }

    async fn release_fresh(&self, scope: &Scope, row: &ApplicationRow, commit: Option<&str>) -> Result<NewRelease, Error> {
        let commit = match commit.map(str::trim).filter(|text| !text.is_empty() && *text != "HEAD") {
            Some(text) if matches!(row.application.settings.source, Source::Git(_)) => {
                Some(text.parse::<CommitSha>().map_err(|why| Error::invalid("commit", why.0))?)
            }
            Some(_) => return Err(Error::invalid("commit", "only an application from a git repository has commits")),
            None => None,
        };
        let spec = self.freeze(scope, row).await?;
        Ok(NewRelease { id: self.id(ReleaseId::from_chance), spec, commit })
    }

    /// A deploy of the same commit and settings that waits.
    async fn deployment_waiting(&self, scope: &Scope, application: &Application, fresh: &NewRelease) -> Result<Option<DeploymentRow>, Error> {
        for row in self.store.deployment_list_open(scope).await? {
            let deployment = &row.deployment;
            let fits = deployment.application == application.id
                && deployment.status == DeploymentStatus::Queued
                && deployment.operation == Operation::Deploy
                && !deployment.force;
            let Some(release) = deployment.release.clone().filter(|_| fits) else { continue };
            let release = self.store.release_fetch(scope, release).await?;
            if release.commit == fresh.commit && release.spec == fresh.spec {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    async fn release_for_rollback(&self, scope: &Scope, application: &Application, wanted: Option<ReleaseId>) -> Result<ReleaseId, Error> {
        let wanted = wanted.ok_or_else(|| Error::invalid("release", "choose the release to roll back to"))?;
        let release = self.release_of(scope, application, wanted).await?;
        if application.live_release.as_ref() == Some(&release.id) {
            return Err(Error::conflict("that release is live already: restart it instead"));
        }
        if release.image.is_none() {
            return Err(Error::conflict("the image of that release is no longer kept: deploy its commit instead"));
        }
        Ok(release.id)
    }

    pub(crate) async fn release_of(&self, scope: &Scope, application: &Application, id: ReleaseId) -> Result<Release, Error> {
        let release = self.store.release_fetch(scope, id).await?;
        if release.application == application.id { Ok(release) } else { Err(Error::NotFound { kind: "release" }) }
    }

    /// A deployment as its page shows it.
    pub async fn deployment_show(&self, scope: &Scope, id: DeploymentId) -> Result<DeploymentPage, Error> {
        permit::read(scope)?;
        let row = self.store.deployment_fetch(scope, id.clone()).await?;
        let application = self.store.application_fetch(scope, row.deployment.application.clone()).await?;
        let log_allowed = permit::sees_logs(scope);
        let log = if log_allowed { self.store.log_list(scope, id.clone(), 0, LOG_PAGE_LINES).await? } else { Vec::new() };
        Ok(DeploymentPage {
            live: row.deployment.release.is_some() && row.deployment.release == application.application.live_release,
            application,
            plan: self.store.deployment_plan(scope, id.clone()).await?,
            steps: self.store.step_list(scope, id).await?,
            log,
            log_allowed,
            row,
        })
    }

    /// A deployment of the team.
    pub async fn deployment_fetch(&self, scope: &Scope, id: DeploymentId) -> Result<DeploymentRow, Error> {
        permit::read(scope)?;
        Ok(self.store.deployment_fetch(scope, id).await?)
    }

    /// Deployments of the team, or of one application, before this number, newest first; at most [`DEPLOYMENT_PAGE_COUNT`].
    pub async fn deployment_list(
        &self,
        scope: &Scope,
        application: Option<ApplicationId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<DeploymentRow>, Error> {
        permit::read(scope)?;
        if let Some(application) = &application {
            self.store.application_fetch(scope, application.clone()).await?;
        }
        Ok(self.store.deployment_list(scope, application, before, limit.min(DEPLOYMENT_PAGE_COUNT)).await?)
    }

    /// How many deployments an application has had.
    pub async fn deployment_count(&self, scope: &Scope, application: ApplicationId) -> Result<i64, Error> {
        permit::read(scope)?;
        self.store.application_fetch(scope, application.clone()).await?;
        Ok(self.store.deployment_count(scope, application).await?)
    }

    /// Deployments of the team that wait or run, oldest first.
    pub async fn deployment_list_open(&self, scope: &Scope) -> Result<Vec<DeploymentRow>, Error> {
        permit::read(scope)?;
        Ok(self.store.deployment_list_open(scope).await?)
    }

    /// Asks for a cancel: what waits ends at once, what runs is told.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it ended already.
    pub async fn deployment_cancel(&self, scope: &Scope, id: DeploymentId) -> Result<DeploymentStatus, Error> {
        permit::deploy(scope)?;
        let status = self.store.deployment_cancel(scope, id, self.now()).await?;
        self.engine.wake();
        Ok(status)
    }

    /// Lines of a deployment's log after this number, oldest first; at most [`LOG_PAGE_LINES`].
    pub async fn deployment_log(&self, scope: &Scope, id: DeploymentId, after: i64) -> Result<Vec<LogLine>, Error> {
        permit::logs(scope)?;
        Ok(self.store.log_list(scope, id, after, LOG_PAGE_LINES).await?)
    }

    /// The last lines of a deployment's log, oldest first; at most [`LOG_PAGE_LINES`].
    pub async fn deployment_log_tail(&self, scope: &Scope, id: DeploymentId, limit: u32) -> Result<Vec<LogLine>, Error> {
        permit::logs(scope)?;
        Ok(self.store.log_tail(scope, id, limit.min(LOG_PAGE_LINES)).await?)
    }

    /// An application's releases, newest first.
    pub async fn release_list(&self, scope: &Scope, application: ApplicationId, limit: u32) -> Result<Vec<ReleaseItem>, Error> {
        permit::read(scope)?;
        let row = self.store.application_fetch(scope, application.clone()).await?;
        let releases = self.store.release_list(scope, application, limit.min(DEPLOYMENT_PAGE_COUNT)).await?;
        Ok(releases.into_iter().map(|release| ReleaseItem::of(release, row.application.live_release.as_ref())).collect())
    }

    /// What rolling back to a release would change of what is live.
    ///
    /// # Errors
    /// [`Error::Conflict`] where nothing is live.
    pub async fn rollback_preview(&self, scope: &Scope, application: ApplicationId, release: ReleaseId) -> Result<Vec<Change>, Error> {
        permit::read(scope)?;
        let application = self.store.application_fetch(scope, application).await?.application;
        let wanted = self.release_of(scope, &application, release).await?;
        let live = self.store.release_fetch(scope, live(&application)?).await?;
        Ok(plan::changes(&live.spec, &wanted.spec))
    }
}

fn live(application: &Application) -> Result<ReleaseId, Error> {
    application.live_release.clone().ok_or_else(|| Error::conflict("nothing of this application is live yet: deploy it first"))
}
