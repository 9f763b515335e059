//! An edge on its way out.

use crate::{Engine, Result};
use bollard::models::{ContainerUpdateBody, RestartPolicy, RestartPolicyNameEnum};

impl Engine {
    /// Keeps the engine from starting an edge again once it has ended well; one that is absent is fine.
    ///
    /// # Errors
    /// [`Error::NotOurs`](crate::Error::NotOurs).
    pub async fn edge_retire(&self, name: &str) -> Result<()> {
        let Some(id) = self.mine(name).await?.and_then(|found| found.id) else { return Ok(()) };
        let policy = RestartPolicy { name: Some(RestartPolicyNameEnum::ON_FAILURE), maximum_retry_count: None };
        let body = ContainerUpdateBody { restart_policy: Some(policy), ..Default::default() };
        crate::engine::absent_is_none(self.docker.update_container(&id, body).await).map(drop)
    }
}
