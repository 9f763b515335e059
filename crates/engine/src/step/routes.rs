//! Routes: held while two copies cannot run at once, and switched, which is the point of no return.

use super::{Context, Done};
use crate::{Error, live::LiveApplication};
use model::{Phase, Release, ReleaseId, application::Desired};

pub(super) async fn hold(context: &Context<'_>) -> Result<Done, Error> {
    let parts = &context.engine.parts;
    let application = &context.work.application.id;
    match parts.routes.live(application) {
        None => Ok(Done::already("No request reaches it yet")),
        Some(live) if live.settings.domains.is_empty() => Ok(Done::already("It has no domains")),
        Some(live) => {
            let held = LiveApplication { held: true, ..live };
            parts.routes.switch(context.engine, application, Some(held), async { Ok(()) }).await?;
            Ok(Done::plain())
        }
    }
}

pub(super) async fn switch(context: &Context<'_>, release: Option<&ReleaseId>, containers: &[String]) -> Result<Done, Error> {
    let parts = &context.engine.parts;
    let application = &context.work.application.id;
    let going_live = context.phase != Phase::Undo && release.is_some();
    look(context, containers, going_live).await?;
    let before = parts.routes.live(application);
    let new = match release {
        Some(release) => {
            let release = known(context, release).await?;
            Some(LiveApplication::of(context.work, &release, containers.to_vec(), desired(context, containers, before.as_ref())))
        }
        // A stop keeps the live release; a first deployment that failed leaves nothing behind.
        None if context.phase == Phase::Undo => None,
        None => before.map(|live| LiveApplication { serving: Vec::new(), desired: Desired::Stopped, held: false, ..live }),
    };
    let (live, desired) = new.as_ref().map_or((None, Desired::Nothing), |new| (Some(new.release.clone()), new.desired));
    let remember = parts.store.application_switch(&context.work.scope, application.clone(), live, desired, containers.to_vec());
    parts.routes.switch(context.engine, application, new, remember).await?;
    Ok(Done::plain())
}

/// The release of this id: on the way back from a switch that was written down it is neither the deployment's own nor the live one.
async fn known(context: &Context<'_>, id: &ReleaseId) -> Result<Release, Error> {
    match context.release(id) {
        Ok(release) => Ok(release.clone()),
        Err(_) => Ok(context.engine.parts.store.release_fetch(&context.work.scope, id.clone()).await?),
    }
}

/// What is wanted once it is switched: routes to nothing are a stop. A way back to nothing that runs keeps what was wanted.
fn desired(context: &Context<'_>, containers: &[String], before: Option<&LiveApplication>) -> Desired {
    match before {
        Some(before) if context.phase == Phase::Undo && containers.is_empty() => before.desired,
        _ if containers.is_empty() => Desired::Stopped,
        _ => Desired::Running,
    }
}

/// Looks at the containers once more under way to the switch: one that ended since it was healthy must not get requests.
async fn look(context: &Context<'_>, containers: &[String], going_live: bool) -> Result<(), Error> {
    let docker = context.docker("container_inspect")?;
    for name in containers {
        let found = context.engine.parts.seen.look_at(&docker, name).await?;
        if going_live && !found.is_some_and(|found| found.state.running()) {
            return Err(Error::failed(format!("{name} ended before the routes were switched to it")));
        }
    }
    Ok(())
}
