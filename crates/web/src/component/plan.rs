//! A plan in three tenses: what will happen, what happens, what happened. The dashed line is the point of no return.

use super::status::{Mark, mark};
use crate::{
    time::ticking,
    unit::{count, duration},
};
use jiff::Timestamp;
use maud::{Markup, html};
use model::{
    Phase, Plan, Step, StepState,
    health::{HealthCheck, Probe},
};
use std::collections::BTreeMap;

/// How far a step is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// Its state; waiting when unknown.
    pub state: Option<StepState>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// Why it failed or was skipped.
    pub why: Option<String>,
}

/// A plan and how far it is, by step number.
pub struct Progressing<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Progress by step number.
    pub progress: &'a BTreeMap<usize, Progress>,
    /// Whether the way back was taken.
    pub undone: bool,
    /// What keeps serving when it is cancelled, such as "release 42".
    pub keeps: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
}

impl Progressing<'_> {
    fn state(&self, number: usize) -> StepState {
        self.progress.get(&number).and_then(|progress| progress.state).unwrap_or(StepState::Waiting)
    }

    fn phase(&self, wanted: Phase) -> Vec<(usize, &Step)> {
        self.plan.forward().chain(self.plan.backward()).filter(|(_, phase, _)| *phase == wanted).map(|(number, _, step)| (number, step)).collect()
    }
}

/// The shape of a step's state.
pub fn mark_of(state: StepState) -> Mark {
    match state {
        StepState::Waiting => Mark::Waiting,
        StepState::Running => Mark::Working,
        StepState::Done => Mark::Done,
        StepState::Skipped => Mark::Skipped,
        StepState::Failed => Mark::Failed,
    }
}

/// The whole plan as a card.
pub fn plan(view: &Progressing) -> Markup {
    html! {
        section .card.plan id="plan" aria-labelledby="plan-title" {
            h2 .sr id="plan-title" { "Plan" }
            (phase(view, Phase::Prepare, "Prepare"))
            @if view.undone { (phase(view, Phase::Undo, "Undo")) }
            @if let (Some(keeps), false) = (view.keeps, view.undone) { p .turn { "Until here, cancelling keeps " (keeps) } }
            (phase(view, Phase::Cutover, "Cutover"))
            (phase(view, Phase::Cleanup, "Cleanup"))
        }
    }
}

fn phase(view: &Progressing, phase: Phase, title: &str) -> Markup {
    let steps = view.phase(phase);
    html! {
        @if !steps.is_empty() {
            section .phase id={ "phase-" (phase.as_str()) } aria-label=(title) {
                header { h3 { (title) } span { (note(view, phase, &steps)) } }
                @for (number, step) in &steps { (row(view, *number, step)) }
            }
        }
    }
}

/// What stands at the end of a phase's head.
fn note(view: &Progressing, phase: Phase, steps: &[(usize, &Step)]) -> String {
    let states: Vec<StepState> = steps.iter().map(|(number, _)| view.state(*number)).collect();
    let ended = states.iter().filter(|state| matches!(state, StepState::Done | StepState::Skipped)).count();
    if let Some(failed) = states.iter().position(|state| *state == StepState::Failed) {
        return format!("failed at step {} of {}", failed + 1, steps.len());
    }
    match phase {
        Phase::Undo if ended == steps.len() => "all undone".into(),
        _ if ended == steps.len() => "done".into(),
        _ if ended > 0 || states.contains(&StepState::Running) => format!("{ended} of {}", steps.len()),
        _ if view.undone => "not reached".into(),
        Phase::Cutover => "point of no return".into(),
        Phase::Cleanup => "never fails a deployment".into(),
        Phase::Prepare | Phase::Undo => count(steps.len(), "step", "steps"),
    }
}

fn row(view: &Progressing, number: usize, step: &Step) -> Markup {
    let progress = view.progress.get(&number).cloned().unwrap_or_default();
    let state = progress.state.unwrap_or(StepState::Waiting);
    let shape = mark_of(state);
    let detail = progress.why.clone().filter(|why| !why.is_empty()).or_else(|| detail(step));
    html! {
        a .step id={ "step-" (number) } data-step=(shape.name()) href={ "#log-" (number) } {
            span data-status=(shape.name()) { (mark(shape)) }
            span { b { (step.title()) } @if let Some(detail) = detail { small { (detail) } } }
            span .took { (took(&progress, view.now)) }
        }
    }
}

/// The word or time at the end of a step.
pub fn took(progress: &Progress, now: Timestamp) -> Markup {
    let length = progress.started.zip(progress.finished).map(|(start, end)| duration(end.as_millisecond() - start.as_millisecond()));
    match (progress.state.unwrap_or(StepState::Waiting), length, progress.started) {
        (StepState::Done, Some(length), _) => html! { (length) },
        (StepState::Done, ..) => html! { "done" },
        (StepState::Failed, Some(length), _) => html! { "failed, " (length) },
        (StepState::Running, _, Some(started)) => html! { "running " (ticking(started, now)) },
        (state, ..) => html! { (state.as_str()) },
    }
}

/// What a step says below its title before it begins.
fn detail(step: &Step) -> Option<String> {
    match step {
        Step::FetchSource { source, .. } => Some(format!("{} of {}", source.reference, source.url.repository())),
        Step::BuildImage { fresh: true, .. } => Some("without cache".into()),
        Step::StartContainer { container } if !container.aliases.is_empty() => Some(format!("as {}", container.aliases.join(", "))),
        Step::AwaitHealthy { port, check, .. } => Some(asked(check, port.map(|port| port.to_string()))),
        Step::StopContainer { grace_seconds, .. } => Some(format!("within {grace_seconds} s")),
        _ => None,
    }
}

/// What a step would do, for a plan that is only looked at: new containers have no name yet, those that run have theirs.
pub fn intended(step: &Step) -> String {
    match step {
        Step::FetchSource { source, commit } => format!("Fetch commit {} of {}", commit.short(), source.url.repository()),
        Step::BuildImage { fresh: true, .. } => "Build the image without cache".into(),
        Step::BuildImage { .. } => "Build the image, unless the same one is there already".into(),
        Step::EnsureNetwork { network } => format!("Make the network {network}, unless it is there"),
        Step::EnsureVolume { name, .. } => format!("Make the volume {name}, unless it is there"),
        Step::RunBefore { command, .. } => format!("Run {command} in a container of the new image; if it fails, nothing changes"),
        Step::StartContainer { container } => format!("Start new container {}", container.replica),
        Step::AwaitHealthy { .. } => "Wait until it is healthy".into(),
        Step::SwitchRoutes { containers, .. } if !containers.is_empty() => {
            format!("Switch the routes to {}", count(containers.len(), "container", "containers"))
        }
        Step::Drain { limit_seconds, .. } => format!("Let requests in flight finish, up to {limit_seconds} s"),
        Step::RunAfter { command, .. } => format!("Run {command} in a container that serves"),
        other => other.title(),
    }
}

/// How a health check asks, in words: "GET /healthz on port 3000".
pub fn asked(check: &HealthCheck, port: Option<String>) -> String {
    let port = check.port.map(|port| port.to_string()).or(port);
    let on = port.map(|port| format!(" on port {port}")).unwrap_or_default();
    match &check.probe {
        Probe::Tcp => format!("TCP connection{on}"),
        Probe::Http { path, method, .. } => format!("{} {path}{on}", format!("{method:?}").to_uppercase()),
        Probe::None => "running is enough".into(),
    }
}

/// One tick a step of the way forward, a gap between phases: what was not reached stays open, whatever was undone.
pub fn track(id: &str, view: &Progressing) -> Markup {
    html! {
        span .track id=(id) aria-hidden="true" {
            @for (at, wanted) in [Phase::Prepare, Phase::Cutover, Phase::Cleanup].into_iter().enumerate() {
                @for (place, (number, _)) in view.phase(wanted).iter().enumerate() {
                    i .phase[at > 0 && place == 0] data-status=(mark_of(view.state(*number)).name()) {}
                }
            }
        }
    }
}
