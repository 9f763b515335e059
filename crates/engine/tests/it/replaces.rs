//! Releases that replace others: without a gap, or not at all.

use crate::world::{World, get, page, until, web};
use model::{DeploymentStatus, Operation, Phase, StepState, health::Probe, health::ProbeMethod};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Asks without a pause until it is told to stop; answers how often, and what failed.
struct Load {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU32>,
    task: tokio::task::JoinHandle<Vec<String>>,
}

impl Load {
    fn start(port: u16, host: &'static str) -> Self {
        let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let (stopping, counted) = (stop.clone(), asked.clone());
        let task = tokio::spawn(async move {
            let mut failures = Vec::new();
            while !stopping.load(Ordering::Relaxed) {
                match get(port, host, "/").await {
                    Ok((200, _)) => drop(counted.fetch_add(1, Ordering::Relaxed)),
                    other => {
                        failures.push(format!("{other:?}"));
                        failures.dedup();
                    }
                }
            }
            failures
        });
        Self { stop, asked, task }
    }

    async fn end(self) -> (u32, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        (self.asked.load(Ordering::Relaxed), self.task.await.expect("asked"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redeploys_under_requests_lose_none() {
    let Some(world) = World::new().await else { return };
    let mut settings = web("busy.localhost");
    settings.replicas = 2;
    let id = world.application("busy", settings.clone()).await;
    world.live(&id, settings.clone(), page("version 0")).await;
    world.answers("busy.localhost", "version 0").await;
    let load = Load::start(world.http_port, "busy.localhost");
    for version in 1..=4 {
        let text = format!("version {version}");
        world.live(&id, settings.clone(), page(&text)).await;
        assert_eq!(world.get("busy.localhost", "/").await, (200, text));
    }
    let (asked, failures) = load.end().await;
    assert_eq!(failures, Vec::<String>::new(), "of {asked} requests");
    assert!(asked > 20, "only {asked} requests were made");
    assert_eq!(world.containers(&id).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_never_gets_healthy_changes_nothing_and_its_last_words_are_the_reason() {
    let Some(world) = World::new().await else { return };
    let id = world.application("web", web("web.localhost")).await;
    world.live(&id, web("web.localhost"), page("old")).await;
    let before = (world.live_release(&id).await, world.containers(&id).await);
    let mut sick = web("web.localhost");
    sick.command = Some("sh -c 'echo I cannot find the database; sleep 600'".parse().expect("valid"));
    sick.health.start_period_seconds = 0;
    sick.health.retries = 1;
    let deployment = world.deploy(&id, sick, page("new")).await;
    let row = world.ended(&deployment).await.deployment;
    let reason = row.reason.unwrap_or_default();
    assert_eq!(row.status, DeploymentStatus::Failed, "{reason}");
    assert!(reason.contains("did not become healthy") && reason.contains("I cannot find the database"), "{reason}");
    assert!(world.log(&deployment).await.contains("I cannot find the database"));
    assert_eq!((world.live_release(&id).await, world.containers(&id).await), before);
    world.answers("web.localhost", "old").await;
    assert_eq!(world.engine.status(&id).word(), "running");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_ends_is_found_out_at_once() {
    let Some(world) = World::new().await else { return };
    let mut settings = web("web.localhost");
    settings.command = Some("sh -c 'echo bye; exit 3'".parse().expect("valid"));
    settings.health.start_period_seconds = 600;
    let id = world.application("web", settings.clone()).await;
    let deployment = world.deploy(&id, settings, vec![]).await;
    let reason = world.ended(&deployment).await.deployment.reason.unwrap_or_default();
    assert!(reason.contains("ended with code 3") && reason.contains("bye"), "{reason}");
    assert!(world.containers(&id).await.is_empty());
    assert_eq!(world.engine.status(&id).word(), "never deployed");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_asked_over_http_as_it_was_set() {
    let Some(world) = World::new().await else { return };
    let probe = |path: &str, text: &str| Probe::Http { path: path.into(), method: ProbeMethod::Get, status: Some(200), text: Some(text.into()) };
    let mut settings = web("web.localhost");
    settings.health.probe = probe("/", "ready");
    let id = world.application("web", settings.clone()).await;
    world.live(&id, settings.clone(), page("ready to serve")).await;
    (settings.health.start_period_seconds, settings.health.retries) = (0, 1);
    let deployment = world.deploy(&id, settings, page("still loading")).await;
    let reason = world.ended(&deployment).await.deployment.reason.unwrap_or_default();
    assert!(reason.contains("/ answers 200 without the text \"ready\""), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_again_builds_and_replaces_nothing() {
    let Some(world) = World::new().await else { return };
    let mounts = page("once");
    let mut settings = web("web.localhost");
    settings.source = model::Source::Dockerfile { content: "FROM busybox:latest\nRUN echo built > /built\n".into() };
    settings.pack = model::BuildPack::Dockerfile(model::DockerfilePack::default());
    let id = world.application("web", settings.clone()).await;
    world.live(&id, settings.clone(), mounts.clone()).await;
    let before = world.containers(&id).await;
    let again = world.live(&id, settings, mounts).await;
    assert_eq!(world.containers(&id).await, before);
    let steps = world.store.step_list(&world.scope, again).await.expect("steps");
    let build = steps.iter().find(|step| step.kind == "build_image").expect("a build");
    assert_eq!(build.state, StepState::Skipped);
    assert!(!steps.iter().any(|step| step.kind == "start_container" && step.phase != Phase::Undo));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_host_port_stops_first_and_requests_wait_meanwhile() {
    let Some(world) = World::new().await else { return };
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("binds").local_addr().expect("bound").port();
    let mut settings = web("port.localhost");
    settings.port_mappings = vec![format!("127.0.0.1:{port}:8080").parse().expect("valid")];
    let id = world.application("port", settings.clone()).await;
    world.live(&id, settings.clone(), page("first")).await;
    assert_eq!(get(port, "any", "/").await.expect("answers"), (200, "first".into()));
    let load = Load::start(world.http_port, "port.localhost");
    world.live(&id, settings.clone(), page("second")).await;
    let (asked, failures) = load.end().await;
    assert_eq!(failures, Vec::<String>::new(), "of {asked} requests");
    assert_eq!(get(port, "any", "/").await.expect("answers"), (200, "second".into()));
    // One that fails leaves the old one running again.
    settings.command = Some("false".parse().expect("valid"));
    let failed = world.deploy(&id, settings, page("third")).await;
    assert_eq!(world.ended(&failed).await.deployment.status, DeploymentStatus::Failed);
    world.answers("port.localhost", "second").await;
    assert_eq!(get(port, "any", "/").await.expect("answers"), (200, "second".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_brings_settings_and_content_back() {
    let Some(world) = World::new().await else { return };
    let id = world.application("web", web("web.localhost")).await;
    world.live(&id, web("web.localhost"), page("good")).await;
    let good = world.live_release(&id).await.expect("one");
    world.live(&id, web("other.localhost"), page("bad")).await;
    world.answers("other.localhost", "bad").await;
    let back = world.act(&id, Operation::Rollback, Some(good.id.clone())).await;
    world.finished(&back).await;
    world.answers("web.localhost", "good").await;
    assert_eq!(world.get("other.localhost", "/").await.0, 404);
    assert_eq!(world.live_release(&id).await.map(|release| release.id), Some(good.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_start_restart_and_delete_do_what_they_say() {
    let Some(world) = World::new().await else { return };
    let mut settings = web("web.localhost");
    settings.post_deployment = Some("echo warmed".parse().expect("valid"));
    settings.pre_deployment = Some("echo migrated".parse().expect("valid"));
    let mut mounts = page("here");
    let what = model::mount::MountKind::Volume { name: "data".parse().expect("valid") };
    mounts.push(model::mount::Mount { id: model::StorageId::from_chance(crate::world::chance()), path: "/data".parse().expect("valid"), what });
    let id = world.application("web", settings.clone()).await;
    let deployment = world.live(&id, settings, mounts).await;
    let log = world.log(&deployment).await;
    assert!(log.contains("\nmigrated\n") && log.contains("\nwarmed\n"), "{log}");
    let first = world.containers(&id).await;
    let live = world.live_release(&id).await.expect("one").id;
    for (operation, word) in [(Operation::Restart, "running"), (Operation::Stop, "stopped"), (Operation::Start, "running")] {
        let release = (operation != Operation::Stop).then(|| live.clone());
        let act = world.act(&id, operation, release).await;
        world.finished(&act).await;
        assert_eq!(world.engine.status(&id).word(), word, "{operation:?}");
    }
    assert_ne!(world.containers(&id).await, first);
    world.answers("web.localhost", "here").await;
    world.act(&id, Operation::Delete, None).await;
    until("the application is gone", || async { world.store.application_fetch(&world.scope, id.clone()).await.is_err() }).await;
    until("nothing of it is left", || async {
        let owned = world.docker.owned().await.expect("asked");
        owned.volumes.is_empty() && !owned.images.iter().any(|image| image.contains(id.as_str())) && world.containers(&id).await.is_empty()
    })
    .await;
    assert_eq!(world.get("web.localhost", "/").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_of_the_edge_refuses_and_cuts_nothing() {
    let Some(mut world) = World::new().await else { return };
    let id = world.application("web", web("web.localhost")).await;
    world.live(&id, web("web.localhost"), page("here")).await;
    let before = world.docker.edge_state().await.expect("asked").expect("one").name;
    let load = Load::start(world.http_port, "web.localhost");
    world.upgrade();
    world.restart().await;
    until("another edge serves alone", || async {
        let edges = world.docker.edge_list().await.expect("asked");
        edges.len() == 1 && edges[0].name != before && edges[0].state.running()
    })
    .await;
    world.answers("web.localhost", "here").await;
    let (asked, failures) = load.end().await;
    assert_eq!(failures, Vec::<String>::new(), "of {asked} requests");
}
