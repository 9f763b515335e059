//! Deployments that this process carries out.

use model::{ApplicationId, DeploymentId, Operation};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Deployments that are carried out, each by one task.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Mutex<BTreeMap<DeploymentId, (ApplicationId, Operation)>>>);

/// Proof that nobody else carries a deployment out.
pub(crate) struct Carried {
    running: Running,
    deployment: DeploymentId,
}

impl Drop for Carried {
    fn drop(&mut self) {
        self.running.locked().remove(&self.deployment);
    }
}

impl Running {
    fn locked(&self) -> MutexGuard<'_, BTreeMap<DeploymentId, (ApplicationId, Operation)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a deployment on, unless it is carried out already.
    pub(crate) fn take(&self, work: &store::Work) -> Option<Carried> {
        let deployment = work.deployment.id.clone();
        let mut running = self.locked();
        if running.contains_key(&deployment) {
            return None;
        }
        running.insert(deployment.clone(), (work.application.id.clone(), work.deployment.operation));
        Some(Carried { running: self.clone(), deployment })
    }

    /// Whether an application is being made to run.
    pub(crate) fn deploys(&self, application: &ApplicationId) -> bool {
        self.locked().values().any(|(of, operation)| of == application && !matches!(operation, Operation::Stop | Operation::Delete))
    }

    /// Whether anything is carried out for an application.
    pub(crate) fn concerns(&self, application: &ApplicationId) -> bool {
        self.locked().values().any(|(of, _)| of == application)
    }

    /// Applications that are being made to run.
    pub(crate) fn applications(&self) -> BTreeSet<ApplicationId> {
        let making = |(_, operation): &&(ApplicationId, Operation)| !matches!(operation, Operation::Stop | Operation::Delete);
        self.locked().values().filter(making).map(|(application, _)| application.clone()).collect()
    }
}
