//! The engine has no addresses left for another network.

use crate::world::{World, saying};
use serde_json::json;
use testkit::OwnEngine;

#[tokio::test]
async fn an_engine_without_addresses_for_another_network_is_given_some() {
    let Some(engine) = OwnEngine::with_addresses_for_one_network().await else { return };
    let taken = json!({"Name": "somebody-else-s"});
    engine.engine().post("/networks/create", taken).await.expect("made");
    let refused = engine.engine().post("/networks/create", json!({"Name": "one-more"})).await.expect_err("none are left");
    assert!(format!("{refused:#}").contains("address pools"), "{refused:#}");

    let Some(world) = World::with(|builder| builder.engine(&engine)).await else { return };
    let application = world.dockerfile_application("web", &saying("on addresses of its own")).await;
    world.deploy(&application).await;
    world.says("web.localhost", "on addresses of its own").await;
}
