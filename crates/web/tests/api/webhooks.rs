//! The doors without a token: hooks that prove themselves.

use crate::world::{Answer, Team, World};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use model::Secret;
use serde_json::json;

const SECRET: &str = "webhook-secret-1234";

async fn repository(world: &World, team: &Team) -> String {
    let body = json!({"project_uuid": team.project, "environment_name": "production", "git_repository": "https://127.0.0.1:1/ada/shop.git", "git_branch": "main", "name": "shop"});
    let made = world.post("/applications/public", team, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let uuid = made.json()["uuid"].as_str().expect("a uuid").to_owned();
    world.ops.hook_set(&team.scope, uuid.parse().expect("an id"), "gitlab", Secret::new(SECRET)).await.expect("set");
    uuid
}

async fn deliver(world: &World, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let request = headers.iter().fold(Request::post(path), |request, (name, value)| request.header(*name, *value));
    world.send(request.body(body.into()).expect("a request")).await
}

fn push() -> String {
    json!({
        "object_kind": "push", "event_name": "push", "ref": "refs/heads/main", "after": "1".repeat(40), "before": "2".repeat(40), "user_username": "ada",
        "project": {"path_with_namespace": "ada/shop"}, "commits": [{"id": "1".repeat(40), "message": "change", "added": ["a"], "modified": [], "removed": []}],
    })
    .to_string()
}

#[tokio::test]
async fn the_deploy_hook_deploys_by_post_only() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let secret = world.ops.hooks_show(&team.scope, team.application.parse().expect("an id")).await.expect("shown").deploy;
    let path = format!("/webhooks/deploy/{}", secret.expose());
    let opened = world.raw("GET", &path, "", "").await;
    assert_eq!((opened.status, opened.json()["message"].is_string()), (StatusCode::METHOD_NOT_ALLOWED, true));
    let queued = deliver(&world, &path, &[], "").await;
    assert_eq!((queued.status, queued.json()["deployment_uuid"].is_string()), (StatusCode::OK, true), "{}", queued.text);
    let wrong = deliver(&world, "/webhooks/deploy/nonsense", &[], "").await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_delivery_proves_itself_and_a_replay_changes_nothing() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let path = format!("/webhooks/gitlab/{}", repository(&world, &team).await);
    let signed = [("x-gitlab-event", "Push Hook"), ("x-gitlab-token", SECRET), ("x-gitlab-event-uuid", "11111111-2222-3333-4444-555555555555")];
    for headers in [&signed[..1], &[signed[0], ("x-gitlab-token", "wrong"), signed[2]]] {
        let refused = deliver(&world, &path, headers, push()).await;
        assert!([StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&refused.status), "{} {}", refused.status, refused.text);
        assert!(refused.json()["message"].as_str().is_some_and(|message| !message.contains(SECRET)));
    }
    let taken = deliver(&world, &path, &signed, push()).await;
    assert_eq!((taken.status, taken.json()["deployment_uuid"].is_string()), (StatusCode::OK, true), "{}", taken.text);
    let again = deliver(&world, &path, &signed, push()).await;
    assert_eq!((again.status, again.json()["deployment_uuid"].is_null()), (StatusCode::OK, true), "{}", again.text);
}

#[tokio::test]
async fn deliveries_to_nobody_of_no_forge_or_too_large_are_refused() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let uuid = repository(&world, &team).await;
    for path in ["/webhooks/gitlab/aaaaaaaaaaaaaaaaaaaaaaaa".to_owned(), format!("/webhooks/sourceforge/{uuid}"), "/webhooks/github/..%2f".to_owned()] {
        let refused = deliver(&world, &path, &[], "{}").await;
        assert_eq!((refused.status, refused.json()["message"].is_string()), (StatusCode::NOT_FOUND, true), "{path}");
    }
    let large = deliver(&world, &format!("/webhooks/gitlab/{uuid}"), &[], vec![b' '; 5 * 1024 * 1024 + 1]).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", large.text);
    let wrong = deliver(&world, &format!("/webhooks/gitlab/{uuid}"), &[("x-gitlab-event", "Push Hook"), ("x-gitlab-token", SECRET)], "not json").await;
    assert!(wrong.status.is_client_error(), "{}", wrong.text);
}
