//! Nothing is dropped: constant traffic of every kind through redeploys, a rollback, a changed setting, the death of Wharf and an upgrade of the edge.

use crate::world::{SOON, WITHIN, World, binary};
use serde_json::json;
use std::io::Write;
use std::time::{Duration, Instant};
use testkit::load::{Kind, Load, Report, Traffic};
use testkit::wait_for;

const REDEPLOYS: usize = 20;
const QUIET: Duration = Duration::from_secs(6);

/// 200 requests a second, half over kept connections; websockets, event streams, and now and then an upload of 10 s.
fn traffic() -> Vec<Traffic> {
    let upload = Traffic { kind: Kind::Upload, path: "/upload".into(), per_second: 1.0 / 30.0, session: Duration::from_secs(10) };
    vec![
        Traffic::requests(Kind::KeepAlive, "/", 100.0),
        Traffic::requests(Kind::NewConnection, "/", 100.0),
        Traffic::sessions(Kind::WebSocket, "/echo", 2, Duration::from_secs(4)),
        Traffic::sessions(Kind::Events, "/events", 1, Duration::from_secs(3)),
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
    Load::start(([127, 0, 0, 1], world.wharf.http_port()).into(), "busy.localhost", traffic()).expect("load")
}

fn nothing_dropped(what: &str, report: &Report) {
    eprintln!("{what}:\n{report}");
    assert_eq!(report.bad(), 0, "{what}:\n{report}");
    assert!(report.kinds.len() == 5 && report.total() > 500, "{what}: too little traffic:\n{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_redeploys_drop_nothing() {
    let Some((world, application)) = busy().await else { return };
    let quiet = start(&world);
    let requests = async || match quiet.so_far().total() {
        total if total > QUIET.as_secs() * 200 => Ok(()),
        total => Err(format!("{total} requests")),
    };
    wait_for("some quiet traffic", SOON * 2, requests).await.expect("traffic");
    nothing_dropped("quiet", &quiet.finish().await);
    let load = start(&world);
    for redeploy in 2..=REDEPLOYS + 1 {
        let began = Instant::now();
        set_version(&world, &application, redeploy).await;
        world.deploy(&application).await;
        world.says("busy.localhost", &format!("version {redeploy}")).await;
        let seen = load.so_far();
        assert_eq!(seen.bad(), 0, "redeploy {redeploy}:\n{seen}");
        eprintln!("redeploy {redeploy} took {:.1} s", began.elapsed().as_secs_f32());
    }
    nothing_dropped("20 redeploys", &load.finish().await);
    world.settled(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_setting_a_rollback_a_killed_wharf_and_an_upgraded_edge_drop_nothing() {
    let Some((mut world, application)) = busy().await else { return };
    let load = start(&world);
    let holds = |what: &str| {
        let seen = load.so_far();
        assert_eq!(seen.bad(), 0, "{what}:\n{seen}");
    };
    set_version(&world, &application, 2).await;
    world.deploy(&application).await;
    world.says("busy.localhost", "version 2").await;
    holds("a changed variable");
    world.patch(&application, json!({"domains": "http://busy.localhost,http://also.localhost", "limits_memory": "512m", "replicas": "2"})).await;
    world.deploy(&application).await;
    world.says("also.localhost", "version 2").await;
    holds("changed settings");
    let back = world.api.post(&format!("/applications/{application}/rollback"), json!({"release": 1})).await.expect("answers");
    let deployment = back.field("deployment_uuid").expect("queued");
    world.api.deployment_finished(&deployment, WITHIN).await.expect("rolled back");
    world.says("busy.localhost", "version 1").await;
    holds("a rollback");
    world.wharf.kill().await;
    world.says("busy.localhost", "version 1").await;
    world.wharf.start_again().await.expect("starts again");
    world.deploy_forced(&application).await;
    holds("the death of Wharf");
    upgrade(&mut world).await;
    world.deploy_forced(&application).await;
    holds("an upgrade");
    nothing_dropped("all of it", &load.finish().await);
    world.settled(2).await;
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
