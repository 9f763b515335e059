//! The same again does nothing; forced, it does everything.

use crate::world::{World, git, saying};

#[tokio::test]
async fn the_same_commit_builds_and_replaces_nothing_unless_forced() {
    let Some(world) = World::new().await else { return };
    let repository = world.forge.create_empty("team/web").await.expect("a repository");
    repository.commit("main", &[("Dockerfile", &saying("once"))], "Once").await.expect("a commit");
    let application = world.application("public", git(&repository, "web", "dockerfile", 8080)).await;
    world.deploy(&application).await;
    let before = (world.container_ids(&application).await, world.containers(&application).await[0]["ImageID"].clone());
    let again = world.deploy(&application).await;
    let log = world.log_of(again["deployment_uuid"].as_str().expect("a uuid")).await;
    assert!(!log.contains("RUN mkdir"), "{log}");
    assert_eq!((world.container_ids(&application).await, world.containers(&application).await[0]["ImageID"].clone()), before);
    let forced = world.deploy_forced(&application).await;
    let log = world.log_of(forced["deployment_uuid"].as_str().expect("a uuid")).await;
    assert!(log.contains("RUN mkdir"), "{log}");
    assert_ne!(world.container_ids(&application).await, before.0);
    world.settled(1).await;
}
