//! What pages say of how things are: the engine that is away, what differs, what would be done, where names lead, what is not there.

use crate::fixture::World;
use axum::http::StatusCode;
use model::Operation;
use ops::{ApplicationPatch, DeployRequest};

#[tokio::test]
async fn every_page_says_that_the_engine_is_out_of_reach_and_none_calls_it_running() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for path in ["/", "/servers", "/deployments", &format!("/servers/{}", team.server), &format!("/applications/{}/settings", team.application)] {
        let body = world.get(path, &team.cookie).await.body;
        assert!(body.contains("The container engine of localhost is out of reach"), "{path}");
        assert!(!body.contains("<span>Running</span>"), "{path} calls something running");
    }
}

#[tokio::test]
async fn any_two_releases_are_compared_and_the_address_keeps_the_choice() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let mut patch = ApplicationPatch::default();
    patch.set("replicas", "3");
    world.ops.application_update(&team.scope, team.application.clone(), patch, false).await.expect("saved");
    world.ops.deployment_create(&team.scope, team.application.clone(), DeployRequest::of(Operation::Deploy)).await.expect("queued");
    let page = |from: i64, to: i64| format!("/applications/{}/compare?from={from}&to={to}", team.application);
    let there = world.get(&page(1, 2), &team.cookie).await;
    assert!(there.body.contains("From release 1 to release 2") && there.body.contains("<del>1</del>") && there.body.contains("<ins>3</ins>"), "{}", there.body);
    let back = world.get(&page(2, 1), &team.cookie).await;
    assert!(back.body.contains("<del>3</del>") && back.body.contains("<ins>1</ins>"));
    assert!(world.get(&page(2, 2), &team.cookie).await.body.contains("They are equal."));
    assert_eq!(world.get(&page(1, 9), &team.cookie).await.status, StatusCode::NOT_FOUND);
    assert!(world.get(&format!("/applications/{}/releases", team.application), &team.cookie).await.body.contains("compare?from=1&amp;to=2"));
}

#[tokio::test]
async fn what_is_not_there_keeps_the_way_around_for_who_is_signed_in() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for path in ["/nonsense", "/applications/aaaaaaaaaaaaaaaaaaaaaaaa"] {
        let answer = world.get(path, &team.cookie).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.contains("Not found") && answer.body.contains("id=\"nav\""), "{path}");
    }
    assert!(!world.get("/nonsense", "").await.body.contains("id=\"nav\""));
}

#[tokio::test]
async fn a_plan_that_cannot_be_made_says_why() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let part = world.get(&format!("/applications/{}/plan", team.application), &team.cookie).await;
    assert_eq!(part.status, StatusCode::OK);
    assert!(part.body.contains("There is no plan now") && part.body.contains("id=\"preview\""), "{}", part.body);
}

#[tokio::test]
async fn domains_say_where_their_names_lead() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let path = format!("/applications/{}/domains", team.application);
    let saved = world.post(&path, &team.cookie, "domains=http%3A%2F%2Fshop.localhost&domains=https%3A%2F%2Fshop.invalid&redirect=both").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let part = world.get(&format!("{path}/reach"), &team.cookie).await.body;
    assert!(part.contains("Leads to this machine for browsers that run on it") && part.contains("No name server knows it"), "{part}");
    assert!(part.contains("Add an A or AAAA record") && part.contains("browsers warn of it"));
}

#[tokio::test]
async fn a_search_without_script_shows_places_and_acts() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let body = world.get("/search?q=shop", &team.cookie).await.body;
    assert!(body.contains("Go to") && body.contains("Variables of"), "{body}");
}
