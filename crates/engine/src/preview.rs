//! What a deployment would do: planned from what is there now, and not carried out.

use crate::{Engine, Error, chance::chance, deploy, log::Log};
use jiff::Timestamp;
use model::{Application, Cause, Deployment, DeploymentId, DeploymentStatus, Operation, Plan, Release, deployment::CauseKind, secret::Mask};
use store::Work;

impl Engine {
    /// What an operation would do to an application, of this release where it has one. Nothing is changed.
    ///
    /// # Errors
    /// The engine or the repository is out of reach, or the application was never deployed.
    pub async fn plan_preview(&self, application: &Application, operation: Operation, release: Option<&Release>, with_volumes: bool) -> Result<Plan, Error> {
        let (scope, live, destination) = self.parts.store.work_ground(application).await?;
        let mut work = Work {
            deployment: Deployment {
                id: DeploymentId::from_chance(chance()),
                team: application.team.clone(),
                application: application.id.clone(),
                release: release.map(|release| release.id.clone()),
                operation,
                force: false,
                cause: Cause { by: CauseKind::Wharf, actor: "Wharf".into() },
                status: DeploymentStatus::Queued,
                reason: None,
                cancel_requested: false,
                created: Timestamp::now(),
                started: None,
                finished: None,
            },
            scope,
            with_volumes,
            application: application.clone(),
            release: release.cloned(),
            live,
            destination,
        };
        if let Some(release) = work.release.as_mut() {
            deploy::name_commit(self, &work.scope, release, &Log::silent(Mask::default())).await?;
        }
        deploy::decide(&work, &deploy::situation(self, &work).await?)
    }
}
