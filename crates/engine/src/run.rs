//! Carries a deployment out. One loop serves the first attempt and every recovery: ask [`plan::recover`] what follows, do it, ask again.

use crate::{
    Engine, Error, deploy,
    failpoint::{Moment, failpoint, held},
    log::Log,
    running::Carried,
    step::{self, Done},
};
use futures_util::FutureExt;
use jiff::Timestamp;
use model::{DeploymentStatus, Phase, Plan, Presence, Step, StepState, secret::Mask};
use plan::{JournalEntry, Recovery};
use std::panic::AssertUnwindSafe;
use store::Work;

/// How often a deployment is taken up again after the engine went away in the middle of a step.
const ABSENCES_LIMIT: usize = 5;
/// Lines of the culprit's own log that become part of the reason.
const CULPRIT_LINES: u32 = 20;

/// A deployment on its way.
pub(crate) struct Run {
    pub(crate) engine: Engine,
    pub(crate) work: Work,
    pub(crate) log: Log,
    reason: Option<String>,
    absences: usize,
    unwound: bool,
}

/// How a deployment ended.
struct End {
    status: DeploymentStatus,
    reason: Option<String>,
}

/// Begins to carry a deployment out, unless that is being done.
pub(crate) fn begin(engine: &Engine, work: Work) {
    let Some(carried) = engine.parts.running.take(&work) else { return };
    engine.changed();
    engine.parts.tasks.spawn(carry_out(engine.clone(), work, carried));
}

async fn carry_out(engine: Engine, work: Work, carried: Carried) {
    let releases = work.release.iter().chain(&work.live);
    let mask = Mask::over(releases.flat_map(|release| release.spec.secrets()));
    let log = Log::open(&engine, &work.scope, &work.deployment.id, mask);
    let (id, scope, application) = (work.deployment.id.clone(), work.scope.clone(), work.application.id.clone());
    let mut run = Run { engine: engine.clone(), work, log: log.clone(), reason: None, absences: 0, unwound: false };
    let ended = AssertUnwindSafe(run.whole_way().boxed()).catch_unwind().await;
    let end = match ended {
        Ok(Ok(end)) => end,
        Ok(Err(error)) if error.is_absence() => return,
        Ok(Err(Error::Store(error))) if rests(&error) => return tracing::error!(%error, deployment = %id, "a deployment rests until the store works again"),
        Ok(Err(error)) => End { status: DeploymentStatus::Failed, reason: Some(error.to_string()) },
        Err(_) => End { status: DeploymentStatus::Failed, reason: Some("Wharf itself failed while carrying it out: deploy again, and report it".into()) },
    };
    match &end.reason {
        Some(reason) => log.say(format!("{}: {reason}", capitalised(end.status.as_str()))),
        None => log.say(capitalised(end.status.as_str())),
    }
    log.flush().await;
    let reason = end.reason.map(|reason| log.masked(&reason));
    match engine.parts.store.work_finish(&scope, id.clone(), end.status, reason, Timestamp::now()).await {
        // A delete takes its own deployment along.
        Ok(()) | Err(store::Error::NotFound(_)) => {}
        Err(error) => tracing::error!(%error, deployment = %id, "the end of a deployment could not be written down"),
    }
    // A way back that had to be given up may have left requests waiting, for ever if nobody looked.
    if engine.parts.routes.let_go(&application) {
        engine.parts.reconcilers.wake("routes");
    }
    drop(carried);
    engine.changed();
    engine.wake();
    // What ended meanwhile was this deployment's business until now.
    engine.parts.reconcilers.wake("drift");
}

/// Whether the store itself fails: then the deployment is taken up again once it works. Whatever else it says, it will say again.
fn rests(error: &store::Error) -> bool {
    matches!(error, store::Error::DiskFull | store::Error::Closed | store::Error::Sqlite(_) | store::Error::Io(_) | store::Error::Damaged)
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// An end of one walk: what follows is asked again, or nothing does.
enum Walked {
    AskAgain,
    Ended(End),
}

impl Run {
    async fn whole_way(&mut self) -> Result<End, Error> {
        let saved = self.engine.parts.store.deployment_plan(&self.work.scope, self.work.deployment.id.clone()).await?;
        let plan = match saved {
            Some(plan) => plan,
            None => match self.plan().await {
                Ok(plan) => plan,
                Err(Error::Cancelled) => return Ok(End { status: DeploymentStatus::Cancelled, reason: Some("Cancelled before anything was changed".into()) }),
                Err(error) => return Err(error),
            },
        };
        loop {
            if let Walked::Ended(end) = self.walk(&plan).await? {
                return Ok(end);
            }
        }
    }

    /// Makes the plan and saves it, once the engine is there to be looked at.
    async fn plan(&mut self) -> Result<Plan, Error> {
        let (store, scope, id) = (self.engine.parts.store.clone(), self.work.scope.clone(), self.work.deployment.id.clone());
        let (engine, log) = (self.engine.clone(), self.log.clone());
        let cancelled = until_cancelled(&engine, &scope, &id);
        let made = async {
            deploy::resolve(&engine, &mut self.work, &log).await?;
            loop {
                match deploy::situation(&engine, &self.work).await {
                    Ok(situation) => return deploy::decide(&self.work, &situation),
                    Err(error) if error.is_absence() => wait_for_engine(&engine, &log, &error.to_string()).await,
                    Err(error) => return Err(error),
                }
            }
        };
        let plan = tokio::select! {
            biased;
            () = cancelled => return Err(Error::Cancelled),
            plan = made => plan?,
        };
        log.say(&plan.summary);
        store.plan_save(&scope, id, plan.clone()).await?;
        Ok(plan)
    }

    /// Asks what follows and does it.
    async fn walk(&mut self, plan: &Plan) -> Result<Walked, Error> {
        let rows = self.engine.parts.store.step_list(&self.work.scope, self.work.deployment.id.clone()).await?;
        let failed = rows.iter().find(|row| row.state == StepState::Failed && row.phase != Phase::Undo && row.phase != Phase::Cleanup);
        if let (Some(row), None) = (failed, &self.reason) {
            self.reason = Some(row.detail.clone().unwrap_or_else(|| format!("\"{}\" failed", row.title)));
        }
        let journal: Vec<_> = rows.iter().map(|row| JournalEntry { number: row.number, state: row.state }).collect();
        let observed = self.observed().await;
        let presence = match &observed {
            Ok(observed) => Presence::Present(observed),
            Err((since, why)) => Presence::Unknown { since: *since, why: why.clone() },
        };
        let cancelled = self.is_cancelled().await?;
        match plan::recover(plan, &journal, cancelled, presence) {
            Recovery::Resume { from } => self.forward(plan, from).boxed().await,
            Recovery::Unwind { .. } if self.unwound => Ok(Walked::Ended(self.unwound_end())),
            Recovery::Unwind { why } => {
                self.log.say(format!("Undo what was done: {why}"));
                self.backward(plan).boxed().await
            }
            Recovery::Wait { why } => {
                wait_for_engine(&self.engine, &self.log, &why).await;
                Ok(Walked::AskAgain)
            }
            Recovery::Finish => {
                Ok(Walked::Ended(End { status: DeploymentStatus::Finished, reason: cancelled.then(|| "The cancel came too late: it was live already".into()) }))
            }
            Recovery::Abandon { why } if self.reason.is_none() && !cancelled => Ok(Walked::Ended(End { status: DeploymentStatus::Failed, reason: Some(why) })),
            Recovery::Abandon { .. } => Ok(Walked::Ended(self.unwound_end())),
        }
    }

    fn unwound_end(&self) -> End {
        match &self.reason {
            Some(reason) => End { status: DeploymentStatus::Failed, reason: Some(reason.clone()) },
            None => End { status: DeploymentStatus::Cancelled, reason: Some("Cancelled; what served before serves on".into()) },
        }
    }

    async fn observed(&self) -> Result<model::Observed, (Timestamp, String)> {
        let looked =
            async { Ok::<_, Error>(self.engine.parts.link.engine("observe")?.observe(&self.work.application.id, &self.work.destination.network).await?) };
        looked.await.map_err(|error| match error {
            Error::Unavailable { since, why } => (since, why),
            other => (Timestamp::now(), other.to_string()),
        })
    }

    async fn is_cancelled(&self) -> Result<bool, Error> {
        Ok(self.engine.parts.store.work_cancelled(&self.work.scope, self.work.deployment.id.clone()).await?)
    }

    /// Walks forward from a step on, up to the end or to what keeps it from going on.
    async fn forward(&mut self, plan: &Plan, from: usize) -> Result<Walked, Error> {
        let point = plan.point_of_no_return();
        for (number, phase, step) in plan.forward().skip(from) {
            let before = number < point;
            if before && self.is_cancelled().await? {
                return Ok(Walked::AskAgain);
            }
            match self.take(number, phase, step, before).await? {
                Ok(()) => {}
                Err(Error::Cancelled) => return Ok(Walked::AskAgain),
                Err(error) if error.is_absence() && self.absences < ABSENCES_LIMIT => {
                    self.absences += 1;
                    tracing::info!(%error, step = step.kind(), "the engine went away in the middle of a step");
                    wait_until_noticed(&self.engine).await;
                    return Ok(Walked::AskAgain);
                }
                Err(error) if before => {
                    let reason = self.with_culprit(step, &error).await;
                    self.reason = Some(reason.clone());
                    self.end(number, StepState::Failed, Some(reason)).await?;
                    return Ok(Walked::AskAgain);
                }
                Err(error) => {
                    self.log.say(format!("{} failed and is left to be tidied later: {error}", step.title()));
                    self.end(number, StepState::Failed, Some(error.to_string())).await?;
                }
            }
            if matches!(step, Step::Forget) {
                return Ok(Walked::Ended(End { status: DeploymentStatus::Finished, reason: None }));
            }
        }
        Ok(Walked::AskAgain)
    }

    /// Walks the whole way back. What cannot be undone now is left to the reconcilers.
    async fn backward(&mut self, plan: &Plan) -> Result<Walked, Error> {
        for (number, phase, step) in plan.backward() {
            match self.take(number, phase, step, false).await? {
                Ok(()) => {}
                Err(error) if error.is_absence() && self.absences < ABSENCES_LIMIT => {
                    self.absences += 1;
                    wait_until_noticed(&self.engine).await;
                    return Ok(Walked::AskAgain);
                }
                Err(error) => {
                    self.log.say(format!("{} failed: {error}", step.title()));
                    self.end(number, StepState::Failed, Some(error.to_string())).await?;
                }
            }
        }
        self.unwound = true;
        Ok(Walked::AskAgain)
    }

    /// One step: written down, looked whether it is true already, done, written down.
    async fn take(&self, number: usize, phase: Phase, step: &Step, cancellable: bool) -> Result<Result<(), Error>, Error> {
        let (store, id) = (&self.engine.parts.store, &self.work.deployment.id);
        failpoint(step.kind(), "before_begin");
        store.step_begin(&self.work.scope, id.clone(), number, Timestamp::now()).await?;
        failpoint(step.kind(), "after_begin");
        self.log.enter(number);
        self.log.say(step.title());
        let limit = step::limit(step);
        let context = step::Context { engine: &self.engine, work: &self.work, log: &self.log, phase, cancellable };
        let work = async {
            held(&self.engine, step, Moment::Before).await?;
            let done = step::take(&context, step).await?;
            held(&self.engine, step, Moment::After).await?;
            Ok(done)
        };
        let taken = match AssertUnwindSafe(tokio::time::timeout(limit, work)).catch_unwind().await {
            Ok(Ok(taken)) => taken,
            Ok(Err(_)) => Err(Error::failed(format!("{} took longer than {} and was given up", step.title(), span(limit)))),
            Err(_) => Err(Error::failed(format!("Wharf itself failed at \"{}\": deploy again, and report it", step.title()))),
        };
        failpoint(step.kind(), "after_apply");
        match taken {
            Ok(_) if matches!(step, Step::Forget) => Ok(Ok(())),
            Ok(Done { skipped, detail }) => {
                let state = if skipped { StepState::Skipped } else { StepState::Done };
                if let Some(detail) = &detail {
                    self.log.say(detail);
                }
                self.end(number, state, detail).await?;
                failpoint(step.kind(), "after_end");
                Ok(Ok(()))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    async fn end(&self, number: usize, state: StepState, detail: Option<String>) -> Result<(), Error> {
        let detail = detail.map(|detail| self.log.masked(&detail));
        Ok(self.engine.parts.store.step_end(&self.work.scope, self.work.deployment.id.clone(), number, state, detail, Timestamp::now()).await?)
    }

    /// Why a step failed, with the last words of the container it failed at.
    async fn with_culprit(&self, step: &Step, error: &Error) -> String {
        let container = match step {
            Step::StartContainer { container } | Step::RunBefore { container, .. } => &container.name,
            Step::AwaitHealthy { container, .. } => container,
            _ => return error.to_string(),
        };
        let lines = crate::logs::tail(&self.engine, container, CULPRIT_LINES).await.unwrap_or_default();
        if lines.is_empty() {
            return format!("{error}\n{container} wrote nothing");
        }
        if !matches!(step, Step::RunBefore { .. }) {
            self.log.say(format!("Last lines of {container}:"));
            lines.iter().for_each(|line| self.log.line(line.stream, &line.text));
        }
        let text: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        format!("{error}\nLast lines of {container}:\n{}", text.join("\n"))
    }
}

/// Returns once a person asked to cancel.
pub(crate) async fn until_cancelled(engine: &Engine, scope: &store::Scope, id: &model::DeploymentId) {
    let mut changes = engine.parts.store.changes();
    loop {
        changes.mark_unchanged();
        if engine.parts.store.work_cancelled(scope, id.clone()).await.unwrap_or(false) {
            return;
        }
        if changes.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

async fn wait_for_engine(engine: &Engine, log: &Log, why: &str) {
    log.say(format!("Wait for the container engine: {why}"));
    wait_until_noticed(engine).await;
    engine.parts.link.up().await;
}

/// A step may see the engine go away before the connection does.
async fn wait_until_noticed(engine: &Engine) {
    const NOTICE: std::time::Duration = std::time::Duration::from_millis(500);
    tokio::time::sleep(NOTICE).await;
    engine.parts.link.up().await;
}

/// A span of time in words.
pub(crate) fn span(limit: std::time::Duration) -> String {
    match limit.as_secs() {
        seconds if seconds >= 120 && seconds % 60 == 0 => format!("{} minutes", seconds / 60),
        seconds if seconds > 0 => format!("{seconds} s"),
        _ => format!("{:.1} s", limit.as_secs_f32()),
    }
}
