//! The clock went back, or was far ahead once: what was written at another time does not keep anything from going on.

use crate::world::{WITHIN, World, saying};
use jiff::{SignedDuration, Timestamp};
use model::{Cause, DeploymentId, Operation, deployment::CauseKind};
use serde_json::Value;
use store::{NewDeployment, Store};

/// A restart that was begun at this time by a Wharf that died then.
async fn begun(world: &World, at: Timestamp) -> String {
    let store = Store::open(world.wharf.data()).expect("opens");
    let live = store.live_applications().await.expect("reads").remove(0);
    let new = NewDeployment {
        id: DeploymentId::from_chance(std::array::from_fn(|_| rand::random())),
        application: live.application.id.clone(),
        operation: Operation::Restart,
        fresh_release: None,
        release: Some(live.release.id.clone()),
        force: false,
        with_volumes: false,
        cause: Cause { by: CauseKind::Api, actor: "Ada".into() },
        supersedes: false,
    };
    let id = new.id.to_string();
    store.deployment_create(&live.scope, new, at).await.expect("queued");
    store.work_claim(at).await.expect("claimed").expect("nothing else runs");
    id
}

fn time(deployment: &Value, name: &str) -> Timestamp {
    deployment[name].as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no {name}: {deployment:#}"))
}

#[tokio::test]
async fn a_deployment_of_another_time_ends_and_never_before_it_began() {
    let Some(mut world) = World::new().await else { return };
    let application = world.dockerfile_application("web", &saying("here")).await;
    world.deploy(&application).await;
    for away in [SignedDuration::from_hours(24), SignedDuration::from_hours(-24 * 365 * 30)] {
        world.wharf.kill().await;
        let id = begun(&world, Timestamp::now().checked_add(away).expect("a time")).await;
        world.wharf.start_again().await.expect("starts");
        let ended = world.api.deployment_finished(&id, WITHIN).await.expect("it ends");
        assert!(time(&ended, "started_at") <= time(&ended, "finished_at"), "{ended:#}");
        let page = world.page(&format!("/deployments/{id}")).await;
        assert!(page.contains("Finished"), "{page}");
        world.deploy_forced(&application).await;
        let newest = &world.deployments(&application).await[0];
        assert!(newest["deployment_uuid"] != id.as_str(), "the newest is the last one asked for, whatever the clock said");
    }
    world.says("web.localhost", "here").await;
    world.is(&application, "running:healthy", "running").await;
    world.settled(1).await;
}

#[tokio::test]
async fn wrong_passwords_of_a_day_that_has_not_come_keep_nobody_out() {
    let Some(mut world) = World::new().await else { return };
    world.wharf.kill().await;
    let tomorrow = Timestamp::now().checked_add(SignedDuration::from_hours(24)).expect("a time");
    let store = Store::open(world.wharf.data()).expect("opens");
    for _ in 0..50 {
        let subjects = vec![format!("account:{}", testkit::OWNER), "address:127.0.0.1".to_owned()];
        store.sign_in_failed(subjects, tomorrow).await.expect("written");
    }
    drop(store);
    world.wharf.start_again().await.expect("starts");
    world.page("/").await;
}
