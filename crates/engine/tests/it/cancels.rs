//! Cancels, in every phase.

use crate::world::{World, page, until, web};
use jiff::Timestamp;
use model::{DeploymentId, DeploymentStatus, Settings};

async fn cancelled_at(world: &World, deployment: &DeploymentId, kind: &str) {
    world.reaches(deployment, kind).await;
    world.store.deployment_cancel(&world.scope, deployment.clone(), Timestamp::now()).await.expect("asked");
    let row = world.ended(deployment).await.deployment;
    assert_eq!(row.status, DeploymentStatus::Cancelled, "{kind}: {:?}\n{}", row.reason, world.story(deployment).await);
}

fn slow_build() -> Settings {
    let mut settings = web("web.localhost");
    settings.source = model::Source::Dockerfile { content: "FROM busybox:latest\nRUN sleep 600\n".into() };
    settings.pack = model::BuildPack::Dockerfile(model::DockerfilePack::default());
    settings
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_in_any_phase_before_the_switch_leaves_what_was() {
    let Some(world) = World::new().await else { return };
    let id = world.application("web", web("web.localhost")).await;
    world.live(&id, web("web.localhost"), page("old")).await;
    let before = world.containers(&id).await;
    let mut hook = web("web.localhost");
    hook.pre_deployment = Some("sleep 600".parse().expect("valid"));
    let mut unhealthy = web("web.localhost");
    unhealthy.command = Some("sleep 600".parse().expect("valid"));
    unhealthy.health.start_period_seconds = 600;
    for (settings, kind) in [(slow_build(), "build_image"), (hook, "run_before"), (unhealthy, "await_healthy")] {
        let deployment = world.deploy(&id, settings, page("new")).await;
        cancelled_at(&world, &deployment, kind).await;
        assert_eq!(world.containers(&id).await, before, "{kind}");
        assert_eq!(world.get("web.localhost", "/").await, (200, "old".into()), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_while_requests_are_held_starts_the_old_release_again() {
    let Some(world) = World::new().await else { return };
    let mut settings = web("web.localhost");
    settings.exclusive = true;
    let id = world.application("web", settings.clone()).await;
    world.live(&id, settings.clone(), page("old")).await;
    settings.command = Some("sleep 600".parse().expect("valid"));
    settings.health.start_period_seconds = 600;
    let deployment = world.deploy(&id, settings, page("new")).await;
    cancelled_at(&world, &deployment, "await_healthy").await;
    assert_eq!(world.get("web.localhost", "/").await, (200, "old".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_after_the_switch_comes_too_late_and_is_told_so() {
    let Some(world) = World::new().await else { return };
    let mut settings = web("web.localhost");
    settings.post_deployment = Some("sleep 3".parse().expect("valid"));
    let id = world.application("web", settings.clone()).await;
    let deployment = world.deploy(&id, settings, page("new")).await;
    world.reaches(&deployment, "run_after").await;
    world.store.deployment_cancel(&world.scope, deployment.clone(), Timestamp::now()).await.expect("asked");
    let row = world.finished(&deployment).await.deployment;
    assert!(row.reason.is_some_and(|reason| reason.contains("too late")));
    until("it answers", || async { world.get("web.localhost", "/").await.0 == 200 }).await;
}
