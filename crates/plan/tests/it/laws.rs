//! Laws over random specifications and random states of the world.

mod simulation;

use crate::{
    fixture::{Seed, seeds},
    world::{World, active, container},
};
use model::{ContainerState, ObservedContainer, Operation, Plan, Release, Step, observed::ContainerKind};
use proptest::prelude::*;

/// A container that an attempt or an accident left behind.
#[derive(Debug, Clone)]
pub struct Stray {
    state: u8,
    hook: bool,
    replica: u16,
    same_configuration: bool,
}

/// What came before, and what is asked for now.
#[derive(Debug, Clone)]
pub struct Case {
    older: Option<Seed>,
    live: Option<Seed>,
    stopped: bool,
    crashed: Vec<u16>,
    strays: Vec<Stray>,
    lost_image: bool,
    next: Seed,
    operation: u8,
    force: bool,
}

pub fn cases() -> impl Strategy<Value = Case> {
    let stray = (0..5u8, any::<bool>(), 1..4u16, any::<bool>()).prop_map(|(state, hook, replica, same_configuration)| Stray {
        state,
        hook,
        replica,
        same_configuration,
    });
    let before = (proptest::option::of(seeds()), proptest::option::weighted(0.8, seeds()), proptest::bool::weighted(0.15));
    let accidents = (proptest::collection::vec(0..3u16, 0..2), proptest::collection::vec(stray, 0..3), proptest::bool::weighted(0.1));
    let asked = (seeds(), 0..7u8, proptest::bool::weighted(0.2), any::<bool>());
    (before, accidents, asked).prop_map(|((older, live, stopped), (crashed, strays, lost_image), (next, operation, force, alike))| {
        // Half of the time little changes: what is kept is as worth testing as what is replaced.
        let next = match (&live, alike) {
            (Some(live), true) => Seed { replicas: next.replicas, domain: next.domain, host_port: false, exclusive: next.exclusive, ..live.clone() },
            _ => next,
        };
        Case { older, live, stopped, crashed, strays, lost_image, next, operation, force }
    })
}

impl Case {
    /// The world before, the release asked for and the plan to get there.
    pub fn set_up(&self) -> (World, Release, Plan) {
        let mut world = World::new();
        let mut number = 0;
        for seed in self.older.iter().chain(&self.live) {
            number += 1;
            let plan = world.plan(Operation::Deploy, &seed.release(number), false);
            world.run(&plan).expect("a history that worked");
        }
        if self.stopped {
            let plan = world.plan_stop();
            world.run(&plan).expect("a stop that worked");
        }
        self.have_accidents(&mut world);
        let next = self.next.release(number + 1);
        let (operation, release) = match (self.operation, world.releases.first().map(|made| &made.release), world.releases.last().map(|made| &made.release)) {
            (4, _, Some(live)) => (Operation::Restart, live.clone()),
            (5, _, Some(live)) => (Operation::Start, live.clone()),
            (6, Some(older), _) => (Operation::Rollback, older.clone()),
            _ => (Operation::Deploy, next),
        };
        let plan = world.plan(operation, &release, self.force);
        (world, release, plan)
    }

    fn have_accidents(&self, world: &mut World) {
        for crashed in &self.crashed {
            if let Some(name) = world.serving().get(usize::from(*crashed)).cloned() {
                world.crash(&name);
            }
        }
        let Some(made) = world.releases.last().cloned() else { return };
        let (release, image) = (&made.release, &made.image);
        for (at, stray) in self.strays.iter().enumerate() {
            let state = match stray.state {
                0 => ContainerState::Created,
                1 => ContainerState::Restarting,
                2 => ContainerState::Exited { code: 137, out_of_memory: true },
                3 => ContainerState::Other { word: "paused".into() },
                _ => ContainerState::Running,
            };
            let name = format!("shop-stray{at}-{}", stray.replica);
            let mut left = container(&name, stray.replica, state);
            left.kind = if stray.hook { ContainerKind::Hook } else { ContainerKind::Serve };
            left.release = release.id.clone();
            if stray.same_configuration {
                left.configuration = plan::configuration_digest(&release.spec, image);
            }
            world.containers.insert(name, left);
        }
        if self.lost_image && !world.own().any(|container| active(container) && container.image == *image) {
            world.images.remove(image);
        }
    }
}

/// The release serves with all its containers, and nothing else of the application is there.
#[track_caller]
pub fn assert_live(world: &World, release: &Release) {
    assert_live_with(world, release, |container| container.state.running());
}

/// The same where what counts as running is said.
#[track_caller]
pub fn assert_live_with(world: &World, release: &Release, runs: fn(&ObservedContainer) -> bool) {
    let configuration = plan::configuration_digest(&release.spec, &plan::image_tag(release));
    let own: Vec<&ObservedContainer> = world.own().collect();
    let mut replicas: Vec<u16> = own.iter().map(|container| container.replica).collect();
    replicas.sort_unstable();
    assert_eq!(replicas, (1..=release.spec.settings.replicas).collect::<Vec<_>>());
    assert!(own.iter().all(|container| runs(container) && container.kind == ContainerKind::Serve && container.configuration == configuration));
    let mut serving: Vec<&String> = world.serving().iter().collect();
    serving.sort();
    assert_eq!(serving, own.iter().map(|container| &container.name).collect::<Vec<_>>());
    assert!(world.answers() && world.live.as_ref() == Some(&release.id));
    world.assert_neighbours_untouched();
}

/// What serves is what served, and nothing was left behind.
#[track_caller]
pub fn assert_undone(world: &World, before: &World) {
    assert!(world.upstreams().eq(before.upstreams()), "others serve");
    assert_eq!((world.held, world.answers(), &world.live), (false, before.answers(), &before.live));
    assert!(world.containers.keys().all(|name| before.containers.contains_key(name)), "something new is left behind");
    world.assert_neighbours_untouched();
}

fn holds(plan: &Plan) -> bool {
    plan.cutover.contains(&Step::HoldRequests)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_reaches_its_release_and_planning_again_replaces_nothing(case in cases()) {
        let (mut world, release, plan) = case.set_up();
        world.run(&plan).expect("a plan that works");
        assert_live(&world, &release);
        let again = world.plan(Operation::Deploy, &release, false);
        prop_assert!(again.summary.starts_with("Nothing to replace"), "{}", again.summary);
        for (_, _, step) in again.forward() {
            prop_assert!(!matches!(step.kind(), "start_container" | "stop_container" | "remove_container" | "run_before" | "drain"), "{}", step.title());
        }
        world.run(&again).expect("a plan that works");
        assert_live(&world, &release);
    }

    #[test]
    fn every_step_twice_is_once(case in cases()) {
        let (mut once, _, plan) = case.set_up();
        let mut twice = once.clone();
        for (_, _, step) in plan.forward() {
            once.apply(step).expect("a step that works");
            twice.apply(step).expect("a step that works");
            twice.apply(step).expect("a step that works");
            prop_assert_eq!(&once, &twice, "{}", step.title());
        }
    }

    #[test]
    fn visitors_are_answered_at_every_moment_unless_requests_are_held(case in cases()) {
        let (mut world, _, plan) = case.set_up();
        let answered = world.answers();
        for (_, _, step) in plan.forward() {
            world.apply(step).expect("a step that works");
            prop_assert!(!answered || world.answers() || world.held && holds(&plan), "nobody answers after: {}", step.title());
        }
        prop_assert!(!world.held);
    }

    #[test]
    fn a_failure_at_any_step_is_undone(case in cases(), worked in any::<bool>()) {
        let (before, _, plan) = case.set_up();
        for fails in 0..plan.point_of_no_return() {
            let mut world = before.clone();
            let steps = fails + usize::from(worked);
            plan.forward().take(steps).for_each(|(_, _, step)| world.apply(step).expect("a step that works"));
            for step in &plan.undo {
                world.apply(step).expect("a way back that works");
                prop_assert!(holds(&plan) || !before.answers() || world.answers(), "nobody answers after: {}", step.title());
            }
            assert_undone(&world, &before);
            let undone = world.clone();
            world.undo(&plan);
            prop_assert_eq!(&world, &undone, "undoing twice is not undoing once");
        }
    }

    #[test]
    fn a_release_that_never_gets_healthy_changes_nothing(case in cases()) {
        let (mut world, release, plan) = case.set_up();
        let before = world.clone();
        world.sick.insert(release.id.clone());
        if world.run(&plan).is_err() {
            world.undo(&plan);
            world.sick.clear();
            assert_undone(&world, &before);
        }
    }

    #[test]
    fn a_stop_leaves_nothing_running_and_a_start_brings_the_live_release_back(case in cases()) {
        let (mut world, _, _) = case.set_up();
        let plan = world.plan_stop();
        world.run(&plan).expect("a stop that works");
        prop_assert!(world.own().count() == 0 && world.serving().is_empty());
        if let Some(live) = world.live.clone() {
            let release = world.release(&live).clone();
            let plan = world.plan(Operation::Start, &release, false);
            world.run(&plan).expect("a start that works");
            assert_live(&world, &release);
        }
    }

    #[test]
    fn a_delete_leaves_nothing_but_the_volumes_that_were_to_stay(case in cases(), with_volumes in any::<bool>()) {
        let (mut world, _, _) = case.set_up();
        let volumes = world.observed().volumes;
        let plan = world.plan_delete(with_volumes);
        world.run(&plan).expect("a delete that works");
        let left = world.observed();
        prop_assert!(world.forgotten && left.containers.is_empty() && left.images.is_empty());
        prop_assert_eq!(left.volumes, if with_volumes { Vec::new() } else { volumes });
        world.assert_neighbours_untouched();
    }
}

/// Whether an act upholds all laws.
fn lawful(act: impl FnOnce()) -> bool {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(act)).is_ok()
}

/// Two histories that need every kind of step a deployment has: new beside old, and old before new.
fn full_cases() -> [(World, Release, Plan); 2] {
    [false, true].map(|exclusive| {
        let first = Seed { exclusive, before: true, after: true, volumes: 1, replicas: 2, ..Seed::default() };
        let mut world = World::new();
        let plan = world.plan(Operation::Deploy, &first.release(1), false);
        world.run(&plan).expect("a plan that works");
        world.networks.clear();
        world.volumes.clear();
        let release = Seed { commit: 2, ..first }.release(2);
        let plan = world.plan(Operation::Deploy, &release, false);
        (world, release, plan)
    })
}

#[test]
fn the_laws_miss_every_step_that_is_left_out() {
    // What these do is not seen in the world afterwards.
    let unseen = ["drain", "run_before", "run_after"];
    for (before, release, plan) in full_cases() {
        for (left_out, _, step) in plan.forward().filter(|(_, _, step)| !unseen.contains(&step.kind())) {
            let (mut world, mut kept) = (before.clone(), plan.forward().filter(|(number, ..)| *number != left_out));
            let noticed = !lawful(|| {
                kept.try_for_each(|(_, _, step)| world.apply(step)).expect("a step that works");
                assert_live(&world, &release);
            });
            assert!(noticed, "nobody misses: {}", step.title());
        }
    }
}

#[test]
fn the_laws_miss_every_step_that_is_left_out_of_the_way_back() {
    for (before, _, plan) in full_cases() {
        for (left_out, _, step) in plan.backward() {
            let mut world = before.clone();
            plan.forward().take(plan.point_of_no_return()).try_for_each(|(_, _, step)| world.apply(step)).expect("a step that works");
            let noticed = !lawful(|| {
                plan.backward().filter(|(number, ..)| *number != left_out).try_for_each(|(_, _, step)| world.apply(step)).expect("a step that works");
                assert_undone(&world, &before);
            });
            assert!(noticed, "nobody misses: {}", step.title());
        }
    }
}
