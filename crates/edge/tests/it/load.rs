//! Routes change a hundred times a second under load.

use crate::world::*;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use testkit::load::{Kind, Load, Site, Traffic};

const CHANGES: u64 = 400;
const CHANGE_EVERY: Duration = Duration::from_millis(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_route_changes_a_second_fail_and_cut_nothing() {
    let state = tempfile::tempdir().expect("a folder");
    let edge = TestEdge::start(state.path()).await;
    let backends = [Backend::start("even").await, Backend::start("odd").await];
    let routed = |generation: u64| vec![route("a.localhost", "/", to(&[&backends[usize::from(generation % 2 == 1)]]))];
    edge.push(1, routed(1)).await;
    let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let site = Site { host: "a.localhost".into(), http: at(edge.http), https: Some(at(edge.https)) };
    let second = Duration::from_secs(1);
    let traffic = vec![
        Traffic::requests(Kind::KeepAlive, "/", 100.0),
        Traffic::requests(Kind::NewConnection, "/", 50.0),
        Traffic::requests(Kind::Http2, "/", 50.0),
        Traffic::sessions(Kind::Upload, "/count", 4, second),
        Traffic::sessions(Kind::SlowRequest, "/", 2, second),
        Traffic::sessions(Kind::SlowDownload, "/long", 2, second),
    ];
    let load = Load::towards(&site, traffic.clone()).expect("a load");
    eventually(|| async { load.so_far().total() }, |total| *total > 300).await;
    let quiet = load.finish().await;

    let load = Load::towards(&site, traffic).expect("a load");
    let (began, mut due) = (Instant::now(), tokio::time::interval(CHANGE_EVERY));
    for generation in 2..CHANGES + 2 {
        due.tick().await;
        edge.push(generation, routed(generation)).await;
    }
    let took = began.elapsed();
    let seen = load.finish().await;
    eprintln!("{CHANGES} changes in {:.1} s\n{}", took.as_secs_f32(), seen.beside(&quiet));
    assert_eq!(seen.bad(), 0, "{seen}");
    assert!(seen.kinds.len() == 6 && seen.total() > 400, "{seen}");
    edge.stop().await;
}
