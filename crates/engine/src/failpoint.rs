//! Places where a debug build dies or is held when a test says so: the tests of the law that anything may fail at any moment.
//!
//! `WHARF_FAILPOINT=<step kind>:before_begin|after_begin|after_apply|after_end` aborts the process there, `docker:<verb>` before that call of the container
//! engine and `docker:<verb>:after` behind it; `:n` at the end waits for the n-th time. An engine in a test's own process is held by [`Hold`].

#[cfg(debug_assertions)]
pub use hold::Hold;

use crate::{Engine, Error};
use model::Step;

#[cfg(debug_assertions)]
static PASSED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

/// Aborts the process where a debug build was told to die here.
#[cfg(debug_assertions)]
pub(crate) fn failpoint(place: &str, moment: &str) {
    let Ok(wanted) = std::env::var("WHARF_FAILPOINT") else { return };
    let (name, time) = match wanted.rsplit_once(':') {
        Some((name, number)) if number.parse::<usize>().is_ok() => (name, number.parse().unwrap_or(1)),
        _ => (wanted.as_str(), 1),
    };
    if name.split_once(':') == Some((place, moment)) && PASSED.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1 == time {
        std::process::abort();
    }
}

/// Release builds have no such places.
#[cfg(not(debug_assertions))]
pub(crate) fn failpoint(_place: &str, _moment: &str) {}

/// When a step may be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It is written down that it begins; nothing of it is done.
    Before,
    /// It is done; that is not written down.
    After,
}

/// Waits here where a test holds this engine.
///
/// # Errors
/// The test lets the step fail.
#[cfg(debug_assertions)]
pub(crate) async fn held(engine: &Engine, step: &Step, moment: Moment) -> Result<(), Error> {
    hold::wait(&engine.parts.options.instance, step.kind(), moment).await
}

/// Release builds are never held.
#[cfg(not(debug_assertions))]
#[expect(clippy::unused_async, reason = "what debug builds wait for")]
pub(crate) async fn held(_engine: &Engine, _step: &Step, _moment: Moment) -> Result<(), Error> {
    Ok(())
}

/// Calls of the container engine, around which a process may die.
pub(crate) struct Called {
    engine: docker::Engine,
    #[cfg(debug_assertions)]
    verb: String,
}

impl Called {
    pub(crate) fn new(engine: docker::Engine, verb: &str) -> Self {
        #[cfg(not(debug_assertions))]
        let _ = verb;
        Self {
            engine,
            #[cfg(debug_assertions)]
            verb: format!("{verb}:after"),
        }
    }
}

impl std::ops::Deref for Called {
    type Target = docker::Engine;
    fn deref(&self) -> &docker::Engine {
        &self.engine
    }
}

/// Who asked for the engine to call it has done so when this goes.
#[cfg(debug_assertions)]
impl Drop for Called {
    fn drop(&mut self) {
        failpoint("docker", &self.verb);
    }
}

#[cfg(debug_assertions)]
mod hold {
    use super::Moment;
    use crate::Error;
    use model::InstanceId;
    use std::sync::{Mutex, PoisonError};
    use tokio::sync::oneshot;

    static HOLDS: Mutex<Vec<Told>> = Mutex::new(Vec::new());

    /// Where an engine of this process is to be held, once.
    struct Told {
        instance: InstanceId,
        kind: String,
        moment: Moment,
        reached: oneshot::Sender<()>,
        fails: oneshot::Receiver<bool>,
    }

    /// An engine of this process that stops at a step until it is told how to go on. Debug builds only; dropping it lets the engine go on.
    pub struct Hold {
        reached: oneshot::Receiver<()>,
        fails: oneshot::Sender<bool>,
    }

    impl Hold {
        /// Holds the engine of this instance the next time it takes a step of this kind.
        pub fn at(instance: &InstanceId, kind: &str, moment: Moment) -> Self {
            let ((reached, there), (fails, told)) = (oneshot::channel(), oneshot::channel());
            let hold = Told { instance: instance.clone(), kind: kind.to_owned(), moment, reached, fails: told };
            HOLDS.lock().unwrap_or_else(PoisonError::into_inner).push(hold);
            Self { reached: there, fails }
        }

        /// Waits until it is held.
        pub async fn reached(&mut self) {
            // Whoever holds it keeps the other end.
            let _ = (&mut self.reached).await;
        }

        /// Lets it go on.
        pub fn go_on(self) {
            let _ = self.fails.send(false);
        }

        /// Lets the step fail here.
        pub fn fail(self) {
            let _ = self.fails.send(true);
        }
    }

    pub(super) async fn wait(instance: &InstanceId, kind: &str, moment: Moment) -> Result<(), Error> {
        let told = {
            let mut holds = HOLDS.lock().unwrap_or_else(PoisonError::into_inner);
            let at = holds.iter().position(|told| told.instance == *instance && told.kind == kind && told.moment == moment);
            at.map(|at| holds.remove(at))
        };
        let Some(told) = told else { return Ok(()) };
        let _ = told.reached.send(());
        match told.fails.await {
            Ok(true) => Err(Error::failed(format!("{kind} was told to fail"))),
            Ok(false) | Err(_) => Ok(()),
        }
    }
}
