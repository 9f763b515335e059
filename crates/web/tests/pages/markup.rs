//! Every page holds together: no inline style or script, no id twice, every reference resolves, one h1, the security headers.

use crate::fixture::{Answer, Team, World};
use axum::http::{Method, StatusCode, header};
use std::collections::BTreeSet;
use web::router::{Access, table};

/// Paths of every page that one GET shows.
fn pages(team: &Team) -> Vec<String> {
    let skipped = [
        "/live",
        "/healthz",
        "/assets/{name}",
        "/setup/{secret}",
        "/new",
        "/applications/{id}/terminal/socket",
        "/applications/{id}/logs/download",
        "/deployments/{id}/log",
        "/servers/{id}/load",
        "/applications/{id}/metrics",
        "/applications/{id}/plan",
        "/applications/{id}/domains/reach",
        "/applications/{id}/compare",
        "/applications/{id}/releases/{release}/rollback",
    ];
    let listed = table().into_iter().filter(|entry| entry.method == Method::GET && !skipped.contains(&entry.path)).map(|entry| team.path(entry.path));
    let variants = [
        format!("/environments/{}/new?source=image", team.environment),
        format!("/applications/{}/variables?as=text", team.application),
        format!("/applications/{}/compare?from=1&to=1", team.application),
        format!("/applications/{}/changes?plan=now", team.application),
        format!("/applications/{}/domains?names=now", team.application),
        "/search?q=shop".to_owned(),
        "/components".to_owned(),
    ];
    listed.chain(variants).collect()
}

fn values<'a>(body: &'a str, attribute: &str) -> Vec<&'a str> {
    let mark = format!(" {attribute}=\"");
    body.match_indices(&mark).filter_map(|(at, _)| body[at + mark.len()..].split('"').next()).collect()
}

fn check(path: &str, answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    let body = &answer.body;
    for banned in [" style=", "<style", "javascript:", " onclick=", " onload=", "hx-on"] {
        assert!(!body.contains(banned), "{path} has {banned}");
    }
    assert!(body.match_indices("<script").all(|(at, _)| body[at..].starts_with("<script type=\"module\" src=\"/assets/")), "{path} has a script inline");
    assert_eq!(body.matches("<h1").count(), 1, "{path} has one h1");
    let ids = values(body, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    let twice: Vec<&&str> = unique.iter().filter(|id| ids.iter().filter(|other| *other == *id).count() > 1).collect();
    assert!(twice.is_empty(), "{path} has ids twice: {twice:?}");
    for attribute in ["for", "aria-labelledby", "aria-describedby", "aria-controls", "commandfor", "popovertarget", "list", "data-filter"] {
        for reference in values(body, attribute).into_iter().flat_map(str::split_whitespace) {
            assert!(unique.contains(reference), "{path}: {attribute}=\"{reference}\" leads nowhere");
        }
    }
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{path}");
    assert_eq!(policy.contains("unsafe-inline"), path.ends_with("/terminal"), "{path}");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{path}");
}

#[tokio::test]
async fn every_page_holds_together() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for path in pages(&team) {
        let cookie = if path == "/sign-in" { "" } else { team.cookie.as_str() };
        check(&path, &world.get(&path, cookie).await);
    }
}

#[tokio::test]
async fn a_hidden_value_is_on_no_page() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for path in pages(&team) {
        let body = world.get(&path, &team.cookie).await.body;
        let shown = body.matches("canary-value").count();
        let expected = usize::from(path.contains("/variables") && path.starts_with("/applications"));
        assert_eq!(shown, expected, "{path}");
    }
}

#[tokio::test]
async fn what_people_type_is_text_on_every_page() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let attack = "\"><script>alert(1)</script>";
    let encoded: String = url::form_urlencoded::byte_serialize(attack.as_bytes()).collect();
    for (path, field) in [
        (format!("/projects/{}/edit", team.project), "name"),
        (format!("/environments/{}/edit", team.environment), "name"),
        (format!("/applications/{}/settings", team.application), "name"),
    ] {
        let answer = world.post(&path, &team.cookie, &format!("{field}={encoded}&description={encoded}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {}", answer.body);
    }
    for path in pages(&team) {
        assert!(!world.get(&path, &team.cookie).await.body.contains(attack), "{path}");
    }
}

#[tokio::test]
async fn open_pages_need_nobody() {
    let world = World::new().await;
    let secret = world.ops.setup_begin().await.expect("reads").expect("a secret");
    let setup = world.get(&format!("/setup/{}", secret.expose()), "").await;
    check("/setup", &setup);
    assert_eq!(world.get("/setup/wrong", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get("/healthz", "").await.body, "ok");
    assert!(world.get("/sign-in", "").await.body.contains("Nobody owns this Wharf yet"));
    let open = table().into_iter().filter(|entry| entry.access == Access::Open).count();
    assert_eq!(open, 7, "a route that needs nobody is a decision: count it here");
}
