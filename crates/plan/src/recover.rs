//! What to do with a deployment that was interrupted: by a crash, a cancel or an engine out of reach. One path for all of them.

use model::{Observed, Plan, Presence, Step, StepState};
use std::collections::BTreeMap;

/// What the journal says of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalEntry {
    /// The step's number, as [`Plan::forward`] and [`Plan::backward`] count.
    pub number: usize,
    /// Its state. Of several entries of one step the last counts, and what was done behind a step counts no longer once that step begins again.
    pub state: StepState,
}

/// What follows an interruption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// Run the way forward from this step on; steps behind it that are true already are skipped by their check.
    Resume {
        /// Its number.
        from: usize,
    },
    /// Run the whole way back.
    Unwind {
        /// Why, as people read it.
        why: String,
    },
    /// Ask again later.
    Wait {
        /// Why.
        why: String,
    },
    /// Nothing is left to do and the plan's end is reached.
    Finish,
    /// Nothing is left to do and the plan's end is not reached: it was undone, cannot be undone, or nobody can go on with it.
    Abandon {
        /// Why.
        why: String,
    },
}

/// Decides what follows. Past the point of no return the way is forward, whatever failed or was asked for; before it, a failure or a cancel leads back.
/// A way back that was begun is begun again: its steps are harmless where there is nothing to undo.
pub fn recover(plan: &Plan, journal: &[JournalEntry], cancel_requested: bool, observed: Presence<&Observed>) -> Recovery {
    let states = states(journal);
    let steps = plan.forward().count() + plan.undo.len();
    if let Some(number) = states.keys().find(|number| **number >= steps) {
        return Recovery::Abandon { why: format!("the journal names step {}, but the plan has {steps}: they do not belong together", number + 1) };
    }
    let decision = decide(plan, &states, cancel_requested);
    match (decision, observed) {
        (done @ (Recovery::Finish | Recovery::Abandon { .. }), _) => done,
        (_, Presence::Absent) => Recovery::Abandon { why: "the server it ran on is gone: deploy to another one".into() },
        (_, Presence::Unknown { why, since }) => Recovery::Wait { why: format!("the engine has been out of reach since {since}: {why}") },
        (Recovery::Resume { from }, Presence::Present(observed)) => Recovery::Resume { from: first_lost(plan, &states, observed, from) },
        (decision, Presence::Present(_)) => decision,
    }
}

/// What the journal says of each step now. A step that begins again replaces what those behind it rest on: a container that was started anew is not the one
/// that was found healthy.
fn states(journal: &[JournalEntry]) -> BTreeMap<usize, StepState> {
    let mut states = BTreeMap::new();
    for entry in journal {
        if entry.state == StepState::Running {
            states.split_off(&entry.number);
        }
        states.insert(entry.number, entry.state);
    }
    states
}

fn settled(state: Option<&StepState>) -> bool {
    matches!(state, Some(StepState::Done | StepState::Skipped))
}

fn decide(plan: &Plan, states: &BTreeMap<usize, StepState>, cancel_requested: bool) -> Recovery {
    let begun = |number: &usize| states.get(number).is_some_and(|state| *state != StepState::Waiting);
    let failed = plan.forward().take(plan.point_of_no_return()).find(|(number, ..)| states.get(number) == Some(&StepState::Failed));
    let why = || match failed {
        Some((_, _, step)) => format!("\"{}\" failed", step.title()),
        None => "it was cancelled".to_owned(),
    };
    if plan.backward().any(|(number, ..)| begun(&number)) {
        let undone = plan.backward().all(|(number, ..)| settled(states.get(&number)));
        return if undone { Recovery::Abandon { why: format!("{}; what was done is undone", why()) } } else { Recovery::Unwind { why: why() } };
    }
    if (0..plan.point_of_no_return()).all(|number| settled(states.get(&number))) {
        // A failed step of the cleanup is left to the reconcilers.
        let open = plan.forward().map(|(number, ..)| number).find(|number| !settled(states.get(number)) && states.get(number) != Some(&StepState::Failed));
        return open.map_or(Recovery::Finish, |from| Recovery::Resume { from });
    }
    if failed.is_some() || cancel_requested {
        return if plan.undo.is_empty() { Recovery::Abandon { why: why() } } else { Recovery::Unwind { why: why() } };
    }
    let from = (0..plan.point_of_no_return()).find(|number| !settled(states.get(number))).unwrap_or(plan.point_of_no_return());
    Recovery::Resume { from }
}

/// The first step whose work was lost since it was done (the machine may have started again), else `from`. After the point of no return nothing is
/// redone: what is lost there is drift.
fn first_lost(plan: &Plan, states: &BTreeMap<usize, StepState>, observed: &Observed, from: usize) -> usize {
    if from >= plan.point_of_no_return() {
        return from;
    }
    plan.forward().take(from).find(|(number, _, step)| settled(states.get(number)) && lost(step, observed)).map_or(from, |(number, ..)| number)
}

fn lost(step: &Step, observed: &Observed) -> bool {
    match step {
        Step::BuildImage { tag, .. } | Step::PullImage { tag, .. } => !observed.images.contains(tag),
        Step::EnsureNetwork { network } => !observed.networks.contains(network),
        Step::EnsureVolume { volume, .. } => !observed.volumes.contains(volume),
        Step::StartContainer { container } => observed.container(&container.name).is_none_or(|seen| !crate::deploy::active(seen)),
        // A fetched commit is not seen on an engine; a command is never run blindly a second time; the rest is asked again where it matters.
        Step::FetchSource { .. }
        | Step::RunBefore { .. }
        | Step::AwaitHealthy { .. }
        | Step::HoldRequests
        | Step::StopContainer { .. }
        | Step::StartAgain { .. }
        | Step::SwitchRoutes { .. }
        | Step::Drain { .. }
        | Step::RemoveContainer { .. }
        | Step::RunAfter { .. }
        | Step::RemoveImages { .. }
        | Step::RemoveVolume { .. }
        | Step::Forget => false,
    }
}
