//! The walk: every operation of the document as nobody, as another team and with a token that only reads.

use crate::world::{Operation, World, operations};
use axum::http::StatusCode;
use serde_json::json;

/// Operations that need no token. The list can only shrink.
const OPEN: [&str; 2] = ["GET /api/v1/health", "GET /api/v1/openapi.json"];

fn place(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.path)
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_or_with_a_wrong_one() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let number = team.root.split('|').next().expect("a number");
    for operation in operations() {
        if OPEN.contains(&place(&operation).as_str()) {
            continue;
        }
        for token in ["", "1|wrong", &format!("{number}|wrong"), "nonsense", "|", "99999999999999999999|x"] {
            let answer = world.raw(&operation.method, &team.path(&operation.path), token, "").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} with {token:?}: {}", place(&operation), answer.text);
            assert_eq!(answer.json(), json!({"message": "Unauthenticated."}), "{}", place(&operation));
        }
    }
}

#[tokio::test]
async fn a_session_cookie_opens_nothing() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let session = world.ops.sign_in("ada@example.com", model::Secret::new("correct-horse-9-battery"), "192.0.2.7", "test").await.expect("signed in");
    for name in ["session", "wharf", "wharf_session", "__Host-wharf"] {
        let request = axum::http::Request::get("/api/v1/projects").header("cookie", format!("{name}={}", session.token.expose()));
        assert_eq!(world.send(request.body(axum::body::Body::empty()).expect("a request")).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(world.get("/projects", &team).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_another_teams_is_not_there() {
    let world = World::new().await;
    let (ada, eve) = (world.team("ada").await, world.team("eve").await);
    for operation in operations().iter().filter(|operation| operation.path.contains('{')) {
        let answer = world.raw(&operation.method, &ada.path(&operation.path), &eve.root, body_for(operation)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}: {}", place(operation), answer.text);
        let missing = ada.path(&operation.path).replace(|c: char| c.is_ascii_digit(), "q");
        let same = world.raw(&operation.method, &missing.replacen("/api/vq/", "/api/v1/", 1), &eve.root, body_for(operation)).await;
        assert_eq!((same.status, same.json()["message"].clone()), (StatusCode::NOT_FOUND, answer.json()["message"].clone()), "{}", place(operation));
    }
    for path in ["/applications", "/projects", "/deployments", "/servers", "/security/keys", "/tags", "/resources", "/events", "/tokens", "/registries"] {
        let text = world.get(path, &eve).await.text;
        for id in [&ada.application, &ada.project, &ada.deployment, &ada.server, &ada.key, &ada.tag] {
            assert!(!text.contains(id.as_str()), "{path} shows {id}");
        }
    }
}

/// A body that is read, so that what is refused is the address.
fn body_for(operation: &Operation) -> String {
    let id = "aaaaaaaaaaaaaaaaaaaaaaaa";
    let body = match operation.path.trim_start_matches("/api/v1") {
        path if path.ends_with("/move") => json!({"environment_uuid": id}),
        path if path.ends_with("/bulk") => json!({"data": [{"key": "A", "value": "b"}]}),
        path if path.ends_with("/envs") => json!({"key": "A", "value": "b"}),
        path if path.ends_with("/storages") && operation.method == "PATCH" => json!({"uuid": id, "type": "persistent"}),
        path if path.ends_with("/storages") => json!({"type": "persistent", "mount_path": "/x"}),
        path if path.ends_with("/tags") => json!({"tag_name": "x"}),
        path if path.ends_with("/rollback") => json!({"release": 1}),
        path if path.ends_with("/destinations") => json!({"network": "shop"}),
        path if path.ends_with("/environments") || path.starts_with("/tags/") => json!({"name": "x"}),
        _ => json!({}),
    };
    if operation.method == "GET" || operation.method == "DELETE" { String::new() } else { body.to_string() }
}

#[tokio::test]
async fn a_token_that_reads_cannot_change_anything_whatever_it_sends() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for operation in operations() {
        let Some(ability) = operation.said["security"][0]["bearer"][0].as_str().filter(|ability| *ability != "read") else {
            assert_eq!(operation.method, "GET", "{} changes something and takes only reading", place(&operation));
            continue;
        };
        for body in ["", "{}", "not json"] {
            let answer = world.raw(&operation.method, &team.path(&operation.path), &team.read, body).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}: {}", place(&operation), answer.text);
            assert_eq!(answer.json(), json!({"message": format!("Missing required permissions: {ability}")}), "{}", place(&operation));
        }
    }
}

#[tokio::test]
async fn the_one_ability_that_an_operation_takes_is_enough_for_it() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let (write, deploy) = (world.token(&team.scope, &["write"]).await, world.token(&team.scope, &["deploy"]).await);
    let mut operations = operations();
    operations.sort_by_key(|operation| operation.method == "DELETE");
    for operation in &operations {
        let token = match operation.said["security"][0]["bearer"][0].as_str() {
            Some("write") => &write,
            Some("deploy") => &deploy,
            _ => continue,
        };
        let answer = world.raw(&operation.method, &team.path(&operation.path), token, body_for(operation)).await;
        assert_ne!(answer.status, StatusCode::FORBIDDEN, "{}: {}", place(operation), answer.text);
        assert!(!answer.text.contains("hello"), "{} tells a secret value: {}", place(operation), answer.text);
    }
}

#[tokio::test]
async fn writing_is_not_deploying_and_deploying_is_not_reading() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let (write, deploy) = (world.token(&team.scope, &["write", "read"]).await, world.token(&team.scope, &["deploy"]).await);
    let start = format!("/applications/{}/start", team.application);
    let refused = world.ask("POST", &start, &write, None).await;
    assert_eq!(refused.json(), json!({"message": "Missing required permissions: deploy"}));
    let mut body = team.image("at once");
    body["instant_deploy"] = true.into();
    let refused = world.ask("POST", "/applications/dockerimage", &write, Some(body)).await;
    assert_eq!(refused.json(), json!({"message": "Missing required permissions: deploy"}));
    assert!(!world.get("/applications", &team).await.text.contains("at once"), "a refused application was made");
    assert_eq!(world.ask("GET", "/projects", &deploy, None).await.json(), json!({"message": "Missing required permissions: read"}));
}
