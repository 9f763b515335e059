//! Memory runs out: in an application, while it starts and while it serves, in a build, and on the machine, where the kernel ends Wharf itself.

use super::{SERVE, reason, running};
use crate::world::{SOON, WITHIN, World, saying};
use serde_json::json;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use testkit::{MemoryGroup, OwnEngine, Running};

const MEGABYTE: u64 = 1 << 20;
/// Serves until somebody asks for `/cgi-bin/eat`; then takes all memory there is.
const EATS: &str = "mkdir -p /www/cgi-bin; printf '#!/bin/sh\\ntouch /hungry\\necho\\n' > /www/cgi-bin/eat; chmod +x /www/cgi-bin/eat; \
                    {SERVE}; while [ ! -f /hungry ]; do sleep 0.1; done; rm /hungry; exec tail /dev/zero";

fn eats() -> String {
    running(&EATS.replace("{SERVE}", SERVE))
}

#[tokio::test]
async fn an_application_killed_for_memory_says_so_with_its_limit() {
    let Some(world) = World::new().await else { return };
    let application = world.dockerfile_application("eats", &eats()).await;
    world.patch(&application, json!({"limits_memory": "32m", "restart": "no"})).await;
    world.deploy(&application).await;
    // The one that eats may not live to answer.
    let _ = world.wharf.visit("eats.localhost", "/cgi-bin/eat").await;
    world.is(&application, "exited:unhealthy", "exited (out of memory, limit 32 MB)").await;
    let page = world.application_page(&application).await;
    assert!(page.contains("Exited (out of memory, limit 32 MB)"), "{page}");

    world.patch(&application, json!({"restart": "unless-stopped"})).await;
    world.deploy(&application).await;
    let _ = world.wharf.visit("eats.localhost", "/cgi-bin/eat").await;
    world.is(&application, "restarting:unhealthy", "restarting (out of memory, limit 32 MB)").await;
    world.is(&application, "running:healthy", "running").await;
    world.says("eats.localhost", "here").await;
}

#[tokio::test]
async fn a_release_that_runs_out_of_memory_before_it_is_healthy_is_refused_with_its_limit() {
    let Some(world) = World::new().await else { return };
    let application = world.dockerfile_application("web", &saying("the old release")).await;
    world.patch(&application, json!({"limits_memory": "24m"})).await;
    world.deploy(&application).await;
    world.patch(&application, json!({"dockerfile": running("exec tail /dev/zero")})).await;
    let failed = world.deploy_failing(&application).await;
    reason(&failed, &["ran out of memory", "24 mb"]);
    world.says("web.localhost", "the old release").await;
    world.settled(1).await;
}

#[tokio::test]
async fn a_build_that_runs_out_of_memory_says_what_killed_it() {
    let Some(engine) = OwnEngine::with_memory(128 * MEGABYTE).await else { return };
    let Some(world) = World::with(|builder| builder.engine(&engine)).await else { return };
    let application = world.dockerfile_application("web", &saying("the old release")).await;
    world.deploy(&application).await;
    world.patch(&application, json!({"dockerfile": "FROM busybox:latest\nRUN tail /dev/zero\n"})).await;
    let failed = world.deploy_failing(&application).await;
    reason(&failed, &["tail /dev/zero", "memory"]);
    world.is(&application, "running:healthy", "running").await;
    world.says("web.localhost", "the old release").await;
}

/// Moves Wharf into a group whose memory another program eats up, and lets the kernel choose Wharf first.
async fn eat_up_the_memory_of(world: &mut World) -> std::process::ExitStatus {
    let wharf = world.wharf.pid().expect("runs");
    let group = MemoryGroup::make(&format!("wharf-test-{wharf}"), 64 * MEGABYTE).expect("a group");
    group.take(wharf).expect("moved");
    std::fs::write(format!("/proc/{wharf}/oom_score_adj"), "1000").expect("marked");
    let mut eater = Running::start(Path::new("tail"), ["/dev/zero"], &[], Path::new("/dev/null")).expect("starts");
    group.take(eater.pid().expect("runs")).expect("moved");
    let status = world.wharf.ended(SOON).await.expect("the kernel ends Wharf");
    eater.kill().await;
    status
}

#[tokio::test]
async fn a_wharf_that_the_kernel_ends_for_memory_goes_on_where_it_was() {
    let Some(mut world) = World::new().await else { return };
    let application = world.dockerfile_application("web", &saying("the old release")).await;
    world.deploy(&application).await;
    world.patch(&application, json!({"dockerfile": saying("the new release"), "pre_deployment_command": "sleep 5"})).await;
    let deployment = world.api.deploy(&application).await.expect("queued");
    world.logs(&deployment, "Run sleep 5 before").await;

    let status = eat_up_the_memory_of(&mut world).await;
    assert_eq!(status.signal(), Some(9), "{status}");
    world.says("web.localhost", "the old release").await;

    world.wharf.start_again().await.expect("starts again");
    world.api.deployment_finished(&deployment, WITHIN).await.expect("deployed");
    world.says("web.localhost", "the new release").await;
    world.settled(1).await;
}
