//! The registry keeps images for a real engine, asks for credentials, and misbehaves when told to.

use serde_json::Value;
use testkit::{Fault, TestEngine, TestRegistry};

async fn pull(engine: &TestEngine, image: &str) -> Result<String, String> {
    let (name, tag) = image.rsplit_once(':').expect("a tag");
    match engine.post(&format!("/images/create?fromImage={name}&tag={tag}"), Value::Null).await {
        Ok(_) => engine.get(&format!("/images/{image}/json")).await.map(|image| image["Id"].to_string()).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

#[tokio::test]
async fn an_image_goes_in_and_comes_out_and_faults_come_and_go() {
    let Some(engine) = TestEngine::required().await else { return };
    let registry = TestRegistry::open().await.expect("a registry");
    let image = registry.push(&engine, "busybox:latest", "team/tool:1").await.expect("pushed");
    registry.set_fault(Fault::ServerError);
    assert!(pull(&engine, &image).await.is_err());
    registry.set_fault(Fault::TooManyRequests);
    let refused = pull(&engine, &image).await.expect_err("too many");
    assert!(refused.to_lowercase().contains("toomanyrequests") || refused.contains("429") || refused.contains("slow down"), "{refused}");
    registry.set_fault(Fault::None);
    assert!(pull(&engine, &image).await.is_ok());
    engine.delete(&format!("/images/{image}")).await.expect("removed");
}

#[tokio::test]
async fn a_private_registry_refuses_who_has_no_password() {
    let Some(engine) = TestEngine::required().await else { return };
    let registry = TestRegistry::with_credentials("ada", "lovelace").await.expect("a registry");
    let image = registry.push(&engine, "busybox:latest", "team/private:1").await.expect("pushed with credentials");
    assert!(pull(&engine, &image).await.is_err());
    assert!(engine.push("busybox:latest", &registry.image("team/other:1"), Some(("ada", "wrong"))).await.is_err());
}
