//! The laws of every step, on a real engine: whatever dies, fails, is cancelled or loses the container engine there, the end is the one that is told.
//!
//! Here a process aborts before, in or after any step, or at any verb of the container engine, and is followed by one that finishes what it was at.

mod absence;
mod cancel;
mod failure;
mod history;

use history::{History, Law};

const MOMENTS: [&str; 4] = ["before_begin", "after_begin", "after_apply", "after_end"];

impl Law {
    /// Lets a process die at this place of a redeploy, and another finish.
    async fn holds_at(&mut self, place: &str) {
        self.world.stop().await;
        let deployment = self.ask().await;
        self.world.process_dies_at(place).await;
        self.world.restart().await;
        self.world.finished(&deployment).await;
        self.is_live(place).await;
    }

    async fn holds_around(&mut self, kinds: &[&str]) {
        for kind in kinds {
            for moment in MOMENTS {
                self.holds_at(&format!("{kind}:{moment}")).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn death_around_each_step_that_prepares() {
    let steps = ["fetch_source", "build_image", "ensure_network", "ensure_volume", "run_before", "start_container", "await_healthy"];
    let Some(mut law) = Law::new(History::Built).await else { return };
    law.holds_around(&steps).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn death_around_the_switch_and_what_follows() {
    let Some(mut law) = Law::new(History::Built).await else { return };
    law.holds_around(&["switch_routes", "drain", "remove_container", "run_after", "remove_images"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn death_while_requests_are_held() {
    let steps = ["hold_requests", "stop_container", "start_container", "await_healthy", "switch_routes"];
    let Some(mut law) = Law::new(History::Held).await else { return };
    law.holds_around(&steps).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn death_at_each_verb_of_the_container_engine() {
    let Some(mut law) = Law::new(History::Built).await else { return };
    let verbs = [
        "observe",
        "image_build",
        "network_ensure",
        "volume_ensure",
        "container_create",
        "container_start",
        "container_wait",
        "container_remove",
        "container_exec",
    ];
    for verb in verbs {
        law.holds_at(&format!("docker:{verb}")).await;
    }
    for second in ["docker:container_create:2", "docker:container_start:2", "docker:container_remove:2"] {
        law.holds_at(second).await;
    }
}
