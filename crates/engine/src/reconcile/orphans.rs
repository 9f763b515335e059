//! Removes what belongs to nothing any more: containers that serve no release and are part of no deployment, images of applications that are gone, networks
//! of destinations without an application.
//! Each verb of the engine proves by label that it is ours before it removes anything.

use crate::{Engine, Error, base};
use model::ApplicationId;

pub(super) async fn activate(engine: &Engine) -> Result<Vec<String>, Error> {
    let docker = engine.parts.link.engine("owned")?;
    // The order matters: what is made after this look is not seen, and what was part of a deployment then either serves now or is left over.
    engine.parts.seen.look(engine, &docker).await?;
    let owned = docker.owned().await?;
    let interrupted: Vec<_> = engine.parts.store.work_interrupted().await?.into_iter().map(|work| work.application.id).collect();
    let known = engine.parts.store.application_ids().await?;
    let busy = |application: &ApplicationId| interrupted.contains(application) || engine.parts.running.concerns(application);
    let mut removed = Vec::new();
    for container in engine.parts.seen.all() {
        if busy(&container.application) || engine.parts.routes.serving(&container.application).contains(&container.name) {
            continue;
        }
        engine.parts.link.engine("container_remove")?.container_remove(&container.name, 0).await?;
        removed.push(format!("container {}", container.name));
    }
    let current = format!("{}:{}", base::repository(engine), base::digest(engine).await?);
    for image in &owned.images {
        let of_base = image.strip_prefix(&base::repository(engine)).is_some_and(|rest| rest.starts_with(':'));
        let of_nobody = application_of(image).is_some_and(|application| !known.contains(&application) && !busy(&application));
        let untagged = image.starts_with("sha256:") && engine.parts.running.applications().is_empty();
        if of_nobody || (of_base && *image != current) || untagged {
            engine.parts.link.engine("image_remove")?.image_remove(image).await?;
            if docker.image_facts(image).await?.is_none() {
                removed.push(format!("image {image}"));
            }
        }
    }
    removed.extend(networks(engine, &docker, owned.networks).await?);
    Ok(removed)
}

/// Removes networks that no application's destination names. One that any container is on, whoever made it, stays.
async fn networks(engine: &Engine, docker: &docker::Engine, owned: Vec<String>) -> Result<Vec<String>, Error> {
    let mut removed = Vec::new();
    for network in owned {
        // Asked for each anew: an application may have been made meanwhile.
        if docker.network_has_containers(&network).await? || engine.parts.store.networks_used().await?.contains(&network) {
            continue;
        }
        match docker.network_remove(&network).await {
            Err(docker::Error::Conflict { .. }) => {}
            gone => {
                gone?;
                removed.push(format!("network {network}"));
            }
        }
    }
    Ok(removed)
}

fn application_of(tag: &str) -> Option<ApplicationId> {
    tag.strip_prefix("wharf/")?.split(':').next()?.parse().ok()
}
