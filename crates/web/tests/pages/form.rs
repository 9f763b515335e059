//! Forms without script: what is right is done and leads on, what is wrong comes back with everything typed.

use crate::fixture::{PASSWORD, World};
use axum::http::{StatusCode, header};

#[tokio::test]
async fn setup_makes_the_owner_once_and_signs_them_in() {
    let world = World::new().await;
    let secret = world.ops.setup_begin().await.expect("reads").expect("a secret");
    let path = format!("/setup/{}", secret.expose());
    let weak = world.post(&path, "", "name=Ada&email=ada%40example.com&password=short").await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.body.contains("value=\"ada@example.com\"") && weak.body.contains("aria-invalid=\"true\"") && !weak.body.contains("value=\"short\""));
    let made = world.post(&path, "", &format!("name=Ada&email=ada%40example.com&password={PASSWORD}")).await;
    assert_eq!((made.status, made.location()), (StatusCode::SEE_OTHER, "/"));
    let cookie = made
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find(|value| value.starts_with("wharf_session="))
        .expect("a session");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Secure"));
    assert_eq!(world.get("/", cookie.split(';').next().expect("a pair")).await.status, StatusCode::OK);
    assert_eq!(world.get(&path, "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn signing_in_leads_on_and_one_sentence_covers_every_mistake() {
    let world = World::new().await;
    world.team("ada").await;
    let wrong = world.post("/sign-in", "", "email=ada%40example.com&password=wrong&next=%2Fprojects").await;
    let nobody = world.post("/sign-in", "", "email=nobody%40example.com&password=wrong").await;
    assert_eq!((wrong.status, nobody.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    for answer in [&wrong, &nobody] {
        assert!(answer.body.contains("Email and password do not match"));
    }
    let right = world.post("/sign-in", "", &format!("email=ada%40example.com&password={PASSWORD}&next=%2Fprojects")).await;
    assert_eq!((right.status, right.location()), (StatusCode::SEE_OTHER, "/projects"));
    let foreign = world.post("/sign-in", "", &format!("email=ada%40example.com&password={PASSWORD}&next=%2F%2Fevil.example")).await;
    assert_eq!(foreign.location(), "/");
}

#[tokio::test]
async fn wrong_settings_come_back_as_typed_and_right_ones_are_saved() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let path = format!("/applications/{}/settings", team.application);
    let wrong = world.post(&path, &team.cookie, "name=shop&replicas=many&limits_memory=lots&start_command=node+%27x").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for typed in ["value=\"many\"", "value=\"lots\"", "value=\"node 'x\""] {
        assert!(wrong.body.contains(typed), "{typed} is lost");
    }
    assert_eq!(wrong.body.matches("class=\"error\"").count(), 3, "{}", wrong.body);
    let right = world.post(&path, &team.cookie, "name=shop&replicas=2&limits_memory=256+MB&health_check_type=http&health_check_path=%2Fhealthz").await;
    assert_eq!(right.status, StatusCode::SEE_OTHER, "{}", right.body);
    let settings = world.ops.application_fetch(&team.scope, team.application.clone()).await.expect("there").application.settings;
    assert_eq!((settings.replicas, settings.limits.memory_bytes), (2, Some(256 * 1024 * 1024)));
}

#[tokio::test]
async fn what_the_settings_page_shows_saves_back_unchanged() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let before = world.ops.application_fetch(&team.scope, team.application.clone()).await.expect("there").application.settings;
    let typed = web::page::settings::form::typed(&before);
    let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(typed.fields()).finish();
    let saved = world.post(&format!("/applications/{}/settings", team.application), &team.cookie, &body).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let after = world.ops.application_fetch(&team.scope, team.application.clone()).await.expect("there").application.settings;
    assert_eq!(before, after);
}

#[tokio::test]
async fn the_table_of_variables_adds_changes_renames_and_removes_at_once() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let path = format!("/applications/{}/variables", team.application);
    let known = world.ops.variable_list(&team.scope, team.application.clone()).await.expect("reads");
    let id = |name: &str| known.iter().find(|variable| variable.name.as_str() == name).and_then(|variable| variable.id.clone()).expect("known").to_string();
    let body = format!(
        "0.id={}&0.name=LEVEL&0.value=debug&0.run=true&0.comment=&1.id={}&1.name=TOKEN&1.value=&1.hidden=true&1.run=true&1.comment=&2.id=&2.name=NEW&2.value=x&2.build=true&2.comment=why&3.id=&3.name=&3.value=&3.run=true&3.comment=",
        id("LOG_LEVEL"),
        id("TOKEN")
    );
    let saved = world.post(&path, &team.cookie, &body).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let now = world.ops.variable_list(&team.scope, team.application.clone()).await.expect("reads");
    let names: Vec<&str> = now.iter().map(|variable| variable.name.as_str()).collect();
    assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>(), [&"LEVEL", &"NEW", &"TOKEN"].into());
    let text = world.ops.dotenv_show(&team.scope, team.application.clone()).await.expect("shown");
    assert!(text.expose().contains("LEVEL=debug"));
    let bad = world.post(&path, &team.cookie, "0.id=&0.name=2BAD&0.value=kept&0.run=true&1.id=&1.name=GOOD&1.value=1&1.run=true").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.body.contains("value=\"2BAD\"") && bad.body.contains("kept") && bad.body.contains("0-name-error"));
}

#[tokio::test]
async fn deleting_asks_for_the_name() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let path = format!("/applications/{}/delete", team.application);
    let wrong = world.post(&path, &team.cookie, "confirm=shp").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("type shop to delete it") || wrong.body.contains("Type shop to delete it"));
    let right = world.post(&path, &team.cookie, "confirm=shop").await;
    assert_eq!(right.status, StatusCode::SEE_OTHER, "{}", right.body);
}

#[tokio::test]
async fn a_token_is_shown_once() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let made = world.post("/tokens", &team.cookie, "name=cli&abilities=read&abilities=deploy&days=30").await;
    assert_eq!(made.status, StatusCode::OK);
    assert!(made.body.contains("shown this once") && made.body.contains('|'));
    assert!(!world.get("/tokens", &team.cookie).await.body.contains("shown this once"));
    let none = world.post("/tokens", &team.cookie, "name=cli").await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_new_application_keeps_what_was_typed_and_is_made_whole() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let path = format!("/environments/{}/new", team.environment);
    let wrong = world.post(&path, &team.cookie, "source=image&docker_registry_image_name=&name=blog&act=create").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("value=\"blog\""));
    let right = world.post(&path, &team.cookie, "source=image&docker_registry_image_name=nginx%3A1.27&name=blog&generate_domain=true&act=create").await;
    assert_eq!(right.status, StatusCode::SEE_OTHER, "{}", right.body);
    let made = world.get(right.location(), &team.cookie).await;
    assert!(made.body.contains("blog.localhost") && made.body.contains("nginx:1.27"));
}

#[tokio::test]
async fn an_account_is_renamed_freely_and_moves_to_another_address_with_the_password() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let named = world.post("/account", &team.cookie, "name=Ada+Pier&email=ada%40example.com").await;
    assert_eq!((named.status, named.location()), (StatusCode::SEE_OTHER, "/account"));
    let unsure = world.post("/account", &team.cookie, "name=Ada+Quay&email=quay%40example.com&current_password=wrong").await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        unsure.body.contains("value=\"Ada Quay\"") && unsure.body.contains("value=\"quay@example.com\"") && unsure.body.contains("you-current_password-error")
    );
    assert!(!unsure.body.contains("id=\"current_password-error\"") && !unsure.body.contains("value=\"wrong\""));
    let moved = world.post("/account", &team.cookie, &format!("name=Ada+Pier&email=quay%40example.com&current_password={PASSWORD}")).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.body);
    let shown = world.get("/account", &team.cookie).await;
    assert!(shown.body.contains("Ada Pier") && shown.body.contains("quay@example.com"));
}

#[tokio::test]
async fn a_new_password_takes_the_old_one_and_signs_other_browsers_out() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let (_, other, _) = world.sign_in("ada").await;
    let wrong = world.post("/account/password", &team.cookie, "current_password=wrong&password=short").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("id=\"current_password-error\"")
            && wrong.body.contains("id=\"password-error\"")
            && wrong.body.contains("value=\"ada@example.com\"")
    );
    let right = world.post("/account/password", &team.cookie, &format!("current_password={PASSWORD}&password=another-Fine-7-phrase")).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER, "{}", right.body);
    assert_eq!(world.get("/account", &team.cookie).await.status, StatusCode::OK);
    assert!(world.get("/account", &other).await.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn times_are_told_to_machines_by_the_second() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for path in ["/", "/account", "/activity", "/deployments", "/tokens"] {
        let body = world.get(path, &team.cookie).await.body;
        let times: Vec<&str> = body.split("datetime=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(!times.is_empty() && times.iter().all(|time| !time.contains('.')), "{path}: {times:?}");
    }
}
