//! The engine is stopped, killed and started again, while nothing happens and in the middle of deployments.

use super::{SERVE, running};
use crate::world::{WITHIN, World, saying};
use serde_json::json;
use testkit::OwnEngine;

#[tokio::test]
async fn an_engine_restarted_while_idle_is_unknown_meanwhile_and_serves_again() {
    let Some(mut engine) = OwnEngine::required().await else { return };
    let Some(world) = World::with(|builder| builder.engine(&engine)).await else { return };
    let application = world.dockerfile_application("web", &saying("still here")).await;
    world.deploy(&application).await;
    world.says("web.localhost", "still here").await;

    engine.stop().await.expect("stops");
    world.is(&application, "unknown:unknown", "unknown").await;
    let page = world.application_page(&application).await;
    assert!(page.contains("Unknown since"), "{page}");
    let queued = world.queue_forced(&application).await;
    world.logs(&queued, "Wait for the container engine").await;

    engine.start_again().await.expect("starts");
    world.api.deployment_finished(&queued, WITHIN).await.expect("deployed");
    world.says("web.localhost", "still here").await;
    world.is(&application, "running:healthy", "running").await;
    world.settled(1).await;
}

/// Kills the engine in the middle of a deployment; what it says it became is what visitors see.
async fn killed_at(engine: &mut OwnEngine, world: &World, application: &str, version: usize, at: &str) -> bool {
    let deployment = world.api.deploy(application).await.expect("queued");
    world.logs(&deployment, at).await;
    engine.kill().await;
    world.is(application, "unknown:unknown", "unknown").await;
    engine.start_again().await.expect("starts");
    let ended = world.api.deployment_ended(&deployment, WITHIN).await.unwrap_or_else(|error| panic!("killed at {at}: {error:#}"));
    let finished = ended["status"] == "finished";
    eprintln!("killed at {at}: {} {}", ended["status"], ended["reason"]);
    assert!(finished || (ended["status"] == "failed" && !ended["reason"].as_str().unwrap_or_default().is_empty()), "{at}: {ended:#}");
    world.says("web.localhost", &format!("version {}.", if finished { version } else { version - 1 })).await;
    world.is(application, "running:healthy", "running").await;
    world.settled(1).await;
    finished
}

/// A page that names its version; its build and its start take a moment.
fn version(number: usize, build: &str, start: &str) -> String {
    running(&format!("{start}; echo version {number}. > /www/index.html; {SERVE} -f")).replace("RUN mkdir", &format!("RUN {build}; mkdir"))
}

#[tokio::test]
async fn an_engine_killed_in_mid_deploy_before_the_switch_is_waited_for() {
    let Some(mut engine) = OwnEngine::required().await else { return };
    let Some(world) = World::with(|builder| builder.engine(&engine)).await else { return };
    let application = world.dockerfile_application("web", &version(1, "true", "true")).await;
    world.deploy(&application).await;

    world.patch(&application, json!({"dockerfile": version(2, "echo begun; sleep 4", "true")})).await;
    let finished = killed_at(&mut engine, &world, &application, 2, "begun").await;
    assert!(finished, "nothing but the engine failed, and a build can be begun again");

    world.patch(&application, json!({"dockerfile": version(3, "true", "sleep 4")})).await;
    let finished = killed_at(&mut engine, &world, &application, 3, "is healthy").await;
    world.patch(&application, json!({"dockerfile": version(4, "true", "true")})).await;
    world.deploy(&application).await;
    world.says("web.localhost", "version 4.").await;
    assert!(finished, "nothing but the engine failed, and a container can be asked again");
}

#[tokio::test]
async fn an_engine_killed_while_commands_run_ends_the_deployment_truthfully() {
    let Some(mut engine) = OwnEngine::required().await else { return };
    let Some(world) = World::with(|builder| builder.engine(&engine)).await else { return };
    let application = world.dockerfile_application("web", &version(1, "true", "true")).await;
    world.deploy(&application).await;

    world.patch(&application, json!({"dockerfile": version(2, "true", "true"), "pre_deployment_command": "sleep 4"})).await;
    let finished = killed_at(&mut engine, &world, &application, 2, "Run sleep 4 before").await;
    let live = if finished { 2 } else { 1 };

    let settings = json!({"dockerfile": version(live + 1, "true", "true"), "pre_deployment_command": "", "post_deployment_command": "sleep 4"});
    world.patch(&application, settings).await;
    let finished = killed_at(&mut engine, &world, &application, live + 1, "Run sleep 4 after").await;
    assert!(finished, "it was live before the engine was killed");
}
