//! What crashed runs left is swept, what running ones use is not.

use serde_json::json;
use testkit::TestEngine;

/// A process id that no process has: above the kernel's highest.
const GONE: &str = "4999999";

#[tokio::test]
async fn the_sweep_removes_what_processes_that_are_gone_have_left_and_nothing_else() {
    let Some(engine) = TestEngine::required().await else { return };
    let make = async |value: &str| {
        let created = engine.post("/containers/create", json!({"Image": "busybox:latest", "Labels": {"wharf.test": value}})).await;
        created.expect("a container")["Id"].as_str().expect("an id").to_owned()
    };
    make(GONE).await;
    let network = json!({"Name": "wharf-test-left", "Labels": {"wharf.test": GONE}});
    engine.post("/networks/create", network).await.expect("a network");
    let (_, own) = TestEngine::label();
    let kept = make(&own).await;
    assert_eq!(engine.labelled(&format!("wharf.test={GONE}")).await.expect("listed").len(), 2);

    engine.sweep().await.expect("swept");
    assert!(engine.labelled(&format!("wharf.test={GONE}")).await.expect("listed").is_empty());
    engine.get(&format!("/containers/{kept}/json")).await.expect("still there");
    engine.delete(&format!("/containers/{kept}?force=true")).await.expect("removed");
}
