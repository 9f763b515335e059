//! The last step of a delete: the application, its deployments, logs and measurements are forgotten.

use super::{Context, Done};
use crate::Error;
use jiff::Timestamp;

pub(super) async fn forget(context: &Context<'_>) -> Result<Done, Error> {
    let (parts, scope, application) = (&context.engine.parts, &context.work.scope, &context.work.application.id);
    // A stopped application still answers for its domains; a forgotten one does not.
    parts.routes.switch(context.engine, application, None, async { Ok(()) }).await?;
    // Ask for the deployments first: afterwards nobody knows whose logs they are.
    let deployments = parts.store.deployment_ids(scope, application.clone()).await?;
    context.log.flush().await;
    match parts.store.application_forget(scope, application.clone(), Timestamp::now()).await {
        Ok(()) | Err(store::Error::NotFound(_)) => {}
        Err(error) => return Err(error.into()),
    }
    parts.store.log_forget(scope, deployments, application.clone()).await?;
    // Its network may have been the last thing that was its own.
    parts.reconcilers.wake("orphans");
    Ok(Done::plain())
}
