//! A cancel at each step: before the point of no return it ends cancelled, the old release serves and nothing is left; behind it the cancel comes too late, and
//! that is said.

use super::history::{History, Law, Place};
use engine::Moment;
use jiff::Timestamp;
use model::DeploymentStatus;

async fn cancels(history: History) {
    let Some(mut law) = Law::new(history).await else { return };
    for place in law.places().await {
        law.cancelled_at(place, Moment::Before).await;
        if place.before {
            law.cancelled_at(place, Moment::After).await;
        }
    }
}

impl Law {
    async fn cancelled_at(&mut self, place: Place, moment: Moment) {
        let after = format!("a cancel at {}, {moment:?}", place.kind);
        let before = self.left().await;
        let (hold, deployment) = self.held_at(place.kind, moment).await;
        self.world.store.deployment_cancel(&self.world.scope, deployment.clone(), Timestamp::now()).await.expect("asked");
        hold.go_on();
        let ended = self.world.ended(&deployment).await;
        // The switch is the point of no return: once begun it is not given up.
        if place.before && place.kind != "switch_routes" {
            self.changed_nothing(&after, &ended, DeploymentStatus::Cancelled, &before).await;
        } else {
            assert_eq!(ended.deployment.status, DeploymentStatus::Finished, "{after}");
            assert!(ended.deployment.reason.is_some_and(|reason| reason.contains("too late")), "{after}: it is not said");
            self.is_live(&after).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_at_each_step_leaves_what_was_or_comes_too_late() {
    cancels(History::Built).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_at_each_step_while_requests_are_held_lets_the_old_release_go_on() {
    cancels(History::Held).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_at_a_pull_leaves_what_was() {
    cancels(History::Pulled).await;
}
