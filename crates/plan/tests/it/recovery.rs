//! The process may die at any step, any number of times; what it left converges.

use crate::{
    fixture::Seed,
    laws::{Case, assert_live, assert_undone, cases},
    world::{Dies, World},
};
use model::{Observed, Operation, Plan, Presence, Step, StepState};
use plan::{JournalEntry, Recovery, recover};
use proptest::prelude::*;

/// Goes on, at first dying as told, until nothing is left to do.
fn converge(world: &mut World, plan: &Plan, journal: &mut Vec<JournalEntry>, cancel: bool, first: Dies) -> Recovery {
    world.go_on(plan, journal, cancel, first);
    for _ in 0..5 {
        match world.go_on(plan, journal, cancel, Dies::Never) {
            end @ (Recovery::Finish | Recovery::Abandon { .. }) => return end,
            Recovery::Wait { why } => panic!("nothing to wait for: {why}"),
            Recovery::Resume { .. } | Recovery::Unwind { .. } => {}
        }
    }
    panic!("does not converge: {journal:?}");
}

fn deaths(plan: &Plan) -> impl Iterator<Item = Dies> {
    (0..plan.forward().count()).flat_map(|at| [Dies::Before(at), Dies::After(at)])
}

fn begun(case: &Case, dies: Dies) -> (World, Vec<JournalEntry>) {
    let (mut world, _, plan) = case.set_up();
    let mut journal = Vec::new();
    world.go_on(&plan, &mut journal, false, dies);
    (world, journal)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whenever_the_process_dies_the_release_goes_live_as_if_it_had_not(case in cases(), second in 0..20usize) {
        let (before, release, plan) = case.set_up();
        let mut undisturbed = before.clone();
        undisturbed.run(&plan).expect("a plan that works");
        for dies in deaths(&plan) {
            let (mut world, mut journal) = (before.clone(), Vec::new());
            world.go_on(&plan, &mut journal, false, dies);
            let end = converge(&mut world, &plan, &mut journal, false, Dies::After(second));
            prop_assert_eq!(end, Recovery::Finish);
            prop_assert_eq!(&world, &undisturbed);
            prop_assert!(world.hooks.values().all(|runs| *runs == 1), "a pre-deployment command ran twice");
        }
        assert_live(&undisturbed, &release);
    }

    #[test]
    fn a_cancel_before_the_point_of_no_return_undoes_and_after_it_changes_nothing(case in cases(), second in 0..6usize) {
        let (before, release, plan) = case.set_up();
        for dies in deaths(&plan) {
            let (mut world, mut journal) = begun(&case, dies);
            match converge(&mut world, &plan, &mut journal, true, Dies::After(second)) {
                Recovery::Finish => assert_live(&world, &release),
                _ => assert_undone(&world, &before),
            }
        }
    }

    #[test]
    fn a_failed_step_before_the_point_of_no_return_is_undone_however_often_the_process_dies(case in cases(), first in 0..6usize) {
        let (before, _, plan) = case.set_up();
        for number in 0..plan.point_of_no_return() {
            let (mut world, mut journal) = begun(&case, Dies::After(number));
            journal.push(JournalEntry { number, state: StepState::Failed });
            let end = converge(&mut world, &plan, &mut journal, false, Dies::Before(first));
            prop_assert!(matches!(end, Recovery::Abandon { .. }), "ends otherwise");
            assert_undone(&world, &before);
        }
    }

    #[test]
    fn stops_and_deletes_end_however_often_the_process_dies(case in cases(), which in 0..3u8, second in 0..6usize) {
        let (before, _, _) = case.set_up();
        let plan = if which == 0 { before.plan_stop() } else { before.plan_delete(which == 2) };
        let mut undisturbed = before.clone();
        undisturbed.run(&plan).expect("a plan that works");
        for dies in deaths(&plan).filter(|dies| *dies != Dies::After(plan.forward().count() - 1)) {
            let (mut world, mut journal) = (before.clone(), Vec::new());
            world.go_on(&plan, &mut journal, false, dies);
            prop_assert_eq!(converge(&mut world, &plan, &mut journal, false, Dies::Before(second)), Recovery::Finish);
            prop_assert_eq!(&world, &undisturbed);
        }
    }

    #[test]
    fn what_was_lost_while_nobody_looked_is_made_again(case in cases(), at in 0..20usize) {
        let (_, release, plan) = case.set_up();
        let dies = at % plan.point_of_no_return();
        let (mut world, mut journal) = begun(&case, Dies::Before(dies));
        for (_, _, step) in plan.forward().take(dies) {
            match step {
                Step::StartContainer { container } => world.crash(&container.name),
                Step::EnsureNetwork { network } => drop(world.networks.remove(network)),
                Step::BuildImage { tag, .. } | Step::PullImage { tag, .. } => drop(world.images.remove(tag)),
                _ => {}
            }
        }
        prop_assert_eq!(converge(&mut world, &plan, &mut journal, false, Dies::Never), Recovery::Finish);
        assert_live(&world, &release);
    }
}

fn a_plan() -> Plan {
    World::new().plan(Operation::Deploy, &Seed { before: true, ..Seed::default() }.release(1), false)
}

fn done(numbers: std::ops::Range<usize>) -> Vec<JournalEntry> {
    numbers.map(|number| JournalEntry { number, state: StepState::Done }).collect()
}

fn all_there(plan: &Plan) -> Observed {
    let mut world = World::new();
    world.make_release(&Seed { before: true, ..Seed::default() }.release(1));
    plan.prepare.iter().for_each(|step| world.apply(step).expect("a step that works"));
    world.observed()
}

#[test]
fn an_engine_out_of_reach_is_waited_for_and_a_finished_plan_needs_none() {
    let plan = a_plan();
    let unknown = || Presence::Unknown { since: jiff::Timestamp::UNIX_EPOCH, why: "connection refused".into() };
    assert_eq!(
        recover(&plan, &[], false, unknown()),
        Recovery::Wait { why: "the engine has been out of reach since 1970-01-01T00:00:00Z: connection refused".into() }
    );
    assert_eq!(recover(&plan, &done(0..plan.forward().count()), false, unknown()), Recovery::Finish);
    assert!(matches!(recover(&plan, &[], false, Presence::Absent), Recovery::Abandon { .. }));
}

#[test]
fn a_pre_deployment_command_that_ran_is_resumed_not_repeated() {
    let plan = a_plan();
    let hook = plan.prepare.iter().position(|step| step.kind() == "run_before").expect("a hook");
    let mut journal = done(0..hook);
    journal.push(JournalEntry { number: hook, state: StepState::Running });
    assert_eq!(recover(&plan, &journal, false, Presence::Present(&all_there(&plan))), Recovery::Resume { from: hook });
}

#[test]
fn what_was_done_behind_a_step_that_began_again_is_done_again() {
    let plan = a_plan();
    let start = plan.prepare.iter().position(|step| step.kind() == "start_container").expect("a start");
    let mut journal = done(0..plan.prepare.len());
    journal.extend([StepState::Running, StepState::Done].map(|state| JournalEntry { number: start, state }));
    assert_eq!(recover(&plan, &journal, false, Presence::Present(&all_there(&plan))), Recovery::Resume { from: start + 1 });
}

#[test]
fn a_failed_cleanup_step_is_passed_over() {
    let mut world = World::new();
    let first = world.plan(Operation::Deploy, &Seed::default().release(1), false);
    world.run(&first).expect("a plan that works");
    let plan = world.plan(Operation::Deploy, &Seed { value: 2, ..Seed::default() }.release(2), false);
    let drain = plan.point_of_no_return();
    let mut journal = done(0..drain);
    journal.push(JournalEntry { number: drain, state: StepState::Failed });
    for cancel in [false, true] {
        assert_eq!(recover(&plan, &journal, cancel, Presence::Present(&world.observed())), Recovery::Resume { from: drain + 1 });
    }
}

#[test]
fn the_reason_names_the_step_that_failed() {
    let plan = a_plan();
    let journal = [JournalEntry { number: 1, state: StepState::Failed }];
    let observed = Observed::default();
    assert_eq!(recover(&plan, &journal, false, Presence::Present(&observed)), Recovery::Unwind { why: "\"Build the image\" failed".into() });
    assert_eq!(recover(&plan, &[], true, Presence::Present(&observed)), Recovery::Unwind { why: "it was cancelled".into() });
    let stranger = [JournalEntry { number: 99, state: StepState::Done }];
    assert!(matches!(recover(&plan, &stranger, false, Presence::Present(&observed)), Recovery::Abandon { .. }));
}
