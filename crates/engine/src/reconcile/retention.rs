//! Removes images of releases that are no longer kept. A deployment does so at its end; this is for those that could not.

use crate::{Engine, Error, deploy};

/// Releases looked at.
const RELEASES_LIMIT: u32 = 500;

pub(super) async fn activate(engine: &Engine) -> Result<Vec<String>, Error> {
    let docker = engine.parts.link.engine("image_remove")?;
    let store = &engine.parts.store;
    let mut removed = Vec::new();
    for live in engine.parts.routes.all_live() {
        let application = &live.application.id;
        if engine.parts.running.concerns(application) {
            continue;
        }
        let releases = store.release_list(&live.scope, application.clone(), RELEASES_LIMIT).await?;
        let built: Vec<_> = releases.iter().filter_map(deploy::built).collect();
        let there = docker.image_list_of(application).await?;
        // The one before the live one stays, as it does after a deployment.
        let kept = live.settings.keep_releases.max(2);
        let gone: Vec<_> = plan::keep(&built, &[&live.release], kept).removed_tags;
        let gone: Vec<_> = gone.into_iter().filter(|tag| there.contains(tag)).collect();
        for tag in &gone {
            docker.image_remove(tag).await?;
            removed.push(format!("image {tag}"));
        }
        let images = releases.iter().filter(|release| deploy::built(release).is_some_and(|built| gone.contains(&built.image)));
        store.release_images_gone(&live.scope, application.clone(), images.filter_map(|release| release.image.clone()).collect()).await?;
    }
    Ok(removed)
}
