//! From a deployment to its plan: the source's reference becomes a commit, what runs is looked at, and `plan` decides.

use crate::{Engine, Error, log::Log};
use model::{CommitSha, Domain, GitSource, Observed, Operation, Plan, Release, Secret, Source};
use plan::{BuiltRelease, DeployInput, StopInput};
use store::{Scope, Work};

/// Releases looked at for what may be removed.
const RELEASES_LIMIT: u32 = 200;

/// What a plan is made from, the engine's answers included.
pub(crate) struct Situation {
    pub(crate) observed: Observed,
    pub(crate) serving: Vec<String>,
    pub(crate) releases: Vec<BuiltRelease>,
}

/// Looks at what a plan needs to know.
///
/// # Errors
/// The engine is out of reach, the store failed, or a domain leads to another application.
pub(crate) async fn situation(engine: &Engine, work: &Work) -> Result<Situation, Error> {
    let application = &work.application.id;
    if !matches!(work.deployment.operation, Operation::Stop | Operation::Delete) {
        domains_are_free(engine, work, release(work)?)?;
    }
    let observed = engine.parts.link.engine("observe")?.observe(application, &work.destination.network).await?;
    let releases = engine.parts.store.release_list(&work.scope, application.clone(), RELEASES_LIMIT).await?;
    Ok(Situation { observed, serving: engine.parts.routes.serving(application), releases: releases.iter().filter_map(built).collect() })
}

/// A domain is given away when settings are saved, and leads to who had it until that one is deployed: the release must not go live without it. What the live
/// release has already is no new claim, so that it can always be started again.
fn domains_are_free(engine: &Engine, work: &Work, release: &Release) -> Result<(), Error> {
    let same = |one: &Domain, other: &Domain| one.host == other.host && one.path == other.path;
    let has = |domains: &[Domain], domain: &Domain| domains.iter().any(|one| same(one, domain));
    let already = work.live.as_ref().map_or(&[][..], |live| &live.spec.settings.domains);
    let wanted: Vec<_> = release.spec.settings.domains.iter().filter(|domain| !has(already, domain)).collect();
    for other in engine.parts.routes.all_live() {
        if other.application.id == work.application.id || other.server != work.destination.server {
            continue;
        }
        let Some(held) = wanted.iter().find(|wanted| has(&other.settings.domains, wanted)) else { continue };
        let own = other.scope.team() == work.scope.team();
        let name = if own { other.application.name.as_str() } else { "another application" };
        return Err(Error::failed(format!("{held} leads to {name} until that is deployed without it or deleted: deploy it first, then try again")));
    }
    Ok(())
}

/// A release with an image, under our tag of it: a pinned reference says where it came from, not what it is called here.
pub(crate) fn built(release: &Release) -> Option<BuiltRelease> {
    let image = release.image.as_ref()?;
    let image = if image.contains('@') { plan::image_tag(release) } else { image.clone() };
    Some(BuiltRelease { id: release.id.clone(), image })
}

/// The release that a deployment makes live: its own or, where it names none, the live one again.
///
/// # Errors
/// There is none.
pub(crate) fn release(work: &Work) -> Result<&Release, Error> {
    let nothing = || Error::failed(format!("{} was never deployed: deploy it first", work.application.name));
    work.release.as_ref().or(work.live.as_ref()).ok_or_else(nothing)
}

/// Decides what to do.
///
/// # Errors
/// There is no release, or its commit is not known yet.
pub(crate) fn decide(work: &Work, situation: &Situation) -> Result<Plan, Error> {
    let Situation { observed, serving, releases } = situation;
    let end = StopInput { release: work.live.as_ref(), serving, observed };
    match work.deployment.operation {
        Operation::Stop => Ok(plan::stop(&end)),
        Operation::Delete => Ok(plan::delete(&end, work.with_volumes)),
        operation => Ok(plan::deploy(&DeployInput {
            deployment: &work.deployment.id,
            operation,
            force: work.deployment.force,
            release: release(work)?,
            previous: work.live.as_ref(),
            serving,
            observed,
            network: &work.destination.network,
            releases,
        })?),
    }
}

/// Makes sure that the release names a commit, and writes it down: from then on the deployment means this commit, whatever is pushed.
///
/// # Errors
/// The repository does not say.
pub(crate) async fn resolve(engine: &Engine, work: &mut Work, log: &Log) -> Result<(), Error> {
    let Some(release) = work.release.as_mut() else { return Ok(()) };
    if name_commit(engine, &work.scope, release, log).await?
        && let Some(commit) = release.commit.clone()
    {
        engine.parts.store.release_resolved(&work.scope, release.id.clone(), commit, None).await?;
    }
    Ok(())
}

/// Asks which commit a release's reference names now, unless that is known. Answers whether it was asked.
///
/// # Errors
/// The repository does not say.
pub(crate) async fn name_commit(engine: &Engine, scope: &Scope, release: &mut Release, log: &Log) -> Result<bool, Error> {
    let settings = &release.spec.settings;
    let Source::Git(source) = &settings.source else { return Ok(false) };
    if release.commit.is_some() {
        return Ok(false);
    }
    let commit = match &settings.pinned_commit {
        Some(pinned) => pinned.clone(),
        None => {
            log.say(format!("Ask {} for {}", source.url, source.reference));
            named(engine, scope, source).await?
        }
    };
    log.say(format!("{} is commit {}", source.reference, commit.short()));
    release.commit = Some(commit);
    Ok(true)
}

async fn named(engine: &Engine, scope: &Scope, source: &GitSource) -> Result<CommitSha, Error> {
    let key = key(engine, scope, source).await?;
    Ok(engine.parts.git.resolve(&source.url, &source.reference, key.as_ref()).await?)
}

/// The key to sign in to a repository with.
///
/// # Errors
/// The store has no such key any more.
pub(crate) async fn key(engine: &Engine, scope: &Scope, source: &GitSource) -> Result<Option<Secret>, Error> {
    let Some(key) = &source.key else { return Ok(None) };
    match engine.parts.store.key_private(scope, key.clone()).await {
        Err(store::Error::NotFound(_)) => Err(Error::failed("the deploy key of this release was deleted: choose another and deploy again")),
        found => Ok(Some(found?)),
    }
}
