//! Whatever ends the engine in the middle, the next one finishes or undoes what it was at.

use crate::world::{World, page, until, web};
use model::{DeploymentStatus, Operation, Settings, StepState};

/// Ends the engine when a step of this kind is under way or done, and lets another go on.
async fn interrupted_at(settings: Settings, kind: &str) {
    let Some(mut world) = World::new().await else { return };
    let id = world.application("web", settings.clone()).await;
    world.live(&id, settings.clone(), page("old")).await;
    let deployment = world.deploy(&id, settings, page("new")).await;
    until(&format!("it is at {kind}"), || async {
        let steps = world.store.step_list(&world.scope, deployment.clone()).await.expect("steps");
        world.row(&deployment).await.deployment.status.ended() || steps.iter().any(|step| step.kind == kind && step.state != StepState::Waiting)
    })
    .await;
    world.restart().await;
    world.finished(&deployment).await;
    world.answers("web.localhost", "new").await;
    until("only the new container is left", || async { world.containers(&id).await.len() == 1 }).await;
    assert_eq!(world.engine.status(&id).word(), "running");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_cut_before_the_switch_goes_on() {
    for kind in ["pull_image", "run_before", "start_container", "await_healthy"] {
        let mut settings = web("web.localhost");
        settings.pre_deployment = Some("sleep 1".parse().expect("valid"));
        interrupted_at(settings, kind).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_cut_at_the_switch_and_after_it_goes_on() {
    for kind in ["switch_routes", "drain", "remove_container"] {
        interrupted_at(web("web.localhost"), kind).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_cut_while_requests_are_held_goes_on() {
    for kind in ["hold_requests", "stop_container", "start_container"] {
        let mut settings = web("web.localhost");
        settings.exclusive = true;
        interrupted_at(settings, kind).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_undone_by_the_next_engine_when_the_first_one_ended() {
    let Some(mut world) = World::new().await else { return };
    let id = world.application("web", web("web.localhost")).await;
    world.live(&id, web("web.localhost"), page("old")).await;
    let before = world.containers(&id).await;
    let mut sick = web("web.localhost");
    sick.command = Some("sleep 600".parse().expect("valid"));
    (sick.health.start_period_seconds, sick.health.retries) = (0, 2);
    let deployment = world.deploy(&id, sick, page("new")).await;
    world.reaches(&deployment, "await_healthy").await;
    world.restart().await;
    assert_eq!(world.ended(&deployment).await.deployment.status, DeploymentStatus::Failed);
    assert_eq!(world.containers(&id).await, before);
    assert_eq!(world.get("web.localhost", "/").await, (200, "old".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_by_hand_starts_again_and_what_was_stopped_by_a_person_does_not() {
    let Some(world) = World::new().await else { return };
    let id = world.application("web", web("web.localhost")).await;
    world.live(&id, web("web.localhost"), page("here")).await;
    let name = world.containers(&id).await.remove(0);
    world.docker.container_remove(&name, 0).await.expect("removed");
    until("another serves", || async { world.containers(&id).await.first().is_some_and(|found| *found != name) }).await;
    world.answers("web.localhost", "here").await;
    let stop = world.act(&id, Operation::Stop, None).await;
    world.finished(&stop).await;
    assert_eq!(world.engine.status(&id).word(), "stopped");
    assert!(world.containers(&id).await.is_empty());
    let wanted = world.store.application_fetch(&world.scope, id.clone()).await.expect("there").application.desired;
    assert_eq!(wanted, model::application::Desired::Stopped, "nobody starts again what a person stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_that_is_removed_comes_back_with_its_routes() {
    let Some(world) = World::new().await else { return };
    let id = world.application("web", web("web.localhost")).await;
    world.live(&id, web("web.localhost"), page("here")).await;
    let edge = world.docker.edge_state().await.expect("asked").expect("one");
    world.docker.edge_remove(&edge.name, 0).await.expect("removed");
    world.answers("web.localhost", "here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_s_death_shows_at_once() {
    let Some(world) = World::new().await else { return };
    let mut settings = web("web.localhost");
    settings.restart = model::application::RestartPolicy::No;
    let id = world.application("web", settings.clone()).await;
    world.live(&id, settings, page("here")).await;
    let name = world.containers(&id).await.remove(0);
    world.docker.container_stop(&name, 0).await.expect("stopped");
    let began = std::time::Instant::now();
    until("it shows", || async { world.engine.status(&id).word().starts_with("exited (") }).await;
    assert!(began.elapsed().as_secs() < 1, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_nothing_is_removed_and_what_is_not_ours_stays() {
    let Some(mut world) = World::new().await else { return };
    let id = world.application("web", web("web.localhost")).await;
    world.live(&id, web("web.localhost"), page("here")).await;
    let Some(other) = World::new().await else { return };
    let foreign = other.application("web", web("other.localhost")).await;
    other.live(&foreign, web("other.localhost"), page("there")).await;
    let left = world.leave_container("left-over").await;
    world.restart().await;
    until("what is left over is gone", || async { world.docker.container_inspect(&left).await.expect("asked").is_none() }).await;
    world.answers("web.localhost", "here").await;
    other.answers("other.localhost", "there").await;
    assert_eq!((world.containers(&id).await.len(), other.containers(&foreign).await.len()), (1, 1));
}
