//! Registries that are slow, out of order, or want fewer requests: what served before serves on, the reason names the registry, and the next deployment works.

use super::reason;
use crate::world::{SOON, WITHIN, World, saying};
use serde_json::json;
use std::time::Duration;
use testkit::{Fault, TestEngine, TestRegistry};

/// A registry whose image `team/site:1` an application runs.
struct Pulled {
    world: World,
    registry: TestRegistry,
    application: String,
    label: (String, String),
}

impl Pulled {
    async fn new() -> Option<Self> {
        let world = World::new().await?;
        let registry = TestRegistry::open().await.expect("a registry");
        let fields = json!({
            "name": "pulled", "docker_registry_image_name": registry.image("team/site"), "docker_registry_image_tag": "1", "ports_exposes": "8080",
            "domains": "http://pulled.localhost",
        });
        let mut pulled = Self { world, registry, application: String::new(), label: TestEngine::label() };
        pulled.push("one").await;
        pulled.application = pulled.world.application("dockerimage", fields).await;
        pulled.world.deploy(&pulled.application).await;
        pulled.says("one").await;
        Some(pulled)
    }

    /// Puts another image under the tag.
    async fn push(&self, text: &str) {
        let (name, value) = &self.label;
        let (tag, label) = (format!("wharf-test-{value}:latest"), format!("{name}={value}"));
        let build = host::Command::new("docker").args(["build", "--quiet", "--label", &label, "--tag", &tag, "-"]).input(saying(text)).timeout(WITHIN);
        let built = build.run().await.expect("docker build");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        self.registry.push(self.world.wharf.engine(), &tag, "team/site:1").await.expect("pushed");
    }

    async fn says(&self, text: &str) {
        self.world.says("pulled.localhost", text).await;
    }

    /// Everything is as before a deployment that failed.
    async fn serves_on(&self, text: &str) {
        self.world.is(&self.application, "running:healthy", "running").await;
        self.says(text).await;
        self.world.settled(1).await;
    }

    /// Removes it, and the images with it.
    async fn remove(self) {
        let Self { world, label: (name, value), .. } = self;
        let engine = world.wharf.engine().clone();
        drop(world);
        engine.remove_labelled(&format!("{name}={value}")).await.expect("removed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_out_of_order_fails_the_deployment_with_its_name_and_what_to_do() {
    let Some(pulled) = Pulled::new().await else { return };
    let host = pulled.registry.address();
    pulled.push("two").await;
    for (fault, words) in [(Fault::ServerError, "look whether the registry works"), (Fault::TooManyRequests, "add a credential")] {
        pulled.registry.set_fault(fault);
        reason(&pulled.world.deploy_failing(&pulled.application).await, &[&host, "team/site:1", words]);
        pulled.serves_on("one").await;
    }
    pulled.registry.set_fault(Fault::None);
    pulled.world.deploy(&pulled.application).await;
    pulled.says("two").await;
    pulled.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_that_is_slow_or_busy_for_a_moment_is_asked_again_and_a_silent_one_can_be_cancelled() {
    let Some(pulled) = Pulled::new().await else { return };
    let world = &pulled.world;
    pulled.push("two").await;
    pulled.registry.set_fault(Fault::Slow(Duration::from_millis(500)));
    world.deploy(&pulled.application).await;
    pulled.says("two").await;

    pulled.registry.set_fault(Fault::None);
    pulled.push("three").await;
    pulled.registry.set_fault(Fault::TooManyRequests);
    let deployment = world.api.deploy(&pulled.application).await.expect("queued");
    world.logs(&deployment, "try again in").await;
    pulled.registry.set_fault(Fault::None);
    world.api.deployment_finished(&deployment, WITHIN).await.expect("finished");
    pulled.says("three").await;

    pulled.push("four").await;
    pulled.registry.set_fault(Fault::Silent);
    let deployment = world.api.deploy(&pulled.application).await.expect("queued");
    world.logs(&deployment, "Pull ").await;
    world.api.post(&format!("/deployments/{deployment}/cancel"), json!({})).await.expect("answers").ok().expect("taken");
    let ended = world.api.deployment_ended(&deployment, SOON).await.expect("ends");
    assert_eq!(ended["status"], "cancelled-by-user", "{ended:#}");
    pulled.serves_on("three").await;
    pulled.registry.set_fault(Fault::None);
    world.deploy(&pulled.application).await;
    pulled.says("four").await;
    pulled.remove().await;
}
