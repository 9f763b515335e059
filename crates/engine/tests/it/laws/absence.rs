//! The container engine goes away at each step, or is killed there: nothing is known meanwhile and the old release serves on; once it is back the deployment
//! ends well.

use super::history::{History, Law};
use crate::{
    absences::Line,
    world::{World, until},
};
use engine::Moment;
use model::StepState;
use testkit::OwnEngine;

async fn absences(history: History) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut line = Line::new(folder.path().join("docker.sock"));
    line.join();
    let Some(world) = World::behind(folder.path().join("docker.sock")).await else { return };
    let mut law = Law::on(world, history).await;
    for place in law.places().await {
        let after = format!("an absence at {}", place.kind);
        let (hold, deployment) = law.held_at(place.kind, Moment::Before).await;
        line.cut();
        until(&format!("{after}: nothing is known"), || async { law.world.engine.status(&law.id).word() == "unknown" }).await;
        if place.before && history != History::Held {
            law.says(&after).await;
        }
        hold.go_on();
        line.join();
        law.world.finished(&deployment).await;
        law.is_live(&after).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_goes_away_at_any_step_is_waited_for() {
    absences(History::Built).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_goes_away_while_requests_are_held_is_waited_for() {
    absences(History::Held).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_goes_away_at_a_pull_is_waited_for() {
    absences(History::Pulled).await;
}

/// Kills the container engine itself at each step. When it starts again it ends what it finds running, so containers start anew behind its back.
async fn kills(history: History) {
    let Some(mut engine) = OwnEngine::required().await else { return };
    let world = World::on(engine.engine().socket().to_owned()).await;
    let mut law = Law::on(world, history).await;
    for place in law.places().await {
        let after = format!("the death of the container engine at {}", place.kind);
        let (hold, deployment) = law.held_at(place.kind, Moment::Before).await;
        engine.kill().await;
        until(&format!("{after}: nothing is known"), || async { law.world.engine.status(&law.id).word() == "unknown" }).await;
        if place.before && history != History::Held {
            law.says(&after).await;
        }
        engine.start_again().await.expect("starts again");
        hold.go_on();
        law.world.finished(&deployment).await;
        law.is_live(&after).await;
        let steps = law.world.store.step_list(&law.world.scope, deployment.clone()).await.expect("steps");
        assert!(!steps.iter().any(|step| step.state == StepState::Failed), "{after}:\n{}", law.world.story(&deployment).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_killed_at_any_step_is_waited_for() {
    kills(History::Built).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_killed_while_requests_are_held_is_waited_for() {
    kills(History::Held).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_killed_at_a_pull_is_waited_for() {
    kills(History::Pulled).await;
}
