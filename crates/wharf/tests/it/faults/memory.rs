//! Memory runs out: in an application, while it starts and while it serves, and in a build.

use super::{SERVE, reason, running};
use crate::world::{World, saying};
use serde_json::json;
use testkit::OwnEngine;

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
