//! What would happen and what differs, before anybody asks for it.

use crate::{Error, Ops, permit};
use model::{ApplicationId, DeploymentId, Operation, Plan, Release, ReleaseId};
use plan::Change;
use store::Scope;

impl Ops {
    /// What a deployment of an application would do as it is set up now. Nothing is changed; the repository is asked for its newest commit.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `variables.<name>` for a reference to a shared variable that is not there; [`Error::Unavailable`] while the container engine is
    /// out of reach; [`Error::Rejected`] where the repository cannot be read.
    pub async fn deployment_preview(&self, scope: &Scope, application: ApplicationId) -> Result<Plan, Error> {
        permit::read(scope)?;
        let row = self.store.application_fetch(scope, application.clone()).await?;
        let newest = self.store.release_list(scope, application.clone(), 1).await?;
        let release = Release {
            id: self.id(ReleaseId::from_chance),
            application,
            number: newest.first().map_or(1, |release| release.number + 1),
            spec: self.freeze(scope, &row).await?,
            commit: None,
            commit_message: None,
            image: None,
            created: self.now(),
        };
        self.plan_preview(&row.application, Operation::Deploy, Some(&release), false).await
    }

    /// What differs from one release of an application to another.
    pub async fn release_compare(&self, scope: &Scope, application: ApplicationId, from: ReleaseId, to: ReleaseId) -> Result<Vec<Change>, Error> {
        permit::read(scope)?;
        let application = self.store.application_fetch(scope, application).await?.application;
        let (from, to) = tokio::try_join!(self.release_of(scope, &application, from), self.release_of(scope, &application, to))?;
        Ok(plan::changes(&from.spec, &to.spec))
    }

    /// The deployments, of one application or of all of the team, that made live what is live now.
    pub async fn deployments_live(&self, scope: &Scope, application: Option<ApplicationId>) -> Result<Vec<DeploymentId>, Error> {
        permit::read(scope)?;
        if let Some(application) = &application {
            self.store.application_fetch(scope, application.clone()).await?;
        }
        Ok(self.store.deployments_live(scope, application).await?)
    }
}
