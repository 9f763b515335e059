//! Disks that fill up: the engine's, that of Wharf's data, and that of its log.

use super::reason;
use crate::world::{SOON, WITHIN, World, saying};
use serde_json::json;
use testkit::{OwnEngine, SmallDisk, wait_for};

const MEGABYTE: u64 = 1 << 20;

#[tokio::test]
async fn a_full_disk_of_the_engine_is_said_with_the_remedy_and_forgotten_once_there_is_space() {
    let Some(engine) = OwnEngine::required().await else { return };
    let Some(world) = World::with(|builder| builder.engine(&engine)).await else { return };
    let application = world.dockerfile_application("web", &saying("the old release")).await;
    world.deploy(&application).await;
    world.says("web.localhost", "the old release").await;

    engine.disk().fill(30 * MEGABYTE).expect("filled");
    let large = format!("{}RUN dd if=/dev/zero of=/large bs=1M count=60\n", saying("the new release"));
    world.patch(&application, json!({"dockerfile": large})).await;
    let failed = world.deploy_failing(&application).await;
    reason(&failed, &["no space left", "add space", "dd if=/dev/zero"]);
    world.says("web.localhost", "the old release").await;

    // Named with its registry: from a mirror that fails the engine goes on to Docker Hub, and tells of that.
    let mirrored = tokio::net::TcpStream::connect(("127.0.0.1", 5000)).await.is_ok();
    let image = if mirrored { "127.0.0.1:5000/library/debian" } else { "debian" };
    let fields = json!({
        "name": "pulled", "docker_registry_image_name": image, "docker_registry_image_tag": "latest", "ports_exposes": "8080", "start_command": "sleep 600",
    });
    let pulled = world.application("dockerimage", fields).await;
    let failed = world.deploy_failing(&pulled).await;
    reason(&failed, &["no space left", "add space"]);
    world.is(&application, "running:healthy", "running").await;
    world.says("web.localhost", "the old release").await;

    engine.disk().free().expect("freed");
    world.deploy(&application).await;
    world.says("web.localhost", "the new release").await;
    world.settled(1).await;
}

/// The container of the command before a deployment, once it runs.
async fn started_hook(world: &World, application: &str) -> String {
    let runs = async || {
        let containers = world.containers(application).await;
        let hook = containers.iter().find(|container| container["Labels"]["wharf.kind"] == "hook" && container["State"] == "running");
        hook.and_then(|hook| hook["Id"].as_str()).map(str::to_owned).ok_or_else(|| format!("{} containers", containers.len()))
    };
    wait_for("the command to run", SOON, runs).await.expect("it runs")
}

/// Lets a command end that waits for a file.
async fn go(world: &World, hook: &str) {
    let engine = world.wharf.engine();
    let made = engine.post(&format!("/containers/{hook}/exec"), json!({"Cmd": ["touch", "/go"]})).await.expect("made");
    let path = format!("/exec/{}/start", made["Id"].as_str().expect("an id"));
    engine.post(&path, json!({"Detach": true})).await.expect("touched");
}

/// Writes until the last page that the store had to spare is full.
async fn until_refused(world: &World, application: &str) {
    let mut tried = 0;
    let refused = async || {
        tried += 1;
        let dockerfile = format!("{}# {tried} {}\n", saying("never"), "x".repeat(100_000));
        let answer = world.api.patch(&format!("/applications/{application}"), json!({"dockerfile": dockerfile})).await.map_err(|error| error.to_string())?;
        if answer.status == 503 && answer.text.contains("the disk is full") { Ok(()) } else { Err(format!("{}: {}", answer.status, answer.text)) }
    };
    wait_for("what writes to be refused with the reason", SOON, refused).await.expect("refused");
}

#[tokio::test]
async fn a_full_disk_under_the_data_rests_a_deployment_and_lets_everybody_look() {
    let disk = SmallDisk::mounted(64 * MEGABYTE).expect("a disk");
    let Some(world) = World::with(|builder| builder.data_in(disk.path())).await else { return };
    let application = world.dockerfile_application("web", &saying("the old release")).await;
    world.deploy(&application).await;
    world.says("web.localhost", "the old release").await;

    let waits = "sh -c 'while [ ! -f /go ]; do sleep 0.1; done'";
    world.patch(&application, json!({"dockerfile": saying("the new release"), "pre_deployment_command": waits})).await;
    let deployment = world.api.deploy(&application).await.expect("queued");
    let hook = started_hook(&world, &application).await;
    disk.fill(0).expect("filled");
    until_refused(&world, &application).await;
    go(&world, &hook).await;
    let rests = async || match world.wharf.log() {
        log if log.contains("rests until the store works again") => Ok(()),
        log => Err(log),
    };
    wait_for("Wharf to say that the deployment rests", SOON, rests).await.expect("said");
    for _ in 0..20 {
        let seen = world.api.get(&format!("/deployments/{deployment}")).await.expect("answers").ok().expect("everybody may look");
        assert_eq!(seen["status"], "in_progress", "{seen:#}");
    }
    world.says("web.localhost", "the old release").await;

    disk.free().expect("freed");
    world.patch(&application, json!({"dockerfile": saying("the new release"), "pre_deployment_command": ""})).await;
    world.api.deployment_finished(&deployment, WITHIN).await.expect("taken up again");
    world.says("web.localhost", "the new release").await;
    world.deploy_forced(&application).await;
    world.settled(1).await;
}

#[tokio::test]
async fn a_full_disk_under_the_log_file_changes_nothing_else() {
    let disk = SmallDisk::mounted(4 * MEGABYTE).expect("a disk");
    let Some(mut world) = World::with(|builder| builder.log_in(disk.path()).arg("--log").arg("debug")).await else { return };
    let application = world.dockerfile_application("web", &saying("here")).await;
    disk.fill(0).expect("filled");
    world.deploy(&application).await;
    world.says("web.localhost", "here").await;
    world.wharf.kill().await;
    world.wharf.start_again().await.expect("starts although it can log nothing");
    world.deploy_forced(&application).await;
    world.is(&application, "running:healthy", "running").await;
    assert!(world.wharf.pid().is_some());
    disk.free().expect("freed");
    let before = world.wharf.log().len();
    world.deploy_forced(&application).await;
    assert!(world.wharf.log().len() > before, "it logs again once there is space");
}
