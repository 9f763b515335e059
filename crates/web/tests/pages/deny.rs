//! Every route as nobody, as another team, as a member who may only read. The routes come from the one table, so none can be forgotten.

use crate::fixture::World;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use model::Role;
use web::router::{Access, Entry, table};

fn guarded() -> Vec<Entry> {
    table().into_iter().filter(|entry| entry.access == Access::SignedIn).collect()
}

#[tokio::test]
async fn nobody_sees_or_does_anything() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for entry in guarded() {
        let path = team.path(entry.path);
        for cookie in ["", "wharf_session=nonsense"] {
            let answer = if entry.method == Method::GET { world.get(&path, cookie).await } else { world.post(&path, cookie, "").await };
            if entry.method == Method::GET {
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
                assert!(answer.location().starts_with("/sign-in"), "{path}");
            } else {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            }
            assert!(!answer.body.contains("shop"), "{path}");
        }
    }
}

#[tokio::test]
async fn another_teams_things_look_as_if_they_were_not_there() {
    let world = World::new().await;
    let (ada, bob) = (world.team("ada").await, world.team("bob").await);
    for entry in guarded().into_iter().filter(|entry| entry.path.contains('{')) {
        let path = ada.path(entry.path);
        let answer = if entry.method == Method::GET { world.get(&path, &bob.cookie).await } else { world.post(&path, &bob.cookie, "").await };
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{} {path}", entry.method);
        assert!(!answer.body.contains("shop"), "{path}");
    }
    assert!(world.ops.application_fetch(&ada.scope, ada.application).await.is_ok());
}

#[tokio::test]
async fn what_is_not_an_id_is_not_there() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for entry in guarded().into_iter().filter(|entry| entry.path.contains('{')) {
        for wrong in ["zzzzzzzzzzzzzzzzzzzzzzzz", "x", "%27%20or%201=1", "..%2f..%2fetc"] {
            let path = entry.path.replace("{id}", wrong).replace("{release}", wrong).replace("{mount}", wrong);
            let answer = if entry.method == Method::GET { world.get(&path, &team.cookie).await } else { world.post(&path, &team.cookie, "").await };
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{} {path}", entry.method);
        }
    }
}

#[tokio::test]
async fn foreign_streams_are_not_there() {
    let world = World::new().await;
    let (ada, bob) = (world.team("ada").await, world.team("bob").await);
    let topics = [
        format!("project:{}", ada.project),
        format!("environment:{}", ada.environment),
        format!("application:{}", ada.application),
        format!("deployments:{}", ada.application),
        format!("deployment:{}", ada.deployment),
        format!("logs:{}", ada.application),
        "nonsense".into(),
        "application:".into(),
    ];
    for topic in topics {
        let answer = world.get(&format!("/live?of={topic}"), &bob.cookie).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{topic}");
    }
}

/// What a member may do: sign out, and what concerns their own account.
const OWN: [&str; 4] = ["/sign-out", "/account", "/account/password", "/account/sessions/{id}/end"];

#[tokio::test]
async fn a_member_reads_and_changes_nothing() {
    let world = World::new().await;
    let team = world.team("ada").await;
    world.team("eve").await;
    let (eve, ..) = world.sign_in("eve").await;
    world.store.member_put(&team.scope, eve.user().expect("a person").clone(), Role::Member).await.expect("added");
    let (scope, cookie, _) = world.sign_in("eve").await;
    assert_eq!((scope.team(), scope.role()), (team.scope.team(), Role::Member));
    for entry in guarded().into_iter().filter(|entry| entry.method == Method::POST && !OWN.contains(&entry.path)) {
        let path = team.path(entry.path);
        let answer = world.post(&path, &cookie, "name=x&confirm=shop").await;
        let denied = matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::NOT_FOUND);
        assert!(denied, "{path}: {}", answer.status);
    }
    let application = world.ops.application_fetch(&team.scope, team.application.clone()).await.expect("there").application;
    assert_eq!(application.name.as_str(), "shop");
    for part in ["", "/variables", "/settings", "/storage", "/domains", "/deployments"] {
        let answer = world.get(&format!("/applications/{}{part}", team.application), &cookie).await;
        assert_eq!(answer.status, StatusCode::OK, "{part}");
        assert!(!answer.body.contains("canary-value"), "{part} shows a secret to a member");
    }
    for part in ["logs", "terminal", "webhooks", "logs/download"] {
        let answer = world.get(&format!("/applications/{}/{part}", team.application), &cookie).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{part}");
    }
}

#[tokio::test]
async fn a_form_of_another_site_is_not_carried_out() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let path = format!("/applications/{}/deploy", team.application);
    for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")] {
        let request = Request::post(&path).header(header::COOKIE, &team.cookie).header(header::HOST, "wharf.test").header(name, value);
        let answer = world.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_terminal_opens_from_our_own_pages_only() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let path = format!("/applications/{}/terminal/socket", team.application);
    for origin in [Some("https://evil.example"), None] {
        let mut request = Request::get(&path)
            .header(header::COOKIE, &team.cookie)
            .header(header::HOST, "wharf.test")
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let answer = world.send(request.body(Body::empty()).expect("a request")).await;
        assert!(answer.status.is_client_error(), "{origin:?}: {}", answer.status);
    }
}
