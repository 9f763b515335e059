//! Removes what is kept for releases that are kept no longer: images, and commits in the cache of repositories. A deployment removes images at its end; this is
//! for those that could not, and for the caches.

use crate::{Engine, Error, deploy};
use std::time::Duration;

/// Releases looked at.
const RELEASES_LIMIT: u32 = 500;
/// How long a cache and its commits stay after their last use, though nothing names them: somebody may be looking at a repository before saving it.
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) async fn activate(engine: &Engine) -> Result<Vec<String>, Error> {
    let mut removed = repositories(engine).await?;
    removed.extend(images(engine).await?);
    Ok(removed)
}

async fn repositories(engine: &Engine) -> Result<Vec<String>, Error> {
    let used = engine.parts.store.repositories().await?;
    for (url, commits) in &used {
        engine.parts.git.keep_only(url, commits, FRESH).await?;
    }
    let known: Vec<_> = used.into_keys().collect();
    let removed = engine.parts.git.forget_others(&known, FRESH).await?;
    let named = if removed == 1 { "the cache of 1 repository".to_owned() } else { format!("the caches of {removed} repositories") };
    Ok(if removed == 0 { Vec::new() } else { vec![named] })
}

async fn images(engine: &Engine) -> Result<Vec<String>, Error> {
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
        let gone: Vec<_> = plan::keep(&built, &[&live.release], live.settings.keep_releases).removed_tags;
        let gone: Vec<_> = gone.into_iter().filter(|tag| there.contains(tag)).collect();
        for tag in &gone {
            docker.image_remove(tag).await?;
            removed.push(format!("image {tag}"));
        }
        let dropped = built.into_iter().filter(|built| gone.contains(&built.image)).map(|built| built.id).collect();
        store.release_images_gone(&live.scope, application.clone(), dropped).await?;
    }
    Ok(removed)
}
