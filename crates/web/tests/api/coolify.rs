//! Every shape of Coolify's that has no need of an engine, field by field.

use crate::world::{Team, World};
use axum::http::StatusCode;
use serde_json::{Value, json};
use testkit::coolify::{all_fit, fits};

async fn made(world: &World, path: &str, team: &Team, body: Value) -> Value {
    let answer = world.post(path, team, body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "POST {path}: {}", answer.text);
    answer.json()
}

#[tokio::test]
async fn what_is_read_has_coolifys_fields() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let at = format!("/applications/{}", team.application);
    fits("application", &world.read(&at, &team).await);
    for (shape, path) in [
        ("application", "/applications".to_owned()),
        ("variable", format!("{at}/envs")),
        ("tag", format!("{at}/tags")),
        ("deployment", "/deployments".to_owned()),
        ("destination", "/destinations".to_owned()),
        ("destination", format!("/servers/{}/destinations", team.server)),
        ("project", "/projects".to_owned()),
        ("environment", format!("/projects/{}/environments", team.project)),
        ("resource", "/resources".to_owned()),
        ("resource", format!("/servers/{}/resources", team.server)),
        ("server", "/servers".to_owned()),
        ("server_domains", format!("/servers/{}/domains", team.server)),
        ("tag", "/tags".to_owned()),
        ("team", "/teams".to_owned()),
        ("person", "/team/members".to_owned()),
        ("person", format!("/teams/{}/members", team.number)),
    ] {
        all_fit(shape, &world.read(&path, &team).await);
    }
    for (shape, path) in [
        ("deployment", format!("/deployments/{}", team.deployment)),
        ("deployments", format!("/deployments/applications/{}", team.application)),
        ("destination", format!("/destinations/{}", team.destination)),
        ("project", format!("/projects/{}", team.project)),
        ("environment", format!("/projects/{}/production", team.project)),
        ("key", format!("/security/keys/{}", team.key)),
        ("server", format!("/servers/{}", team.server)),
        ("storages", format!("{at}/storages")),
        ("rollback_images", format!("{at}/rollback-images")),
        ("team", "/team".to_owned()),
        ("team", format!("/teams/{}", team.number)),
    ] {
        fits(shape, &world.read(&path, &team).await);
    }
}

#[tokio::test]
async fn numbers_name_the_same_things_everywhere() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let key = world.read(&format!("/security/keys/{}", team.key), &team).await;
    let body = json!({"project_uuid": team.project, "environment_name": "production", "docker_registry_image_name": "busybox", "name": "second"});
    let second = made(&world, "/applications/dockerimage", &team, body).await["uuid"].as_str().expect("a uuid").to_owned();
    let (first, second) =
        (world.read(&format!("/applications/{}", team.application), &team).await, world.read(&format!("/applications/{second}"), &team).await);
    assert!(first["id"].as_i64() < second["id"].as_i64());
    let deployment = world.read(&format!("/deployments/{}", team.deployment), &team).await;
    assert_eq!(deployment["application_id"].as_str(), Some(first["id"].to_string().as_str()), "Coolify has the number as a text");
    assert_eq!(deployment["application_uuid"], team.application.as_str());
    let server = world.read(&format!("/servers/{}", team.server), &team).await;
    assert_eq!((&deployment["server_id"], &server["settings"]["server_id"]), (&server["id"], &server["id"]));
    let destination = world.read(&format!("/destinations/{}", team.destination), &team).await;
    assert_eq!((&first["destination_id"], deployment["destination_id"].as_str()), (&destination["id"], Some(destination["id"].to_string().as_str())));
    let environment = world.read(&format!("/projects/{}/production", team.project), &team).await;
    assert_eq!(first["environment_id"], environment["id"]);
    assert_eq!(environment["project_id"], world.read(&format!("/projects/{}", team.project), &team).await["id"]);
    assert_eq!((&key["team_id"], first["private_key_id"].is_null()), (&world.read("/team", &team).await["id"], true));
    let variables = world.read(&format!("/applications/{}/envs", team.application), &team).await;
    assert_eq!(variables[0]["resourceable_id"], first["id"]);
    let storages = world.read(&format!("/applications/{}/storages", team.application), &team).await;
    assert_eq!(storages["persistent_storages"][0]["resource_id"], first["id"]);
}

#[tokio::test]
async fn what_is_made_and_changed_is_answered_in_coolifys_shapes() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let at = format!("/applications/{}", team.application);
    fits("uuid", &made(&world, "/projects", &team, json!({"name": "Another"})).await);
    fits("uuid", &made(&world, &format!("/projects/{}/environments", team.project), &team, json!({"name": "staging"})).await);
    fits("uuid", &made(&world, &format!("{at}/envs"), &team, json!({"key": "A", "value": "b"})).await);
    fits("variable", &world.patch(&format!("{at}/envs"), &team, json!({"key": "A", "value": "c"})).await.json());
    all_fit("variable", &world.patch(&format!("{at}/envs/bulk"), &team, json!({"data": [{"key": "B", "value": "d"}]})).await.json());
    fits("tag", &made(&world, "/tags", &team, json!({"name": "green"})).await);
    all_fit("tag", &made(&world, &format!("{at}/tags"), &team, json!({"tag_name": "red"})).await);
    let storage = made(&world, &format!("{at}/storages"), &team, json!({"type": "file", "mount_path": "/etc/a", "content": "x"})).await;
    let changed = world.patch(&format!("{at}/storages"), &team, json!({"id": storage["id"], "type": "file", "content": "y"})).await;
    assert_eq!((changed.status, &changed.json()["uuid"], &changed.json()["content"]), (StatusCode::OK, &storage["uuid"], &json!("y")), "{}", changed.text);
    let unnamed = world.patch(&format!("{at}/storages"), &team, json!({"type": "file", "content": "y"})).await;
    assert!(unnamed.json()["errors"]["uuid"].is_array(), "{}", unnamed.text);
    fits("uuid", &made(&world, "/security/keys", &team, json!({"name": "k"})).await);
    fits("deployed", &world.post("/deploy", &team, json!({"uuid": team.application})).await.json());
    fits("queued", &world.post(&format!("{at}/start"), &team, json!({})).await.json());
    let hooks = json!({"project_uuid": team.project, "environment_name": "production", "docker_registry_image_name": "busybox", "manual_webhook_secret_github": "a-secret-of-mine"});
    let made_with_hook = made(&world, "/applications/dockerimage", &team, hooks.clone()).await;
    let read = world.read(&format!("/applications/{}", made_with_hook["uuid"].as_str().expect("a uuid")), &team).await;
    assert_eq!(read["manual_webhook_secret_github"], "a-secret-of-mine");
    let mut short = hooks;
    short["manual_webhook_secret_github"] = "short".into();
    let refused = world.post("/applications/dockerimage", &team, short).await;
    assert!(refused.json()["errors"]["manual_webhook_secret_github"].is_array(), "{}", refused.text);
}

#[tokio::test]
async fn a_key_is_renamed_and_replaced_by_the_uuid_in_the_body_or_in_the_address() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let at = format!("/security/keys/{}", team.key);
    let before = world.read(&at, &team).await;
    let renamed = world.patch("/security/keys", &team, json!({"uuid": team.key, "name": "renamed"})).await;
    assert_eq!((renamed.status, renamed.json()), (StatusCode::CREATED, json!({"uuid": team.key})), "{}", renamed.text);
    let other = made(&world, "/security/keys", &team, json!({"name": "other"})).await["uuid"].as_str().expect("a uuid").to_owned();
    let private = world.read(&format!("/security/keys/{other}"), &team).await["private_key"].clone();
    let taken = world.patch(&at, &team, json!({"private_key": private})).await;
    assert_eq!(taken.status, StatusCode::CONFLICT, "the team has it already: {}", taken.text);
    assert_eq!(world.ask("DELETE", &format!("/security/keys/{other}"), &team.root, None).await.json(), json!({"message": "Private Key deleted."}));
    assert_eq!(world.patch(&at, &team, json!({"private_key": private})).await.status, StatusCode::CREATED);
    let after = world.read(&at, &team).await;
    assert_eq!((&after["name"], &after["private_key"]), (&json!("renamed"), &private));
    assert_ne!(after["fingerprint"], before["fingerprint"]);
    let refused = world.patch("/security/keys", &team, json!({"uuid": team.key, "private_key": "nonsense"})).await;
    assert!(refused.json()["errors"]["private_key"].is_array(), "{}", refused.text);
    assert!(world.patch("/security/keys", &team, json!({"name": "x"})).await.json()["errors"]["uuid"].is_array());
    let eve = world.team("eve").await;
    assert_eq!(world.patch("/security/keys", &eve, json!({"uuid": team.key, "name": "mine"})).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn destinations_are_made_renamed_used_and_deleted_once_nothing_runs_there() {
    let world = World::new().await;
    let (team, eve) = (world.team("ada").await, world.team("eve").await);
    let all = format!("/servers/{}/destinations", team.server);
    let shop = made(&world, &all, &team, json!({"name": "Shop", "network": "shop_net", "type": "standalone"})).await;
    fits("destination", &shop);
    let uuid = shop["uuid"].as_str().expect("a uuid").to_owned();
    let at = format!("/destinations/{uuid}");
    assert_eq!(made(&world, &all, &team, json!({"network": "plain"})).await["name"], "plain", "a name is the network's until there is one");
    for (team, body) in [(&team, json!({"network": "shop_net"})), (&eve, json!({"network": "shop_net"}))] {
        let taken = world.post(&format!("/servers/{}/destinations", team.server), team, body).await;
        assert_eq!(taken.status, StatusCode::CONFLICT, "two teams never meet on a network: {}", taken.text);
    }
    for (field, body) in [("network", json!({"network": "host"})), ("network", json!({"network": "a b"})), ("type", json!({"network": "x", "type": "swarm"}))] {
        let refused = world.post(&all, &team, body).await;
        assert!(refused.json()["errors"][field].is_array(), "{field}: {}", refused.text);
    }
    let renamed = world.patch(&at, &team, json!({"name": "Market"})).await;
    assert_eq!((renamed.status, &renamed.json()["name"], &renamed.json()["network"]), (StatusCode::OK, &json!("Market"), &json!("shop_net")));
    let body = json!({"project_uuid": team.project, "environment_name": "production", "docker_registry_image_name": "busybox", "destination_uuid": uuid, "name": "there"});
    let application = made(&world, "/applications/dockerimage", &team, body).await;
    let read = world.read(&format!("/applications/{}", application["uuid"].as_str().expect("a uuid")), &team).await;
    assert_eq!((&read["destination_uuid"], &read["destination_id"]), (&shop["uuid"], &shop["id"]));
    let refused = world.ask("DELETE", &at, &team.root, None).await;
    assert_eq!((refused.status, refused.json()["conflicts"][0]["resource_name"].as_str()), (StatusCode::CONFLICT, Some("there")), "{}", refused.text);
    let first = world.ask("DELETE", &format!("/destinations/{}", team.destination), &team.root, None).await;
    assert!(first.status == StatusCode::CONFLICT && first.text.contains("began with"), "{}", first.text);
    let plain = world.read(&all, &team).await[2]["uuid"].as_str().expect("a uuid").to_owned();
    assert_eq!(world.ask("DELETE", &format!("/destinations/{plain}"), &team.root, None).await.json(), json!({"message": "Deleted."}));
    assert_eq!(world.get(&format!("/destinations/{plain}"), &team).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.patch(&at, &eve, json!({"name": "mine"})).await.status, StatusCode::NOT_FOUND);
}
