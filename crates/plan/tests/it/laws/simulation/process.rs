//! The process that carries deployments out, one act at a time: what it remembers, what the journal keeps when it dies, and how it asks what follows.

use super::{End, Request, chance::Chance};
use crate::{
    laws::assert_live_with,
    world::{Failure, World, active},
};
use model::{Operation, Phase, Plan, Presence, ReleaseId, Step, StepState};
use plan::{JournalEntry, Recovery};
use std::{collections::BTreeSet, ops::Range, rc::Rc};

/// How often a deployment is taken up again after the engine went away in the middle of a step.
const ABSENCES_LIMIT: usize = 5;

/// Whether a history is told while it is lived.
#[derive(Debug, Clone, Copy)]
pub enum Told {
    InSilence,
    Aloud,
}

impl Told {
    pub fn tell(self, what: impl FnOnce() -> String) {
        if let Self::Aloud = self {
            println!("{}", what());
        }
    }
}

/// What was when a deployment began: what a failure must leave.
#[derive(Debug)]
struct Before {
    answers: bool,
    upstreams: Vec<String>,
    live: Option<ReleaseId>,
    containers: BTreeSet<String>,
}

/// A plan with its steps in the order of their numbers: the way forward, then the way back.
#[derive(Debug)]
struct Way {
    plan: Plan,
    steps: Vec<(Phase, Step)>,
}

impl Way {
    fn of(plan: Plan) -> Self {
        let steps = plan.forward().chain(plan.backward()).map(|(_, phase, step)| (phase, step.clone())).collect();
        Self { plan, steps }
    }

    fn forward(&self) -> usize {
        self.steps.len() - self.plan.undo.len()
    }
}

/// What the store holds of the deployment that runs.
#[derive(Debug)]
struct Attempt {
    request: Request,
    number: u16,
    plan: Option<Rc<Way>>,
    journal: Vec<JournalEntry>,
    cancelled: bool,
    before: Before,
    /// A container ended for good meanwhile: what answered may not any more.
    accident: bool,
    /// A step of the cleanup or of the way back was given up: something may be left for the next deployment to remove.
    given_up: bool,
}

/// Where a walk stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Begin,
    Apply,
    Note(StepState),
}

/// What dies with the process.
#[derive(Debug, Default)]
struct Memory {
    /// Numbers of the steps that are still to be taken.
    way: Range<usize>,
    stage: Option<Stage>,
    absences: usize,
    unwound: bool,
}

/// The process.
#[derive(Debug)]
pub struct Process {
    attempt: Option<Attempt>,
    memory: Memory,
    begun: u16,
    told: Told,
}

impl Process {
    pub fn new(told: Told) -> Self {
        Self { attempt: None, memory: Memory::default(), begun: 0, told }
    }

    pub fn busy(&self) -> bool {
        self.attempt.is_some()
    }

    /// Takes up what was asked for.
    pub fn claim(&mut self, request: Request, world: &World) {
        self.begun += 1;
        let before = Before {
            answers: world.answers(),
            upstreams: world.upstreams().cloned().collect(),
            live: world.live.clone(),
            containers: world.own().map(|container| container.name.clone()).collect(),
        };
        self.memory = Memory::default();
        self.attempt =
            Some(Attempt { request, number: self.begun, plan: None, journal: Vec::new(), cancelled: false, before, accident: false, given_up: false });
    }

    /// Dies and starts again: only what is written down is left.
    pub fn die(&mut self) {
        self.memory = Memory::default();
    }

    /// A person cancels what runs; a delete is not cancelled.
    pub fn cancel(&mut self) -> bool {
        let cancels = self.attempt.as_mut().filter(|attempt| attempt.request.operation != Operation::Delete);
        cancels.map(|attempt| attempt.cancelled = true).is_some()
    }

    /// A container ended for good.
    pub fn accident(&mut self) {
        if let Some(attempt) = &mut self.attempt {
            attempt.accident = true;
        }
    }

    /// Whether visitors are answered who must be: those who were before. A stop and a delete mean not to, and accidents have no law.
    pub fn answered(&self, world: &World) -> bool {
        let must = |attempt: &Attempt| attempt.before.answers && !attempt.accident && !matches!(attempt.request.operation, Operation::Stop | Operation::Delete);
        self.attempt.as_ref().is_some_and(must) && world.answers()
    }

    /// Does the next thing. Answers how the deployment ended, once it has.
    pub fn act(&mut self, world: &mut World, engine_up: bool, chance: &mut Chance) -> Option<(usize, End)> {
        let attempt = self.attempt.as_mut()?;
        let end = match (&attempt.plan, self.memory.stage) {
            (None, _) => attempt.plan(world, engine_up, &mut self.begun),
            (Some(_), None) => attempt.ask(&mut self.memory, world, engine_up),
            (Some(_), Some(stage)) => attempt.walk(&mut self.memory, stage, world, engine_up, chance, self.told),
        }?;
        let attempt = self.attempt.take()?;
        attempt.judge(end, world);
        Some((attempt.request.number, end))
    }
}

impl Attempt {
    fn plan(&mut self, world: &mut World, engine_up: bool, begun: &mut u16) -> Option<End> {
        if self.cancelled {
            return Some(End::Cancelled);
        }
        if !engine_up {
            return None;
        }
        let plan = match self.request.operation {
            Operation::Stop => world.plan_stop(),
            Operation::Delete => world.plan_delete(self.request.with_volumes),
            operation => {
                let Some(made) = self.request.release.clone().or_else(|| world.live_release()) else { return Some(End::Failed) };
                world.deployment = self.number;
                *begun = self.number;
                world.plan_again(operation, &made.release, self.request.force)
            }
        };
        self.plan = Some(Rc::new(Way::of(plan)));
        None
    }

    /// Asks what follows, from what is written down and what is seen.
    fn ask(&mut self, memory: &mut Memory, world: &World, engine_up: bool) -> Option<End> {
        let way = self.plan.as_ref()?;
        let observed = engine_up.then(|| world.observed());
        let presence = match &observed {
            Some(observed) => Presence::Present(observed),
            None => Presence::Unknown { since: jiff::Timestamp::UNIX_EPOCH, why: "away".into() },
        };
        match plan::recover(&way.plan, &self.journal, self.cancelled, presence) {
            Recovery::Resume { from } => memory.way = from..way.forward(),
            Recovery::Unwind { .. } if memory.unwound => return Some(self.undone()),
            Recovery::Unwind { .. } => memory.way = way.forward()..way.steps.len(),
            Recovery::Wait { .. } => return None,
            Recovery::Finish => return Some(End::Finished),
            Recovery::Abandon { .. } => return Some(self.undone()),
        }
        memory.stage = Some(Stage::Begin);
        None
    }

    fn undone(&self) -> End {
        let point = self.point_of_no_return();
        let failed = self.journal.iter().any(|entry| entry.number < point && entry.state == StepState::Failed);
        if failed || !self.cancelled { End::Failed } else { End::Cancelled }
    }

    /// One act of a step: written down, done, written down.
    fn walk(&mut self, memory: &mut Memory, stage: Stage, world: &mut World, engine_up: bool, chance: &mut Chance, told: Told) -> Option<End> {
        let way = Rc::clone(self.plan.as_ref()?);
        let number = memory.way.start;
        let Some((phase, step)) = way.steps.get(number).filter(|_| !memory.way.is_empty()) else {
            memory.unwound |= way.plan.undo.is_empty();
            memory.stage = None;
            return None;
        };
        let phase = *phase;
        let before = phase != Phase::Undo && number < way.plan.point_of_no_return();
        match stage {
            Stage::Begin if before && self.cancelled => memory.stage = None,
            Stage::Begin => {
                self.journal.push(JournalEntry { number, state: StepState::Running });
                memory.stage = Some(Stage::Apply);
            }
            Stage::Apply => {
                told.tell(|| format!("     {}: {}", phase.as_str(), step.title()));
                memory.stage = self.apply(memory, phase, step, world, engine_up, chance);
                if world.forgotten {
                    return Some(End::Finished);
                }
            }
            Stage::Note(state) => {
                self.journal.push(JournalEntry { number, state });
                let failed = state == StepState::Failed;
                self.given_up |= failed && !before;
                memory.way.next();
                memory.unwound |= phase == Phase::Undo && memory.way.is_empty();
                memory.stage = if failed && before || memory.way.is_empty() { None } else { Some(Stage::Begin) };
            }
        }
        None
    }

    fn point_of_no_return(&self) -> usize {
        self.plan.as_ref().map_or(0, |way| way.plan.point_of_no_return())
    }

    /// Does a step, as far as engine and chance let it. The engine may go away before it was done, or after, before it could say so.
    fn apply(&mut self, memory: &mut Memory, phase: Phase, step: &Step, world: &mut World, engine_up: bool, chance: &mut Chance) -> Option<Stage> {
        let lost_answer = chance.one_in(60);
        if !engine_up || lost_answer {
            if engine_up && *step != Step::Forget {
                let _ = carry_out(world, phase, step);
            }
            memory.absences += 1;
            return if memory.absences > ABSENCES_LIMIT { Some(Stage::Note(StepState::Failed)) } else { None };
        }
        if phase != Phase::Undo && chance.one_in(40) {
            if *step != Step::Forget && chance.one_in(2) {
                let _ = carry_out(world, phase, step);
            }
            return Some(Stage::Note(StepState::Failed));
        }
        let done = carry_out(world, phase, step);
        Some(Stage::Note(if done.is_ok() { StepState::Done } else { StepState::Failed }))
    }

    /// The laws of an end.
    fn judge(&self, end: End, world: &World) {
        let holds_still = self.given_up && world.held;
        assert!(!world.held || holds_still || world.forgotten, "requests are still held");
        let makes_live = !matches!(self.request.operation, Operation::Stop | Operation::Delete);
        match end {
            End::Finished if makes_live => {
                let live = world.live.as_ref().expect("a live release");
                if let Some(made) = &self.request.release {
                    assert_eq!(live, &made.release.id, "finished, but another release is live");
                }
                if !self.given_up && !self.accident {
                    // Those that are just starting again serve in a moment.
                    assert_live_with(world, world.release(live), active);
                }
            }
            End::Finished => assert!(world.serving().is_empty(), "taken away, but something serves"),
            _ if self.request.operation == Operation::Delete || self.given_up => {}
            _ => self.assert_undone(world),
        }
    }

    fn assert_undone(&self, world: &World) {
        let now: Vec<&String> = world.upstreams().collect();
        let lost = |name: &&String| !now.contains(name);
        assert!(self.accident || self.before.upstreams.iter().find(lost).is_none(), "what served does not: {:?}, {now:?}", self.before.upstreams);
        assert!(now.iter().all(|name| self.before.upstreams.contains(name)), "what failed serves: {now:?}");
        assert_eq!(world.live, self.before.live, "what failed is live");
        assert!(self.accident || !self.before.answers || world.answers(), "nobody answers");
        assert!(world.own().all(|container| self.before.containers.contains(&container.name)), "something new is left behind");
    }
}

/// A step, as the engine takes it: one that ended meanwhile is noticed where the model of the world would only say that a law is broken.
fn carry_out(world: &mut World, phase: Phase, step: &Step) -> Result<(), Failure> {
    let runs = |name: &String| world.containers.get(name).is_some_and(|container| container.state.running());
    match step {
        Step::AwaitHealthy { container, .. } | Step::RunAfter { container, .. } if !runs(container) => Err(Failure(format!("{container} does not run"))),
        Step::RunAfter { container, .. } if !world.upstreams().any(|name| name == container) => Err(Failure(format!("{container} does not serve"))),
        Step::SwitchRoutes { release, containers } if phase == Phase::Undo => {
            world.held = false;
            world.routes = release.as_ref().map(|_| containers.clone());
            world.live = release.clone();
            Ok(())
        }
        Step::SwitchRoutes { containers, .. } if !containers.iter().all(runs) => Err(Failure("a container ended before the switch".into())),
        step => world.apply(step),
    }
}
