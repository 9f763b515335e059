//! The law that anything may die at any moment: a process that aborts before, in or after any step, or at any verb of the container engine, is followed by
//! one that finishes what it was at.

use crate::world::{World, chance, until, web};
use model::{ApplicationId, BuildPack, DockerfilePack, Settings, Source, StorageId, mount::Mount, mount::MountKind};

const MOMENTS: [&str; 4] = ["before_begin", "after_begin", "after_apply", "after_end"];

/// Something that is built, with commands before and after.
fn built(version: usize) -> Settings {
    let mut settings = web("web.localhost");
    settings.source = Source::Dockerfile { content: format!("FROM busybox:latest\nRUN mkdir /www && echo version {version} > /www/index.html\n") };
    settings.pack = BuildPack::Dockerfile(DockerfilePack::default());
    settings.pre_deployment = Some("true".parse().expect("valid"));
    settings.post_deployment = Some("true".parse().expect("valid"));
    settings.keep_releases = 1;
    settings
}

fn volume() -> Vec<Mount> {
    let what = MountKind::Volume { name: "data".parse().expect("valid") };
    vec![Mount { id: StorageId::from_chance(chance()), path: "/data".parse().expect("valid"), what }]
}

struct Law {
    world: World,
    id: ApplicationId,
    version: usize,
    adjust: fn(&mut Settings),
}

impl Law {
    async fn new(adjust: fn(&mut Settings)) -> Self {
        let world = World::new().await;
        let mut settings = built(0);
        adjust(&mut settings);
        let id = world.application("web", settings.clone()).await;
        world.live(&id, settings, volume()).await;
        Self { world, id, version: 0, adjust }
    }

    /// Lets a process die at this place of a redeploy, and another finish.
    async fn holds_at(&mut self, place: &str) {
        self.world.stop().await;
        self.version += 1;
        let mut settings = built(self.version);
        (self.adjust)(&mut settings);
        let deployment = self.world.deploy(&self.id, settings, volume()).await;
        self.world.process_dies_at(place).await;
        self.world.restart().await;
        self.world.finished(&deployment).await;
        let text = format!("version {}", self.version);
        until(&format!("after {place}: {text} answers"), || async { self.world.get("web.localhost", "/").await.1.contains(&text) }).await;
        until(&format!("after {place}: one container is left"), || async { self.world.containers(&self.id).await.len() == 1 }).await;
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
    Law::new(|_| {}).await.holds_around(&["build_image", "ensure_network", "ensure_volume", "run_before", "start_container", "await_healthy"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn death_around_the_switch_and_what_follows() {
    Law::new(|_| {}).await.holds_around(&["switch_routes", "drain", "remove_container", "run_after", "remove_images"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn death_while_requests_are_held() {
    let steps = ["hold_requests", "stop_container", "start_container", "await_healthy", "switch_routes"];
    Law::new(|settings| settings.exclusive = true).await.holds_around(&steps).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn death_at_each_verb_of_the_container_engine() {
    let mut law = Law::new(|_| {}).await;
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
