//! Releases that never get healthy, and applications that end.

use crate::world::{World, example, git, saying};
use serde_json::json;
use testkit::wait_for;

#[tokio::test]
async fn a_release_that_never_gets_healthy_changes_nothing_and_says_why_itself() {
    let Some(world) = World::new().await else { return };
    let repository = world.forge.create_empty("team/web").await.expect("a repository");
    repository.commit("main", &[("Dockerfile", &saying("the good release"))], "Good").await.expect("a commit");
    let mut fields = git(&repository, "web", "dockerfile", 8080);
    (fields["health_check_start_period"], fields["health_check_retries"], fields["health_check_interval"]) = ("2".into(), "2".into(), "1".into());
    let application = world.application("public", fields).await;
    world.deploy(&application).await;
    world.says("web.localhost", "the good release").await;
    let before = world.container_ids(&application).await;
    repository.commit_folder("main", &example("unhealthy"), "Bad").await.expect("a commit");
    let failed = world.deploy_failing(&application).await;
    let reason = failed["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("healthy") && reason.contains("waiting for a database that does not exist"), "{reason}");
    assert_eq!(world.container_ids(&application).await, before);
    world.says("web.localhost", "the good release").await;
    assert_eq!(world.field(&application, "status").await, "running:healthy");
}

#[tokio::test]
async fn a_crash_after_the_start_is_seen_with_its_code_within_two_seconds() {
    let Some(world) = World::new().await else { return };
    let repository = world.example("crash").await;
    let application = world.git_application(&repository, "crash", "dockerfile", 8080).await;
    world.patch(&application, json!({"restart": "no"})).await;
    let variable = json!({"key": "CRASH_AFTER_SECONDS", "value": "5", "is_buildtime": false});
    world.api.post(&format!("/applications/{application}/envs"), variable).await.expect("answers").ok().expect("set");
    world.deploy(&application).await;
    assert_eq!(world.field(&application, "status").await, "running:healthy");
    let container = format!("/containers/{}/json", world.container_ids(&application).await[0]);
    let dead = async || match world.wharf.engine().get(&container).await {
        Ok(seen) if seen["State"]["Status"] == "exited" => Ok(()),
        other => Err(format!("{other:?}").chars().take(200).collect()),
    };
    wait_for("the container to end", crate::world::SOON, dead).await.expect("ended");
    let seen = async || match (world.field(&application, "status").await, world.field(&application, "status_text").await) {
        (status, text) if status == "exited:unhealthy" && text == "exited (1)" => Ok(()),
        other => Err(format!("{other:?}")),
    };
    wait_for("the status to say so", std::time::Duration::from_secs(2), seen).await.expect("seen");
}
