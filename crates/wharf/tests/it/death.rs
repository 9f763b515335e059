//! The law that anything may die at any moment, shown on the real binary: it aborts around every kind of step, is killed at chance, and its edge is killed; what
//! starts after it ends the deployment truthfully, keeps nothing that is nobody's, and goes on with the next.

use crate::world::{SOON, World, git};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testkit::load::{Kind, Load, Traffic};
use testkit::{Repository, wait_for};

const MOMENTS: [&str; 4] = ["before_begin", "after_begin", "after_apply", "after_end"];
/// A deployment that was cut off ends within this time of the next start.
const ENDS_WITHIN: Duration = Duration::from_secs(30);

const PREPARE: &[&str] = &["fetch_source", "build_image", "ensure_network", "ensure_volume", "run_before", "start_container"];
const SWITCH: &[&str] = &["await_healthy", "switch_routes", "drain", "remove_container", "run_after"];
const CLEAN: &[&str] = &["remove_images"];
const EXCLUSIVE: &[&str] = &["hold_requests", "stop_container"];
const UNDO: &[&str] = &["start_again"];
const PULL: &[&str] = &["pull_image"];
const DELETE: &[&str] = &["remove_volume", "forget"];
/// Calls of the container engine that change something there, by where they are made. Images are removed by a reconciler too, so only behind the step's own
/// call is the place known.
const CALLS: &[&str] = &["image_build", "network_ensure", "volume_ensure", "container_create", "container_start", "container_exec", "container_remove"];
const CALLS_HELD: &[&str] = &["container_stop"];
const CALLS_PULL: &[&str] = &["image_pull", "image_tag"];
const CALLS_DELETE: &[&str] = &["volume_remove"];
const CALL_CLEAN: &str = "docker:image_remove:after";

/// Every kind of step, read out of where they are named.
fn kinds() -> Vec<&'static str> {
    let source = include_str!("../../../model/src/plan.rs");
    let body = source.split("pub fn kind(&self)").nth(1).and_then(|rest| rest.split("\n    }\n").next()).expect("steps are named in a function `kind`");
    body.split('"').skip(1).step_by(2).collect()
}

#[test]
fn every_kind_of_step_has_a_test_of_its_death() {
    let mut tested = [PREPARE, SWITCH, CLEAN, EXCLUSIVE, UNDO, PULL, DELETE].concat();
    let mut kinds = kinds();
    tested.sort_unstable();
    kinds.sort_unstable();
    assert_eq!(tested, kinds);
}

fn places(kinds: &[&str]) -> Vec<String> {
    let all = kinds.iter().flat_map(|kind| MOMENTS.map(|moment| format!("{kind}:{moment}")));
    // Nothing is written down about what was forgotten.
    all.filter(|place| place != "forget:after_end").collect()
}

/// Before and behind each call of the container engine.
fn calls(verbs: &[&str]) -> Vec<String> {
    verbs.iter().flat_map(|verb| [format!("docker:{verb}"), format!("docker:{verb}:after")]).collect()
}

/// An application out of a repository with everything that a deployment can do, and visitors that never stop.
struct Mortal {
    world: World,
    repository: Repository,
    application: String,
    version: usize,
    visitors: Load,
}

impl Mortal {
    async fn new(settings: Value) -> Option<Self> {
        let world = World::new().await?;
        let repository = world.forge.create_empty("team/mortal").await.expect("a repository");
        let dockerfile = "FROM busybox:latest\nCOPY page /www/index.html\nCMD [\"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/www\"]\n";
        repository.commit("main", &[("Dockerfile", dockerfile), ("page", "version 0.")], "Version 0").await.expect("a commit");
        let mut fields = git(&repository, "mortal", "dockerfile", 8080);
        fields["pre_deployment_command"] = "true".into();
        fields["post_deployment_command"] = "true".into();
        let application = world.application("public", fields).await;
        let volume = json!({"type": "persistent", "name": "data", "mount_path": "/data"});
        world.api.post(&format!("/applications/{application}/storages"), volume).await.expect("answers").ok().expect("added");
        world.patch(&application, settings).await;
        world.deploy(&application).await;
        let address = ([127, 0, 0, 1], world.wharf.http_port()).into();
        let visitors = Load::start(address, "mortal.localhost", vec![Traffic::requests(Kind::NewConnection, "/", 10.0)]).expect("visitors");
        Some(Self { world, repository, application, version: 0, visitors })
    }

    async fn commit(&mut self) {
        self.version += 1;
        let (page, message) = (format!("version {}.", self.version), format!("Version {}", self.version));
        self.repository.commit("main", &[("page", &page)], &message).await.expect("a commit");
    }

    /// Lets Wharf die at this place of a deployment; answers the deployment after the next start, ended.
    async fn dies_at(&mut self, place: &str) -> Value {
        self.world.wharf.kill().await;
        self.world.wharf.start_with(&[("WHARF_FAILPOINT", place)]).await.expect("starts");
        let asked = self.world.api.deploy(&self.application).await;
        self.world.wharf.ended(SOON).await.unwrap_or_else(|error| panic!("{place} was not reached: {error:#}"));
        self.ends(place, asked.ok()).await
    }

    /// Starts Wharf again and waits until the deployment has ended; the newest where the answer was cut off.
    async fn ends(&mut self, place: &str, deployment: Option<String>) -> Value {
        self.world.wharf.start_again().await.unwrap_or_else(|error| panic!("after {place}: {error:#}"));
        let newest = self.world.deployments(&self.application).await;
        let id = deployment.unwrap_or_else(|| newest[0]["deployment_uuid"].as_str().unwrap_or_default().to_owned());
        self.world.api.deployment_ended(&id, ENDS_WITHIN).await.unwrap_or_else(|error| panic!("after {place}: {error:#}"))
    }

    /// What a deployment says is what visitors see, and nothing else is left.
    async fn is_true(&self, place: &str, ended: &Value, before: usize) {
        let live = if ended["status"] == "finished" { self.version } else { before };
        let reason = ended["reason"].as_str().unwrap_or_default();
        assert!(ended["status"] == "finished" || !reason.is_empty(), "after {place}: {ended:#}");
        eprintln!("{place}: {} {reason}", ended["status"]);
        self.world.says("mortal.localhost", &format!("version {live}.")).await;
        self.world.settled(1).await;
        let seen = self.visitors.so_far();
        assert_eq!(seen.bad(), 0, "after {place}:\n{seen}");
    }

    async fn survives(&mut self, kinds: &[&str]) {
        for place in places(kinds) {
            self.survives_at(&place).await;
        }
    }

    async fn survives_at(&mut self, place: &str) {
        let (before, began) = (self.version, Instant::now());
        self.commit().await;
        let ended = self.dies_at(place).await;
        self.is_true(place, &ended, before).await;
        assert_eq!(ended["status"], "finished", "nothing but Wharf failed at {place}");
        eprintln!("{place} took {:.1} s", began.elapsed().as_secs_f32());
    }

    /// The queue goes on.
    async fn goes_on(mut self) {
        self.commit().await;
        self.world.deploy(&self.application).await;
        self.world.says("mortal.localhost", &format!("version {}.", self.version)).await;
        let seen = self.visitors.finish().await;
        assert_eq!(seen.bad(), 0, "{seen}");
        eprintln!("{seen}");
    }
}

#[tokio::test]
async fn death_around_every_step_before_the_gate() {
    let Some(mut mortal) = Mortal::new(json!({})).await else { return };
    mortal.survives(PREPARE).await;
    mortal.goes_on().await;
}

#[tokio::test]
async fn death_around_every_step_from_the_gate_on() {
    let Some(mut mortal) = Mortal::new(json!({})).await else { return };
    mortal.survives(SWITCH).await;
    mortal.goes_on().await;
}

#[tokio::test]
async fn death_around_every_call_of_the_container_engine() {
    let Some(mut mortal) = Mortal::new(json!({})).await else { return };
    for place in calls(CALLS) {
        mortal.survives_at(&place).await;
    }
    mortal.goes_on().await;
}

#[tokio::test]
async fn death_while_images_are_removed() {
    let Some(mut mortal) = Mortal::new(json!({})).await else { return };
    for place in places(CLEAN).into_iter().chain([CALL_CLEAN.to_owned()]) {
        mortal.world.patch(&mortal.application, json!({"docker_images_to_keep": "5"})).await;
        for _ in 0..2 {
            mortal.commit().await;
            mortal.world.deploy(&mortal.application).await;
        }
        mortal.world.patch(&mortal.application, json!({"docker_images_to_keep": "1"})).await;
        mortal.survives_at(&place).await;
    }
    mortal.goes_on().await;
}

#[tokio::test]
async fn death_while_requests_are_held_and_while_that_is_undone() {
    let Some(mut mortal) = Mortal::new(json!({"exclusive": "true"})).await else { return };
    mortal.survives(EXCLUSIVE).await;
    for place in calls(CALLS_HELD) {
        mortal.survives_at(&place).await;
    }
    mortal.world.patch(&mortal.application, json!({"start_command": "false"})).await;
    for place in places(UNDO) {
        let ended = mortal.dies_at(&place).await;
        assert_eq!(ended["status"], "failed", "{place}: {ended:#}");
        mortal.is_true(&place, &ended, mortal.version).await;
    }
    mortal.world.patch(&mortal.application, json!({"start_command": ""})).await;
    mortal.goes_on().await;
}

#[tokio::test]
async fn death_around_pulls_and_deletions() {
    let Some(mut world) = World::new().await else { return };
    let pulls = [places(PULL), calls(CALLS_PULL)].concat();
    for place in pulls.iter().cloned().chain(places(DELETE)).chain(calls(CALLS_DELETE)) {
        let fields = json!({
            "name": "web", "docker_registry_image_name": "busybox", "docker_registry_image_tag": "latest", "ports_exposes": "8080",
            "domains": "http://web.localhost", "start_command": "httpd -f -p 8080 -h /bin",
        });
        let application = world.application("dockerimage", fields).await;
        let volume = json!({"type": "persistent", "name": "data", "mount_path": "/data"});
        world.api.post(&format!("/applications/{application}/storages"), volume).await.expect("answers").ok().expect("added");
        let pulls = pulls.contains(&place);
        if !pulls {
            world.deploy(&application).await;
        }
        world.wharf.kill().await;
        world.wharf.start_with(&[("WHARF_FAILPOINT", &place)]).await.expect("starts");
        let path = format!("/applications/{application}");
        // The answer may be cut off with the process.
        let _ = if pulls { world.api.deploy(&application).await.map(drop) } else { world.api.delete(&path).await.map(drop) };
        world.wharf.ended(SOON).await.unwrap_or_else(|error| panic!("{place} was not reached: {error:#}"));
        world.wharf.start_again().await.expect("starts again");
        if pulls {
            let deployment = world.deployments(&application).await[0]["deployment_uuid"].as_str().expect("a uuid").to_owned();
            world.api.deployment_finished(&deployment, ENDS_WITHIN).await.unwrap_or_else(|error| panic!("{place}: {error:#}"));
            world.settled(1).await;
            world.api.delete(&path).await.expect("answers").ok().expect("deleting");
        }
        gone(&world, &application, &place).await;
    }
}

/// Waits until an application and everything of it is gone.
async fn gone(world: &World, application: &str, place: &str) {
    let gone = wait_for("the application to be gone", ENDS_WITHIN, async || {
        let known = world.api.get(&format!("/applications/{application}")).await.map_err(|error| error.to_string())?.status;
        let left = world.wharf.engine().labelled(&format!("wharf.resource={application}")).await.map_err(|error| error.to_string())?;
        if known == 404 && left.is_empty() { Ok(()) } else { Err(format!("{known}: {}", left.join(", "))) }
    });
    gone.await.unwrap_or_else(|error| panic!("after {place}: {error:#}"));
    world.settled(0).await;
}

#[tokio::test]
async fn kills_at_chance_leave_the_truth() {
    let seed = std::env::var("WHARF_TEST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(rand::random::<u64>);
    eprintln!("WHARF_TEST_SEED={seed}");
    let Some(mut mortal) = Mortal::new(json!({})).await else { return };
    let mut chance = StdRng::seed_from_u64(seed);
    for round in 0..8 {
        let before = mortal.version;
        mortal.commit().await;
        let deployment = mortal.world.api.deploy(&mortal.application).await.expect("queued");
        let moment = Duration::from_millis(chance.random_range(0..4000));
        assert!(mortal.world.wharf.ended(moment).await.is_err(), "Wharf ended by itself");
        mortal.world.wharf.kill().await;
        let place = format!("kill {round} after {moment:?} (seed {seed})");
        let ended = mortal.ends(&place, Some(deployment)).await;
        mortal.is_true(&place, &ended, before).await;
    }
    mortal.goes_on().await;
}

#[tokio::test]
async fn an_edge_that_is_killed_answers_again_within_two_seconds_with_its_table() {
    let Some(mut world) = World::new().await else { return };
    let application = world.dockerfile_application("web", &crate::world::saying("still here")).await;
    world.deploy(&application).await;
    for with_wharf in [true, false] {
        if !with_wharf {
            world.wharf.kill().await;
        }
        world.says("web.localhost", "still here").await;
        let edge = world.edges().await[0]["Id"].as_str().expect("an id").to_owned();
        let seen = world.wharf.engine().get(&format!("/containers/{edge}/json")).await.expect("inspected");
        let process = seen["State"]["Pid"].as_i64().filter(|process| *process > 1).expect("it runs").to_string();
        let killed = host::Command::new("kill").args(["-KILL", &process]).run().await.expect("runs");
        assert!(killed.status.success());
        let began = Instant::now();
        world.says("web.localhost", "still here").await;
        let took = began.elapsed();
        eprintln!("the edge answered again after {took:?}, Wharf {}", if with_wharf { "there" } else { "gone" });
        assert!(took < Duration::from_secs(2), "{took:?}");
    }
    world.wharf.start_again().await.expect("starts again");
    world.deploy_forced(&application).await;
}
