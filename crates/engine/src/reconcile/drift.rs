//! Starts again what should run and does not, because somebody removed or stopped it by hand. Never what a person stopped, and ever more rarely what ends
//! again.

use crate::{Engine, Error, chance::chance, live::LiveApplication};
use jiff::Timestamp;
use model::{
    ApplicationId, Cause, ContainerState, DeploymentId, Operation,
    application::{Desired, RestartPolicy},
    deployment::CauseKind,
};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::NewDeployment;

/// First and longest pause between two attempts for one application.
const PAUSE_FIRST: Duration = Duration::from_secs(10);
const PAUSE_LONGEST: Duration = Duration::from_secs(15 * 60);
/// A next attempt within this time is woken for; a later one is found when drift is looked at next.
const SOON: Duration = Duration::from_secs(30);
/// What runs for this long is taken for well again.
const WELL_AFTER: Duration = Duration::from_secs(10 * 60);

/// Attempts by application.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<BTreeMap<ApplicationId, Attempt>>);

struct Attempt {
    at: Instant,
    pause: Duration,
}

impl Attempts {
    /// Whether it is time for another attempt, which is then noted. What may yet come back by itself gets a first pause.
    fn due(&self, application: &ApplicationId, at_once: bool) -> bool {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match attempts.get_mut(application) {
            Some(last) if now - last.at < last.pause => false,
            Some(last) if now - last.at > WELL_AFTER + last.pause => {
                *last = Attempt { at: now, pause: PAUSE_FIRST };
                at_once
            }
            Some(last) => {
                *last = Attempt { at: now, pause: (last.pause * 2).min(PAUSE_LONGEST) };
                true
            }
            None => {
                attempts.insert(application.clone(), Attempt { at: now, pause: PAUSE_FIRST });
                at_once
            }
        }
    }

    /// How long it is until the next attempt.
    fn left(&self, application: &ApplicationId) -> Option<Duration> {
        let attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.get(application).map(|last| last.pause.saturating_sub(last.at.elapsed()))
    }
}

/// An engine that was killed leaves containers ended that it should start again: nothing but time tells that it does not.
async fn wake_after(engine: Engine, left: Duration) {
    tokio::time::sleep(left).await;
    engine.parts.reconcilers.wake("drift");
}

pub(super) async fn activate(engine: &Engine) -> Result<Vec<String>, Error> {
    let docker = engine.parts.link.engine("observe")?;
    // What the engine told may have been lost on the way.
    engine.parts.seen.look(engine, &docker).await?;
    let mut started = Vec::new();
    for live in engine.parts.routes.all_live() {
        let Some(lost) = lost(engine, &live) else { continue };
        if is_busy(engine, &live).await? {
            continue;
        }
        if !engine.parts.attempts.due(&live.application.id, lost.gone) {
            if let Some(left) = engine.parts.attempts.left(&live.application.id).filter(|left| *left < SOON) {
                engine.parts.tasks.spawn(wake_after(engine.clone(), left));
            }
            continue;
        }
        if !start(engine, &live).await? {
            continue;
        }
        started.push(format!("{}: {} should run; started again", live.application.name, lost.names.join(", ")));
    }
    if !started.is_empty() {
        engine.wake();
    }
    Ok(started)
}

/// Containers that should run and do not.
struct Lost {
    names: Vec<String>,
    /// One is gone altogether; what only ended the engine may be starting again at this moment.
    gone: bool,
}

/// Containers that should run and are gone, or were stopped behind our back. What ended by itself is the restart policy's business.
fn lost(engine: &Engine, live: &LiveApplication) -> Option<Lost> {
    if live.desired != Desired::Running {
        return None;
    }
    let stopped = |state: &ContainerState| live.settings.restart == RestartPolicy::UnlessStopped && matches!(state, ContainerState::Exited { .. });
    let seen = |name: &String| engine.parts.seen.container(name);
    let names: Vec<_> = live.serving.iter().filter(|name| seen(name).is_none_or(|container| stopped(&container.state))).cloned().collect();
    let gone = live.serving.is_empty() || names.iter().any(|name| seen(name).is_none());
    (!names.is_empty() || live.serving.is_empty()).then_some(Lost { names, gone })
}

async fn is_busy(engine: &Engine, live: &LiveApplication) -> Result<bool, Error> {
    let open = engine.parts.store.deployment_list_open(&live.scope).await?;
    Ok(open.iter().any(|row| row.deployment.application == live.application.id) || engine.parts.running.concerns(&live.application.id))
}

/// Queues a start, unless the store knows by now that something else is wanted.
async fn start(engine: &Engine, live: &LiveApplication) -> Result<bool, Error> {
    let new = NewDeployment {
        id: DeploymentId::from_chance(chance()),
        application: live.application.id.clone(),
        operation: Operation::Start,
        fresh_release: None,
        release: Some(live.release.clone()),
        force: false,
        with_volumes: false,
        cause: Cause { by: CauseKind::Wharf, actor: "Wharf".into() },
        supersedes: false,
    };
    Ok(engine.parts.store.deployment_create_unasked(&live.scope, new, Timestamp::now()).await?)
}
