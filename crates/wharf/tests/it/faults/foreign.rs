//! A crowd of containers that are not ours.

use crate::world::{World, saying};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use testkit::{OwnEngine, TestEngine};

const CROWD: usize = 1000;

/// What the engine says of every container that is not this Wharf's.
async fn strangers(engine: &TestEngine, world: Option<&World>) -> Vec<(String, String, String)> {
    let listed = engine.get("/containers/json?all=true").await.expect("listed");
    let text = |container: &Value, name: &str| container[name].as_str().unwrap_or_default().to_owned();
    let ours = |container: &&Value| world.is_some_and(|world| world.wharf.label().ends_with(container["Labels"]["wharf.instance"].as_str().unwrap_or("-")));
    let mut found: Vec<_> = listed
        .as_array()
        .into_iter()
        .flatten()
        .filter(|container| !ours(container))
        .map(|container| (text(container, "Id"), container["Names"].to_string(), text(container, "State")))
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn a_thousand_containers_of_others_are_neither_touched_nor_in_the_way() {
    let Some(engine) = OwnEngine::required().await else { return };
    engine.engine().post("/images/create?fromImage=busybox&tag=latest", Value::Null).await.expect("pulled");
    let began = std::time::Instant::now();
    let made = stream::iter(0..CROWD).map(|number| {
        // Every tenth is another Wharf's.
        let labels = if number % 10 == 0 { json!({"wharf.instance": "somebodyelsesinstance234", "wharf.kind": "serve"}) } else { json!({}) };
        let body = json!({"Image": "busybox:latest", "Cmd": ["true"], "NetworkDisabled": true, "Labels": labels});
        let engine = engine.engine().clone();
        async move { engine.post(&format!("/containers/create?name=stranger-{number}"), body).await }
    });
    made.buffer_unordered(8).try_collect::<Vec<_>>().await.expect("made");
    eprintln!("{CROWD} containers made in {:?}", began.elapsed());
    let before = strangers(engine.engine(), None).await;
    assert_eq!(before.len(), CROWD);

    let Some(mut world) = World::with(|builder| builder.engine(&engine)).await else { return };
    let application = world.dockerfile_application("web", &saying("ours")).await;
    world.deploy(&application).await;
    world.says("web.localhost", "ours").await;
    world.wharf.kill().await;
    world.wharf.start_again().await.expect("starts");
    world.deploy_forced(&application).await;
    world.is(&application, "running:healthy", "running").await;
    let began = std::time::Instant::now();
    let resources = world.api.get("/resources").await.expect("answers").ok().expect("listed");
    assert_eq!(resources.as_array().map(Vec::len), Some(1), "{resources:#}");
    let page = world.page("/").await;
    assert!(page.contains("web") && !page.contains("stranger"), "{page}");
    eprintln!("lists answered in {:?}", began.elapsed());
    world.api.delete(&format!("/applications/{application}")).await.expect("answers").ok().expect("deleting");
    world.settled(0).await;
    assert_eq!(strangers(engine.engine(), Some(&world)).await, before);
}
