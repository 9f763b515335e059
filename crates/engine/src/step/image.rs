//! Images: built from a source, pulled from a registry, removed when no kept release needs them.

use super::{Context, Done};
use crate::{Error, base, context, deploy};
use docker::{BuildRequest, Credential};
use model::{ImageReference, RegistryId, Release, ReleaseId, Secret};
use std::time::Duration;

/// Attempts to pull while the registry does not work, and the pause after the first.
const PULL_ATTEMPTS: u32 = 3;
const PULL_PAUSE: Duration = Duration::from_secs(2);

pub(super) async fn build(context: &Context<'_>, release: &ReleaseId, tag: &str, fresh: bool) -> Result<Done, Error> {
    let release = context.release(release)?;
    if !fresh && context.docker("image_facts")?.image_facts(tag).await?.is_some() {
        keep(context, release, tag).await?;
        return Ok(Done::already("It was built from the same inputs before"));
    }
    let _slot = slot(context).await;
    let prepared = context::prepare(context.engine, release, context.log).await?;
    let recipe = &prepared.recipe;
    if !recipe.unused.is_empty() {
        let names: Vec<_> = recipe.unused.iter().map(|name| name.as_str()).collect();
        context.log.say(format!("Not used by the Dockerfile, which neither declares them as ARG nor mounts them as secrets: {}", names.join(", ")));
    }
    let value = |name: &model::EnvName| release.spec.variables.iter().find(|variable| variable.name == *name).map(|variable| variable.value.clone());
    let values = |names: &[model::EnvName]| names.iter().filter_map(|name| Some((name.to_string(), value(name)?))).collect::<Vec<_>>();
    let mut arguments = values(&recipe.arguments);
    if matches!(recipe.context, buildpack::Context::Site { .. }) {
        arguments.push((buildpack::recipe::STATIC_BASE_ARGUMENT.to_owned(), Secret::new(base::ensure(context.engine).await?)));
    }
    let request = BuildRequest {
        tag: tag.to_owned(),
        dockerfile: recipe.file.path().to_owned(),
        target: recipe.target.clone(),
        arguments,
        secrets: values(&recipe.secrets),
        credentials: credentials(context).await?,
        labels: vec![("wharf.resource".to_owned(), context.work.application.id.to_string())],
        no_cache: fresh,
        context: prepared.stream(context.engine),
    };
    context.docker("image_build")?.image_build(request, |line| context.log.line("stdout", line)).await?;
    keep(context, release, tag).await?;
    Ok(Done::plain())
}

async fn slot<'a>(context: &'a Context<'_>) -> Option<tokio::sync::SemaphorePermit<'a>> {
    let builds = &context.engine.parts.builds;
    if builds.available_permits() == 0 {
        context.log.say("Wait for another build to end");
    }
    // It is never closed.
    builds.acquire().await.ok()
}

/// Writes down what image a release has.
async fn keep(context: &Context<'_>, release: &Release, image: &str) -> Result<(), Error> {
    context.engine.parts.routes.forget_port(image);
    Ok(context.engine.parts.store.release_image_set(&context.work.scope, release.id.clone(), Some(image.to_owned())).await?)
}

/// Every registry credential of the team: base images may come from any of them. Of two for one registry the later, which is the newer, counts.
async fn credentials(context: &Context<'_>) -> Result<Vec<(String, Credential)>, Error> {
    let known = context.engine.parts.store.registry_credentials(&context.work.scope).await?;
    Ok(known.into_iter().map(|found| (found.host, Credential { username: found.username, password: found.password })).collect())
}

pub(super) async fn pull(context: &Context<'_>, reference: &ImageReference, credential: Option<&RegistryId>, tag: &str) -> Result<Done, Error> {
    let docker = context.docker("image_facts")?;
    if reference.digest().is_some() && docker.image_facts(tag).await?.is_some() {
        return Ok(Done::already("This very image is there"));
    }
    let credential = match credential {
        Some(id) => Some(credential_of(context, id).await?),
        None => credential_for(context, reference).await?,
    };
    let mut pause = PULL_PAUSE;
    for attempt in 1.. {
        match context.docker("image_pull")?.image_pull(reference, credential.as_ref(), |line| context.log.line("stdout", line)).await {
            Err(error) if attempt < PULL_ATTEMPTS && may_pass(&error) => {
                context.log.say(format!("{error}; try again in {} s", pause.as_secs()));
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            Err(error) => return Err(unpulled(reference, error)),
            Ok(()) => break,
        }
    }
    context.docker("image_tag")?.image_tag(reference.as_str(), tag).await?;
    let digest = docker.image_facts(reference.as_str()).await?.and_then(|facts| facts.digest);
    let pinned = digest.map(|digest| format!("{}@{digest}", reference.repository()));
    if let Ok(release) = deploy::release(context.work) {
        keep(context, release, pinned.as_deref().unwrap_or(tag)).await?;
    }
    Ok(pinned.map_or_else(Done::plain, Done::saying))
}

/// Whether a registry may give the image out a moment later.
fn may_pass(error: &docker::Error) -> bool {
    matches!(error, docker::Error::Unreachable { .. } | docker::Error::RateLimited { .. } | docker::Error::Timeout | docker::Error::Other { .. })
}

/// Why there is no image, with the registry's name and what to do.
fn unpulled(reference: &ImageReference, error: docker::Error) -> Error {
    let host = reference.registry_host();
    match error {
        docker::Error::NotFound { what } => {
            Error::failed(format!("there is no image {reference}, or it needs a credential ({what}): check its name and tag, or add a credential"))
        }
        docker::Error::RateLimited { why } => {
            Error::failed(format!("{host} limits how often images are pulled and does not give out {reference} ({why}): wait, or add a credential"))
        }
        docker::Error::Unreachable { why } | docker::Error::Other { why } => {
            Error::failed(format!("{host} does not give out {reference} ({why}): look whether the registry works, then deploy again"))
        }
        other => other.into(),
    }
}

/// The team's own credential of the registry, where none was chosen.
async fn credential_for(context: &Context<'_>, reference: &ImageReference) -> Result<Option<Credential>, Error> {
    let found = context.engine.parts.store.registry_credential_for(&context.work.scope, reference).await?;
    Ok(found.map(|found| {
        context.log.say(format!("Sign in to {} as {}, with the team's credential", found.host, found.username));
        Credential { username: found.username, password: found.password }
    }))
}

async fn credential_of(context: &Context<'_>, id: &RegistryId) -> Result<Credential, Error> {
    match context.engine.parts.store.registry_credential(&context.work.scope, id.clone()).await {
        Err(store::Error::NotFound(_)) => Err(Error::failed("the registry credential of this release was deleted: choose another and deploy again")),
        found => found.map(|found| Credential { username: found.username, password: found.password }).map_err(Error::from),
    }
}

pub(super) async fn remove(context: &Context<'_>, tags: &[String]) -> Result<Done, Error> {
    let (store, scope, application) = (&context.engine.parts.store, &context.work.scope, &context.work.application.id);
    for tag in tags {
        context.docker("image_remove")?.image_remove(tag).await?;
    }
    let releases = store.release_list(scope, application.clone(), u32::MAX).await?;
    let dropped = releases.iter().filter_map(deploy::built).filter(|built| tags.contains(&built.image)).map(|built| built.id).collect();
    store.release_images_gone(scope, application.clone(), dropped).await?;
    Ok(Done::plain())
}
