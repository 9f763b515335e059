//! Containers that do not do as containers should: they end well, end again and again, or will not end.

use super::{SERVE, reason, running};
use crate::world::{SOON, World, saying};
use serde_json::json;
use std::time::{Duration, Instant};
use testkit::wait_for;

/// Serves until somebody asks for `/cgi-bin/end`, and ends then with this code.
fn ends_on_demand(code: u8) -> String {
    let serve = "mkdir -p /www/cgi-bin; printf '#!/bin/sh\\ntouch /end\\necho\\n' > /www/cgi-bin/end; chmod +x /www/cgi-bin/end";
    running(&format!("[ -f /ended ] && exit {code}; {serve}; {SERVE}; while [ ! -f /end ]; do sleep 0.1; done; touch /ended; exit {code}"))
}

#[tokio::test]
async fn a_container_that_ends_well_is_no_service_and_says_so() {
    let Some(world) = World::new().await else { return };
    let application = world.dockerfile_application("web", &saying("the old release")).await;
    world.deploy(&application).await;
    world.patch(&application, json!({"dockerfile": running("echo all done")})).await;
    let failed = world.deploy_failing(&application).await;
    reason(&failed, &["ended with code 0 before it was healthy", "all done"]);
    world.says("web.localhost", "the old release").await;
    world.patch(&application, json!({"dockerfile": ends_on_demand(0), "restart": "no"})).await;
    world.deploy(&application).await;
    let _ = world.wharf.visit("web.localhost", "/cgi-bin/end").await;
    world.is(&application, "exited:unhealthy", "exited (0)").await;
    world.settled(1).await;
}

#[tokio::test]
async fn a_container_that_ends_again_and_again_is_called_restarting_with_its_code() {
    let Some(world) = World::new().await else { return };
    let application = world.dockerfile_application("web", &ends_on_demand(3)).await;
    world.deploy(&application).await;
    world.is(&application, "running:healthy", "running").await;
    let _ = world.wharf.visit("web.localhost", "/cgi-bin/end").await;
    let container = format!("/containers/{}/json", world.container_ids(&application).await[0]);
    let loops = async || match world.wharf.engine().get(&container).await {
        Ok(seen) if seen["RestartCount"].as_i64().unwrap_or_default() >= 4 => Ok(()),
        other => Err(format!("{other:?}").chars().take(200).collect()),
    };
    wait_for("the engine to have started it several times", SOON, loops).await.expect("it loops");
    for _ in 0..20 {
        let seen = (world.field(&application, "status").await, world.field(&application, "status_text").await);
        assert_eq!(seen, ("restarting:unhealthy".to_owned(), "restarting (3)".to_owned()));
    }
    let page = world.application_page(&application).await;
    assert!(page.contains("Restarting again and again (3)"), "{page}");
    world.patch(&application, json!({"dockerfile": saying("mended")})).await;
    world.deploy(&application).await;
    world.says("web.localhost", "mended").await;
    world.settled(1).await;
}

#[tokio::test]
async fn a_container_that_ignores_sigterm_is_killed_after_its_grace() {
    let Some(world) = World::new().await else { return };
    let application = world.dockerfile_application("web", &running(&format!("trap '' TERM; {SERVE}; while :; do sleep 1; done"))).await;
    world.patch(&application, json!({"stop_grace_period": "3"})).await;
    world.deploy(&application).await;
    let began = Instant::now();
    world.api.post(&format!("/applications/{application}/stop"), json!({})).await.expect("answers").ok().expect("taken");
    world.is(&application, "exited:unhealthy", "stopped").await;
    let stopped = async || match world.containers(&application).await {
        containers if containers.iter().all(|container| container["State"] != "running") => Ok(()),
        containers => Err(format!("{} containers", containers.len())),
    };
    wait_for("the container to end", SOON, stopped).await.expect("ended");
    assert!(began.elapsed() >= Duration::from_secs(3), "it had {:?} to end by itself", began.elapsed());
    world.patch(&application, json!({"dockerfile": saying("the next release")})).await;
    world.deploy(&application).await;
    world.says("web.localhost", "the next release").await;
    world.settled(1).await;
}
