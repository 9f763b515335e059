//! Whatever step fails, before it did anything or after: before the point of no return the old release serves on and nothing is left; behind it the new one
//! serves, and what could not be tidied is tidied later.

use super::history::{History, Law};
use crate::world::until;
use engine::{Hold, Moment};
use model::{DeploymentStatus, Operation};

const MOMENTS: [Moment; 2] = [Moment::Before, Moment::After];

/// Lets each step that a history is there for fail; these kinds it must be.
async fn failures(history: History, kinds: &[&str]) {
    let Some(mut law) = Law::new(history).await else { return };
    let places = law.places().await;
    for place in &places {
        for moment in MOMENTS {
            let after = format!("a failure of {}, {moment:?}", place.kind);
            let before = law.left().await;
            let (hold, deployment) = law.held_at(place.kind, moment).await;
            hold.fail();
            let ended = law.world.ended(&deployment).await;
            if place.before {
                law.changed_nothing(&after, &ended, DeploymentStatus::Failed, &before).await;
            } else {
                assert_eq!(ended.deployment.status, DeploymentStatus::Finished, "{after}: {:?}", ended.deployment.reason);
                law.tidied(&after).await;
            }
        }
    }
    assert_eq!(places.iter().map(|place| place.kind).collect::<Vec<_>>(), kinds);
}

impl Law {
    /// It is live, and what its clean-up left is gone with the next look.
    async fn tidied(&mut self, after: &str) {
        self.world.restart().await;
        self.is_live(after).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_leaves_what_was_or_what_is_new() {
    let prepare = ["fetch_source", "build_image", "ensure_network", "ensure_volume", "run_before", "start_container", "await_healthy"];
    let rest = ["switch_routes", "drain", "remove_container", "run_after", "remove_images"];
    failures(History::Built, &[prepare.as_slice(), &rest].concat()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_while_requests_are_held_lets_the_old_release_go_on() {
    failures(History::Held, &["hold_requests", "stop_container"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_fails_leaves_what_was() {
    failures(History::Pulled, &["pull_image"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_release_that_does_not_start_again_is_started_later() {
    let Some(mut law) = Law::new(History::Undone).await else { return };
    for moment in MOMENTS {
        let again = Hold::at(law.world.engine_instance(), "start_again", moment);
        let (hold, deployment) = law.held_at("await_healthy", Moment::Before).await;
        hold.fail();
        again.fail();
        let ended = law.world.ended(&deployment).await.deployment;
        assert_eq!(ended.status, DeploymentStatus::Failed, "{:?}", ended.reason);
        law.says(&format!("a failure of start_again, {moment:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_that_fails_is_finished_by_deleting_again() {
    for kind in ["remove_volume", "forget"] {
        let Some(law) = Law::new(History::Deleted).await else { return };
        let hold = Hold::at(law.world.engine_instance(), kind, Moment::Before);
        let deployment = law.world.act(&law.id, Operation::Delete, None).await;
        hold.fail();
        let ended = law.world.ended(&deployment).await.deployment;
        assert_eq!(ended.status, DeploymentStatus::Failed, "{kind}: {:?}", ended.reason);
        assert!(law.world.store.application_fetch(&law.world.scope, law.id.clone()).await.is_ok(), "{kind}: forgotten with something left");
        law.world.act(&law.id, Operation::Delete, None).await;
        until(&format!("{kind}: it is forgotten"), || async { law.world.store.application_fetch(&law.world.scope, law.id.clone()).await.is_err() }).await;
        let [containers, _, volumes] = law.left().await;
        assert_eq!((containers.len(), volumes.len()), (1, 0), "{kind}: more than the edge is left: {containers:?} {volumes:?}");
    }
}
