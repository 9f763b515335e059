//! Cancels: whatever a deployment is at, it stops, and what served before serves on.

use crate::world::{SOON, WITHIN, World, git, saying};
use serde_json::{Value, json};
use testkit::wait_for;

async fn until_it_says(world: &World, deployment: &str, text: &str) {
    let said = async || match world.log_of(deployment).await {
        log if log.contains(text) => Ok(()),
        log => Err(log),
    };
    wait_for(&format!("the deployment to say {text}"), SOON, said).await.expect("said");
}

async fn cancel(world: &World, deployment: &str) -> Value {
    world.api.post(&format!("/deployments/{deployment}/cancel"), json!({})).await.expect("answers").ok().expect("taken");
    world.api.deployment_ended(deployment, SOON).await.expect("ends")
}

#[tokio::test]
async fn a_cancel_in_each_phase_leaves_what_served_before() {
    let Some(world) = World::new().await else { return };
    let repository = world.forge.create_empty("team/web").await.expect("a repository");
    repository.commit("main", &[("Dockerfile", &saying("the old release"))], "Old").await.expect("a commit");
    let application = world.application("public", git(&repository, "web", "dockerfile", 8080)).await;
    world.deploy(&application).await;
    let before = world.container_ids(&application).await;
    let slow_build = "FROM busybox:latest\nRUN echo begun; sleep 600\n".to_owned();
    let phases = [
        ("Build the image", slow_build, json!({})),
        ("Run sleep 600 before", saying("new"), json!({"pre_deployment_command": "sleep 600"})),
        ("is healthy", saying("newer"), json!({"pre_deployment_command": "", "start_command": "sleep 600", "health_check_start_period": "600"})),
    ];
    for (text, dockerfile, settings) in phases {
        repository.commit("main", &[("Dockerfile", &dockerfile)], text).await.expect("a commit");
        world.patch(&application, settings).await;
        let deployment = world.api.deploy(&application).await.expect("queued");
        until_it_says(&world, &deployment, text).await;
        let queued = world.queue_forced(&application).await;
        let waiting = cancel(&world, &queued).await;
        assert_eq!(waiting["status"], "cancelled-by-user", "queued behind {text}: {waiting:#}");
        let ended = cancel(&world, &deployment).await;
        assert_eq!(ended["status"], "cancelled-by-user", "{text}: {ended:#}");
        assert_eq!(world.container_ids(&application).await, before, "{text}");
        world.says("web.localhost", "the old release").await;
        world.settled(1).await;
    }
    world.patch(&application, json!({"start_command": "", "health_check_start_period": ""})).await;
    world.deploy(&application).await;
    world.says("web.localhost", "newer").await;
}

#[tokio::test]
async fn a_cancel_after_the_switch_is_too_late_and_says_so() {
    let Some(world) = World::new().await else { return };
    let application = world.dockerfile_application("web", &saying("live")).await;
    world.patch(&application, json!({"post_deployment_command": "sleep 4"})).await;
    let deployment = world.api.deploy(&application).await.expect("queued");
    until_it_says(&world, &deployment, "Run sleep 4 after").await;
    let _ = world.api.post(&format!("/deployments/{deployment}/cancel"), json!({})).await.expect("answers");
    let ended = world.api.deployment_finished(&deployment, WITHIN).await.expect("finished");
    assert!(ended["reason"].as_str().unwrap_or_default().contains("too late"), "{ended:#}");
    world.says("web.localhost", "live").await;
}
