//! Takes up again what was interrupted: deployments that run by the store and are carried out by nobody. At boot these are those of the process before.

use crate::{Engine, Error, run};
use model::{Step, StepState};

pub(super) async fn activate(engine: &Engine) -> Result<Vec<String>, Error> {
    let mut taken = Vec::new();
    for work in engine.parts.store.work_interrupted().await? {
        if !engine.parts.running.concerns(&work.application.id) {
            taken.push(format!("took up the {} of {}", work.deployment.operation.as_str(), work.application.name));
            run::begin(engine, work);
        }
    }
    Ok(taken)
}

/// Notes, before the first table is computed, whose requests were being held when the process before ended.
///
/// # Errors
/// The store cannot be read.
pub(crate) async fn note_held(engine: &Engine) -> Result<(), store::Error> {
    let store = &engine.parts.store;
    for work in store.work_interrupted().await? {
        let id = work.deployment.id.clone();
        let Some(plan) = store.deployment_plan(&work.scope, id.clone()).await? else { continue };
        let states = store.step_list(&work.scope, id).await?;
        let state = |number: usize| states.get(number).map_or(StepState::Waiting, |row| row.state);
        let begun = |kind: fn(&Step) -> bool, done: bool| {
            plan.forward().any(|(number, _, step)| kind(step) && if done { state(number) == StepState::Done } else { state(number) != StepState::Waiting })
        };
        if begun(|step| matches!(step, Step::HoldRequests), false) && !begun(|step| matches!(step, Step::SwitchRoutes { .. }), true) {
            engine.parts.routes.note_held(&work.application.id);
        }
    }
    Ok(())
}
