//! Nothing is dropped: constant traffic of every kind through redeploys, rollbacks, changed settings, the end of Wharf and upgrades of the edge.

use crate::world::{SOON, WITHIN, World, binary};
use serde_json::json;
use std::io::Write;
use std::time::{Duration, Instant};
use testkit::load::{Kind, Load, Report, Site, Traffic};
use testkit::wait_for;

/// Kinds of traffic that there are.
const KINDS: usize = 9;
/// Short requests each second: what the slowest machine of the tests bears beside builds and deployments.
const PER_SECOND: u32 = 200;

/// How much is done and asked.
#[derive(Debug, Clone, Copy)]
struct Size {
    redeploys: usize,
    /// How often all the other changes are made.
    rounds: usize,
    /// Requests and sessions that there must have been.
    at_least: u64,
}

impl Size {
    /// Short, unless the environment asks for the long form: `WHARF_LOAD=long`.
    fn wanted() -> Self {
        match std::env::var("WHARF_LOAD").as_deref() {
            Ok("long") => Self { redeploys: 50, rounds: 5, at_least: 100_000 },
            _ => Self { redeploys: 20, rounds: 1, at_least: 1000 },
        }
    }
}

/// Short requests over kept, new and shared connections, and sessions of every kind, now and then an upload of 10 s.
fn traffic() -> Vec<Traffic> {
    let share = f64::from(PER_SECOND) / 4.0;
    let seconds = Duration::from_secs;
    let upload = Traffic { kind: Kind::Upload, path: "/upload".into(), per_second: 1.0 / 30.0, session: seconds(10) };
    vec![
        Traffic::requests(Kind::KeepAlive, "/", share),
        Traffic::requests(Kind::NewConnection, "/", share * 2.0),
        Traffic::requests(Kind::Http2, "/", share),
        Traffic::sessions(Kind::WebSocket, "/echo", 2, seconds(4)),
        Traffic::sessions(Kind::SecureWebSocket, "/echo", 1, seconds(4)),
        Traffic::sessions(Kind::Events, "/events", 1, seconds(3)),
        Traffic::sessions(Kind::SlowRequest, "/", 1, seconds(3)),
        Traffic::sessions(Kind::SlowDownload, "/bytes?count=8000000", 1, seconds(3)),
        upload,
    ]
}

async fn busy() -> Option<(World, String)> {
    let world = World::new().await?;
    let repository = world.example("websocket").await;
    let application = world.git_application(&repository, "busy", "dockerfile", 3000).await;
    let variable = json!({"key": "VERSION", "value": "1", "is_buildtime": false});
    world.api.post(&format!("/applications/{application}/envs"), variable).await.expect("answers").ok().expect("set");
    world.patch(&application, json!({"drain_seconds": "30", "stop_grace_period": "40"})).await;
    world.api.deploy_finished(&application, WITHIN * 2).await.expect("deployed");
    Some((world, application))
}

/// Sets what the application answers from its next deployment on.
async fn set_version(world: &World, application: &str, version: usize) {
    let variable = json!({"key": "VERSION", "value": version.to_string()});
    world.api.patch(&format!("/applications/{application}/envs"), variable).await.expect("answers").ok().expect("set");
}

fn start(world: &World) -> Load {
    let at = |port| ([127, 0, 0, 1], port).into();
    let site = Site { host: "busy.localhost".into(), http: at(world.wharf.http_port()), https: Some(at(world.wharf.https_port())) };
    Load::towards(&site, traffic()).expect("load")
}

/// What the traffic sees while nothing happens.
async fn quiet(world: &World) -> Report {
    let load = start(world);
    seen(&load, u64::from(PER_SECOND) * 6).await;
    let seen = load.finish().await;
    assert_eq!(seen.bad(), 0, "quiet:\n{seen}");
    seen
}

/// Waits until the load has seen so many requests and sessions.
async fn seen(load: &Load, at_least: u64) {
    let enough = async || match load.ended() {
        total if total >= at_least => Ok(()),
        total => Err(format!("{total} requests")),
    };
    wait_for(&format!("{at_least} requests"), WITHIN * 5, enough).await.expect("traffic");
}

fn nothing_dropped(what: &str, seen: &Report, quiet: &Report) {
    eprintln!("{what}: {} requests and sessions\n{}", seen.total(), seen.beside(quiet));
    assert_eq!(seen.bad(), 0, "{what}:\n{seen}");
    assert_eq!(seen.kinds.len(), KINDS, "{what}:\n{seen}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redeploys_drop_nothing() {
    let Some((world, application)) = busy().await else { return };
    let size = Size::wanted();
    let quiet = quiet(&world).await;
    let load = start(&world);
    for redeploy in 2..=size.redeploys + 1 {
        let began = Instant::now();
        set_version(&world, &application, redeploy).await;
        world.deploy(&application).await;
        world.says("busy.localhost", &format!("version {redeploy}")).await;
        let seen = load.so_far();
        assert_eq!(seen.bad(), 0, "redeploy {redeploy}:\n{seen}");
        eprintln!("redeploy {redeploy} took {:.1} s", began.elapsed().as_secs_f32());
    }
    seen(&load, size.at_least).await;
    nothing_dropped(&format!("{} redeploys", size.redeploys), &load.finish().await, &quiet);
    world.settled(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_settings_a_rollback_the_end_of_wharf_and_an_upgraded_edge_drop_nothing() {
    let Some((mut world, application)) = busy().await else { return };
    let size = Size::wanted();
    let quiet = quiet(&world).await;
    let load = start(&world);
    let mut live = Live { release: 1, version: 1 };
    for round in 1..=size.rounds {
        live = changes(&mut world, &application, round, live, &load).await;
    }
    seen(&load, size.at_least).await;
    nothing_dropped("settings, rollbacks, restarts, kills, upgrades", &load.finish().await, &quiet);
    world.settled(2).await;
}

/// What serves.
struct Live {
    release: i64,
    version: usize,
}

/// Everything that may happen to an application and to Wharf beside a redeploy, one after the other.
async fn changes(world: &mut World, application: &str, round: usize, live: Live, load: &Load) -> Live {
    let holds = |what: &str| {
        let seen = load.so_far();
        assert_eq!(seen.bad(), 0, "round {round}, {what}:\n{seen}");
    };
    let version = round * 2;
    set_version(world, application, version).await;
    world.deploy(application).await;
    world.says("busy.localhost", &format!("version {version}")).await;
    holds("a changed variable");
    let (also, memory) = (format!("also-{round}.localhost"), format!("{}m", 511 + round));
    world.patch(application, json!({"domains": format!("http://busy.localhost,http://{also}"), "limits_memory": memory, "replicas": "2"})).await;
    world.deploy(application).await;
    world.says(&also, &format!("version {version}")).await;
    holds("changed settings");
    let back = world.api.post(&format!("/applications/{application}/rollback"), json!({"release": live.release})).await.expect("answers");
    let deployment = back.field("deployment_uuid").expect("queued");
    world.api.deployment_finished(&deployment, WITHIN).await.expect("rolled back");
    world.says("busy.localhost", &format!("version {}", live.version)).await;
    holds("a rollback");
    world.wharf.terminate().await.expect("ends");
    world.says("busy.localhost", &format!("version {}", live.version)).await;
    world.wharf.start_again().await.expect("starts again");
    world.deploy_forced(application).await;
    holds("a restart of Wharf");
    world.wharf.kill().await;
    world.says("busy.localhost", &format!("version {version}")).await;
    world.wharf.start_again().await.expect("starts again");
    world.deploy_forced(application).await;
    holds("the death of Wharf");
    upgrade(world).await;
    let last = world.deploy_forced(application).await;
    holds("an upgrade");
    Live { release: last["release"].as_i64().expect("a number"), version }
}

/// Starts Wharf from another binary, which brings an edge of its own.
async fn upgrade(world: &mut World) {
    let before = world.edges().await[0]["Id"].clone();
    let next = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let path = next.path().join("wharf");
    std::fs::copy(binary(), &path).expect("copied");
    std::fs::File::options().append(true).open(&path).expect("opens").write_all(b"\n").expect("written");
    world.wharf.terminate().await.expect("ends");
    world.wharf.set_binary(&path);
    world.wharf.start_again().await.expect("starts again");
    let upgraded = async || match world.edges().await {
        edges if edges.len() == 1 && edges[0]["Id"] != before && edges[0]["State"] == "running" => Ok(()),
        edges => Err(format!("{} edges", edges.len())),
    };
    wait_for("the next edge to serve alone", SOON * 2, upgraded).await.expect("upgraded");
    world.wharf.kill().await;
    world.wharf.set_binary(binary());
    world.wharf.start_again().await.expect("starts again");
}
