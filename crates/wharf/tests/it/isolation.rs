//! What is not of this instance does not exist for it.

use crate::world::{World, saying};
use serde_json::{Value, json};
use testkit::{TestEngine, wait_for};

#[tokio::test]
async fn two_wharfs_on_one_engine_deploy_the_same_and_never_meet() {
    let (Some(first), Some(second)) = (World::new().await, World::new().await) else { return };
    let (one, other) = (first.dockerfile_application("twin", &saying("the first")).await, second.dockerfile_application("twin", &saying("the second")).await);
    first.deploy(&one).await;
    second.deploy(&other).await;
    first.says("twin.localhost", "the first").await;
    second.says("twin.localhost", "the second").await;
    let before = second.container_ids(&other).await;
    assert_eq!(first.api.get(&format!("/applications/{other}")).await.expect("answers").status, 404);
    first.deploy_forced(&one).await;
    first.api.delete(&format!("/applications/{one}")).await.expect("answers").ok().expect("deleting");
    let gone = async || match first.api.get(&format!("/applications/{one}")).await {
        Ok(answer) if answer.status == 404 => Ok(()),
        other => Err(format!("{other:?}")),
    };
    wait_for("the first to be deleted", crate::world::SOON, gone).await.expect("deleted");
    assert!(first.containers(&one).await.is_empty());
    assert_eq!(second.container_ids(&other).await, before);
    second.says("twin.localhost", "the second").await;
    drop(first);
    second.says("twin.localhost", "the second").await;
    second.settled(1).await;
}

#[tokio::test]
async fn what_is_named_like_ours_without_our_label_is_never_touched() {
    let Some(mut world) = World::new().await else { return };
    let application = world.dockerfile_application("web", &saying("ours")).await;
    world.deploy(&application).await;
    let engine = world.wharf.engine().clone();
    let (label, value) = TestEngine::label();
    let ours =
        [&world.containers(&application).await[0], &world.edges().await[0]].map(|container| container["Names"][0].as_str().unwrap_or_default().to_owned());
    let mut foreign = Vec::new();
    for name in ours {
        let name = format!("{}9", name.trim_start_matches('/'));
        let body =
            json!({"Image": "busybox:latest", "Cmd": ["sleep", "600"], "Labels": {&label: &value, "wharf.resource": &application, "wharf.kind": "serve"}});
        let made = engine.post(&format!("/containers/create?name={name}"), body).await.expect("made");
        engine.post(&format!("/containers/{}/start", made["Id"].as_str().expect("an id")), Value::Null).await.expect("started");
        foreign.push(made["Id"].as_str().expect("an id").to_owned());
    }
    world.deploy_forced(&application).await;
    world.wharf.kill().await;
    world.wharf.start_again().await.expect("starts again");
    world.deploy_forced(&application).await;
    world.api.delete(&format!("/applications/{application}")).await.expect("answers").ok().expect("deleting");
    world.settled(0).await;
    for container in foreign {
        let seen = engine.get(&format!("/containers/{container}/json")).await.expect("it is there");
        assert_eq!(seen["State"]["Running"], true);
    }
    engine.remove_labelled(&format!("{label}={value}")).await.expect("removed");
}
