//! One story each: what a person did before, what they do now, and the plan they are shown.

use crate::{
    fixture::{From, Seed},
    world::{World, active, container},
};
use model::{ContainerState, Operation, Plan, Release, Step, observed::ContainerKind};

/// A world in which this release went live.
fn world_with(seed: &Seed) -> (World, Release) {
    let mut world = World::new();
    let release = deployed(&mut world, seed, 1);
    (world, release)
}

fn deployed(world: &mut World, seed: &Seed, number: u8) -> Release {
    let release = seed.release(number);
    let plan = world.plan(Operation::Deploy, &release, false);
    world.run(&plan).expect("a release that goes live");
    release
}

/// Compares the printed plan with the story's snapshot, then carries it out.
#[track_caller]
fn tell(story: &str, world: &mut World, plan: &Plan) {
    insta::assert_snapshot!(story, plan::print(plan));
    world.run(plan).expect("a plan that works");
}

fn count(plan: &Plan, kind: &str) -> usize {
    plan.forward().filter(|(_, _, step)| step.kind() == kind).count()
}

#[test]
fn first_deploy() {
    let mut world = World::new();
    let plan = world.plan(Operation::Deploy, &Seed::default().release(1), false);
    tell("first_deploy", &mut world, &plan);
    assert!(world.answers());
}

#[test]
fn redeploy_new_commit() {
    let (mut world, _) = world_with(&Seed::default());
    let plan = world.plan(Operation::Deploy, &Seed { commit: 2, ..Seed::default() }.release(2), false);
    tell("redeploy_new_commit", &mut world, &plan);
    assert_eq!(world.own().count(), 1);
}

#[test]
fn nothing_changed_but_a_domain() {
    let (mut world, _) = world_with(&Seed::default());
    let before = world.serving().to_vec();
    let release = Seed { domain: 2, ..Seed::default() }.release(2);
    let plan = world.plan(Operation::Deploy, &release, false);
    tell("nothing_changed", &mut world, &plan);
    assert_eq!((world.serving(), &world.live), (before.as_slice(), &Some(release.id)));
}

#[test]
fn forced() {
    let (mut world, release) = world_with(&Seed::default());
    let plan = world.plan(Operation::Deploy, &release, true);
    assert!(plan.prepare.iter().any(|step| matches!(step, Step::BuildImage { fresh: true, .. })));
    tell("forced", &mut world, &plan);
}

#[test]
fn two_replicas() {
    let (mut world, _) = world_with(&Seed { replicas: 2, ..Seed::default() });
    let plan = world.plan(Operation::Deploy, &Seed { replicas: 2, value: 2, ..Seed::default() }.release(2), false);
    tell("two_replicas", &mut world, &plan);
    assert_eq!(world.upstreams().count(), 2);
}

#[test]
fn scale_up() {
    let (mut world, _) = world_with(&Seed { before: true, ..Seed::default() });
    let plan = world.plan(Operation::Deploy, &Seed { replicas: 3, before: true, ..Seed::default() }.release(2), false);
    tell("scale_up", &mut world, &plan);
    assert_eq!(world.upstreams().count(), 3);
}

#[test]
fn scale_down() {
    let (mut world, _) = world_with(&Seed { replicas: 3, ..Seed::default() });
    let plan = world.plan(Operation::Deploy, &Seed::default().release(2), false);
    tell("scale_down", &mut world, &plan);
    assert_eq!((count(&plan, "start_container"), world.own().count()), (0, 1));
}

#[test]
fn one_of_two_replicas_crashed() {
    let (mut world, release) = world_with(&Seed { replicas: 2, ..Seed::default() });
    let first = world.serving()[0].clone();
    world.crash(&first);
    let plan = world.plan(Operation::Deploy, &release, false);
    tell("one_of_two_replicas_crashed", &mut world, &plan);
    assert_eq!(world.upstreams().count(), 2);
}

#[test]
fn stop_first() {
    let (mut world, _) = world_with(&Seed { host_port: true, ..Seed::default() });
    let plan = world.plan(Operation::Deploy, &Seed { host_port: true, value: 2, before: true, ..Seed::default() }.release(2), false);
    tell("stop_first", &mut world, &plan);
}

#[test]
fn rollback() {
    let (mut world, first) = world_with(&Seed::default());
    deployed(&mut world, &Seed { commit: 2, ..Seed::default() }, 2);
    let plan = world.plan(Operation::Rollback, &first, false);
    tell("rollback", &mut world, &plan);
    assert_eq!(world.live, Some(first.id));
}

#[test]
fn rollback_to_an_image_that_is_gone() {
    let (mut world, first) = world_with(&Seed::default());
    deployed(&mut world, &Seed { commit: 2, ..Seed::default() }, 2);
    world.images.remove(&plan::image_tag(&first));
    let plan = world.plan(Operation::Rollback, &first, false);
    tell("rollback_to_an_image_that_is_gone", &mut world, &plan);
}

#[test]
fn restart() {
    let (mut world, release) = world_with(&Seed { before: true, after: true, ..Seed::default() });
    let plan = world.plan(Operation::Restart, &release, false);
    tell("restart", &mut world, &plan);
    assert_eq!((count(&plan, "run_before"), count(&plan, "run_after")), (0, 0));
}

#[test]
fn stop_and_start() {
    let (mut world, release) = world_with(&Seed { replicas: 2, volumes: 1, ..Seed::default() });
    let plan = world.plan_stop();
    tell("stop", &mut world, &plan);
    assert_eq!((world.own().count(), &world.live), (0, &Some(release.id.clone())));
    let plan = world.plan(Operation::Start, &release, false);
    tell("start", &mut world, &plan);
    assert!(world.answers());
}

#[test]
fn delete_with_and_without_volumes() {
    let (world, _) = world_with(&Seed { volumes: 2, ..Seed::default() });
    let volumes_kept = &mut world.clone();
    let plan = volumes_kept.plan_delete(false);
    tell("delete", volumes_kept, &plan);
    assert_eq!((volumes_kept.forgotten, volumes_kept.observed().volumes.len()), (true, 2));
    let all_gone = &mut world.clone();
    let plan = all_gone.plan_delete(true);
    tell("delete_with_volumes", all_gone, &plan);
    assert_eq!(all_gone.observed().volumes.len(), 0);
    all_gone.assert_neighbours_untouched();
}

#[test]
fn an_image_is_pulled_and_its_tag_is_pulled_again_for_each_release() {
    let (mut world, first) = world_with(&Seed { from: From::Image, ..Seed::default() });
    let second = Seed { from: From::Image, ..Seed::default() }.release(2);
    assert_ne!(plan::image_tag(&first), plan::image_tag(&second));
    let plan = world.plan(Operation::Deploy, &second, false);
    tell("image_source", &mut world, &plan);
}

#[test]
fn an_image_pinned_by_digest_is_the_same_for_each_release() {
    let (mut world, _) = world_with(&Seed { from: From::PinnedImage, ..Seed::default() });
    let plan = world.plan(Operation::Deploy, &Seed { from: From::PinnedImage, ..Seed::default() }.release(2), false);
    assert_eq!(count(&plan, "start_container"), 0);
}

#[test]
fn hooks_and_volumes() {
    let mut world = World::new();
    let plan = world.plan(Operation::Deploy, &Seed { before: true, after: true, volumes: 2, ..Seed::default() }.release(1), false);
    tell("hooks_and_volumes", &mut world, &plan);
}

#[test]
fn strays_of_failed_attempts_go() {
    let (mut world, release) = world_with(&Seed::default());
    for (name, kind, state) in [
        ("shop-gone-1", ContainerKind::Serve, ContainerState::Exited { code: 1, out_of_memory: false }),
        ("shop-loop-1", ContainerKind::Serve, ContainerState::Restarting),
        ("shop-gone-before", ContainerKind::Hook, ContainerState::Exited { code: 1, out_of_memory: false }),
    ] {
        let stray = container(name, 1, state);
        world.containers.insert(name.into(), model::ObservedContainer { kind, release: release.id.clone(), ..stray });
    }
    let plan = world.plan(Operation::Deploy, &release, false);
    tell("strays", &mut world, &plan);
    assert!(world.own().count() == 1 && world.own().all(active));
}

#[test]
fn images_no_longer_kept_go() {
    let (mut world, _) = world_with(&Seed { keep: 1, ..Seed::default() });
    deployed(&mut world, &Seed { keep: 1, commit: 2, ..Seed::default() }, 2);
    assert_eq!(world.observed().images.len(), 2, "the release before the live one is kept for rollback");
    let plan = world.plan(Operation::Deploy, &Seed { keep: 1, commit: 3, ..Seed::default() }.release(3), false);
    tell("images_no_longer_kept", &mut world, &plan);
    assert_eq!(world.observed().images.len(), 2);
}

#[test]
fn a_branch_that_is_not_resolved_has_no_plan() {
    let (id, observed) = (crate::fixture::deployment(1), model::Observed::default());
    let mut release = Seed::default().release(4);
    release.commit = None;
    let input = plan::DeployInput {
        deployment: &id,
        operation: Operation::Deploy,
        force: false,
        release: &release,
        previous: None,
        serving: &[],
        observed: &observed,
        network: crate::fixture::NETWORK,
        releases: &[],
    };
    assert_eq!(plan::deploy(&input), Err(plan::Error::CommitUnknown { number: 4 }));
    let operation = Operation::Stop;
    assert_eq!(plan::deploy(&plan::DeployInput { operation, ..input }), Err(plan::Error::NotADeployment { operation }));
}
