//! Steps: each looks whether it is true already, and makes it true. Taken twice, a step has the effect of once.

mod container;
mod drain;
mod forget;
mod ground;
mod health;
mod hook;
mod image;
mod probe;
mod routes;
mod source;

use crate::{Engine, Error, failpoint::Called, log::Log, run::until_cancelled};
use futures_util::{FutureExt, future::BoxFuture};
use model::{Phase, Step};
use std::time::Duration;
use store::Work;

const FETCH_LIMIT: Duration = Duration::from_secs(20 * 60);
const BUILD_LIMIT: Duration = Duration::from_secs(60 * 60);
const PULL_LIMIT: Duration = Duration::from_secs(30 * 60);
const HOOK_LIMIT: Duration = Duration::from_secs(60 * 60);
const SHORT_LIMIT: Duration = Duration::from_secs(2 * 60);
/// What a step with a limit of its own may take beyond it.
const SLACK: Duration = Duration::from_secs(60);

/// What a step works with.
pub(crate) struct Context<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) work: &'a Work,
    pub(crate) log: &'a Log,
    pub(crate) phase: Phase,
    /// Whether a cancel still changes anything.
    pub(crate) cancellable: bool,
}

/// What came of a step.
pub(crate) struct Done {
    /// It was true already.
    pub(crate) skipped: bool,
    /// What there is to say of it.
    pub(crate) detail: Option<String>,
}

impl Done {
    /// Done, and nothing to say.
    pub(crate) fn plain() -> Self {
        Self { skipped: false, detail: None }
    }
    /// Done, with something to say.
    pub(crate) fn saying(detail: impl Into<String>) -> Self {
        Self { skipped: false, detail: Some(detail.into()) }
    }
    /// True already.
    pub(crate) fn already(detail: impl Into<String>) -> Self {
        Self { skipped: true, detail: Some(detail.into()) }
    }
}

impl Context<'_> {
    /// The engine, for this verb.
    pub(crate) fn docker(&self, verb: &str) -> Result<Called, Error> {
        Ok(Called::new(self.engine.parts.link.engine(verb)?, verb))
    }

    /// Something that takes its time, given up when a person cancels. Only what the engine, too, gives up when nobody waits, or what changes nothing, may be:
    /// a container that is made after its removal would be left behind.
    pub(crate) async fn unless_cancelled<T, E: Into<Error>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, Error> {
        if !self.cancellable {
            return work.await.map_err(Into::into);
        }
        tokio::select! {
            biased;
            () = until_cancelled(self.engine, &self.work.scope, &self.work.deployment.id) => Err(Error::Cancelled),
            done = work => done.map_err(Into::into),
        }
    }

    /// The release of this id: the one that becomes live, or the one that is.
    pub(crate) fn release(&self, id: &model::ReleaseId) -> Result<&model::Release, Error> {
        let known = self.work.release.iter().chain(&self.work.live).find(|release| release.id == *id);
        known.ok_or_else(|| Error::failed("the plan names a release that is no longer known: deploy again"))
    }
}

/// How long a step may take at most.
pub(crate) fn limit(step: &Step) -> Duration {
    let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds)) + SLACK;
    match step {
        Step::FetchSource { .. } => FETCH_LIMIT,
        Step::BuildImage { .. } => BUILD_LIMIT,
        Step::PullImage { .. } => PULL_LIMIT,
        Step::RunBefore { .. } | Step::RunAfter { .. } => HOOK_LIMIT,
        Step::AwaitHealthy { check, .. } => health::budget(check) + SLACK,
        Step::StopContainer { grace_seconds, .. } | Step::RemoveContainer { grace_seconds, .. } => seconds(*grace_seconds),
        Step::Drain { limit_seconds, .. } => seconds(*limit_seconds),
        Step::EnsureNetwork { .. }
        | Step::EnsureVolume { .. }
        | Step::StartContainer { .. }
        | Step::HoldRequests
        | Step::StartAgain { .. }
        | Step::SwitchRoutes { .. }
        | Step::RemoveImages { .. }
        | Step::RemoveVolume { .. }
        | Step::Forget => SHORT_LIMIT,
    }
}

/// Makes a step true.
///
/// Boxed: together the steps' futures are too large for a stack.
pub(crate) fn take<'a>(context: &'a Context<'a>, step: &'a Step) -> BoxFuture<'a, Result<Done, Error>> {
    match step {
        Step::FetchSource { source, commit } => context.unless_cancelled(source::fetch(context, source, commit)).boxed(),
        Step::BuildImage { release, tag, fresh } => context.unless_cancelled(image::build(context, release, tag, *fresh)).boxed(),
        Step::PullImage { reference, credential, tag } => context.unless_cancelled(image::pull(context, reference, credential.as_ref(), tag)).boxed(),
        Step::EnsureNetwork { network } => ground::network(context, network).boxed(),
        Step::EnsureVolume { volume, .. } => ground::volume(context, volume).boxed(),
        Step::RunBefore { container, command } => hook::before(context, container, command).boxed(),
        Step::StartContainer { container } => container::start(context, container).boxed(),
        Step::AwaitHealthy { container, port, check } => context.unless_cancelled(health::wait(context, container, *port, check)).boxed(),
        Step::HoldRequests => routes::hold(context).boxed(),
        Step::StopContainer { container, grace_seconds } => container::stop(context, container, *grace_seconds).boxed(),
        Step::StartAgain { container } => container::start_again(context, container).boxed(),
        Step::SwitchRoutes { release, containers } => routes::switch(context, release.as_ref(), containers).boxed(),
        Step::Drain { containers, limit_seconds } => context.unless_cancelled(drain::wait(context, containers, *limit_seconds)).boxed(),
        Step::RemoveContainer { container, grace_seconds } => container::remove(context, container, *grace_seconds).boxed(),
        Step::RunAfter { container, command } => hook::after(context, container, command).boxed(),
        Step::RemoveImages { tags } => image::remove(context, tags).boxed(),
        Step::RemoveVolume { volume } => ground::remove_volume(context, volume).boxed(),
        Step::Forget => forget::forget(context).boxed(),
    }
}
