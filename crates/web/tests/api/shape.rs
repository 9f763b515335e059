//! Each operation's answer in its shape.

use crate::world::World;
use axum::http::StatusCode;
use serde_json::{Value, json};

fn has(value: &Value, fields: &[&str]) {
    for field in fields {
        assert!(value.get(field).is_some(), "{field} is not in {value:#}");
    }
}

#[tokio::test]
async fn the_instance_says_that_it_lives_and_who_asks() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for path in ["/api/health", "/api/v1/health"] {
        let answer = world.raw("GET", path, "", "").await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "OK"));
    }
    // Coolify's clients refuse what is older than 4.1.
    let version = world.get("/version", &team).await;
    assert_eq!(version.text, "4.3.10");
    assert_eq!(version.headers["x-wharf-version"], env!("CARGO_PKG_VERSION"));
    let who = world.read("/whoami", &team).await;
    assert_eq!((who["user"]["email"].as_str(), who["token"].as_str(), &who["abilities"]), (Some("ada@example.com"), Some("root"), &json!(["root"])));
    has(&who["team"], &["id", "uuid", "name"]);
}

#[tokio::test]
async fn projects_and_environments_are_made_found_by_name_changed_and_deleted() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let made = world.post("/projects", &team, json!({"name": "Shop", "description": "sells"})).await;
    assert_eq!((made.status, made.json().as_object().map(|fields| fields.len())), (StatusCode::CREATED, Some(1)));
    let uuid = made.json()["uuid"].as_str().expect("a uuid").to_owned();
    let project = world.read(&format!("/projects/{uuid}"), &team).await;
    assert_eq!((project["name"].as_str(), project["environments"][0]["name"].as_str()), (Some("Shop"), Some("production")));
    let changed = world.patch(&format!("/projects/{uuid}"), &team, json!({"description": "buys"})).await;
    assert_eq!((changed.status, changed.json()), (StatusCode::CREATED, json!({"uuid": uuid, "name": "Shop", "description": "buys"})));
    let made = world.post(&format!("/projects/{uuid}/environments"), &team, json!({"name": "staging"})).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let staging = world.read(&format!("/projects/{uuid}/staging"), &team).await;
    assert_eq!((&staging["uuid"], staging["applications"].as_array().map(Vec::len)), (&made.json()["uuid"], Some(0)));
    assert_eq!(world.read(&format!("/projects/{uuid}/environments"), &team).await.as_array().map(Vec::len), Some(2));
    let renamed = world.patch(&format!("/projects/{uuid}/environments/staging"), &team, json!({"name": "test"})).await;
    assert_eq!(renamed.json()["name"], "test");
    let gone = world.ask("DELETE", &format!("/projects/{uuid}/environments/test"), &team.root, None).await;
    assert_eq!(gone.json(), json!({"message": "Environment deleted."}));
    assert_eq!(world.ask("DELETE", &format!("/projects/{uuid}"), &team.root, None).await.json(), json!({"message": "Project deleted."}));
}

#[tokio::test]
async fn applications_of_every_kind_are_made_and_read_back_as_they_were_set() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let place = json!({"project_uuid": team.project, "server_uuid": team.server, "environment_uuid": team.environment});
    let with = |more: Value| {
        let mut body = place.clone();
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    let kinds = [
        (
            "public",
            json!({"git_repository": "https://127.0.0.1:1/ada/shop.git", "git_branch": "main", "build_pack": "static", "publish_directory": "/dist", "is_spa": true, "name": "a"}),
        ),
        (
            "private-deploy-key",
            json!({"git_repository": "ssh://git@127.0.0.1:1/ada/shop.git", "git_branch": "main", "build_pack": "dockerfile", "private_key_uuid": team.key, "name": "b"}),
        ),
        ("dockerfile", json!({"dockerfile": "FROM busybox\nCMD [\"sleep\", \"9\"]", "name": "c", "ports_exposes": "80"})),
        (
            "dockerimage",
            json!({"docker_registry_image_name": "nginx", "docker_registry_image_tag": "1.27", "name": "d", "limits_memory": "512m", "limits_cpus": "0.5",
            "health_check_enabled": true, "health_check_path": "/ok", "health_check_return_code": 204, "is_force_https_enabled": true, "limits_cpu_shares": 1024}),
        ),
    ];
    for (kind, settings) in kinds {
        let made = world.post(&format!("/applications/{kind}"), &team, with(settings.clone())).await;
        assert_eq!(made.status, StatusCode::CREATED, "{kind}: {}", made.text);
        assert!(made.json()["domains"].as_str().is_some_and(|domains| domains.ends_with(".localhost")), "{}", made.text);
        let read = world.read(&format!("/applications/{}", made.json()["uuid"].as_str().expect("a uuid")), &team).await;
        has(
            &read,
            &[
                "uuid",
                "name",
                "fqdn",
                "status",
                "build_pack",
                "ports_exposes",
                "description",
                "urls",
                "environment_uuid",
                "destination_uuid",
                "created_at",
                "updated_at",
            ],
        );
        assert_eq!((read["status"].as_str(), &read["fqdn"]), (Some("exited:unhealthy"), &made.json()["domains"]), "{read:#}");
        for (field, value) in settings.as_object().expect("an object") {
            assert!(read.get(field).is_none_or(|shown| shown == value), "{kind} {field}: {value} became {}", read[field]);
        }
    }
    assert_eq!(world.read("/applications", &team).await.as_array().map(Vec::len), Some(5));
    assert_eq!(world.read("/applications?tag=blue", &team).await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_application_is_changed_moved_cloned_and_deleted() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let at = format!("/applications/{}", team.application);
    let body = json!({"name": "renamed", "domains": "https://a.example.com,https://b.example.com/api", "ports_exposes": "3000", "custom_labels": "YT1i", "manual_webhook_secret_github": "long-enough-secret"});
    let changed = world.patch(&at, &team, body).await;
    assert_eq!((changed.status, changed.json()), (StatusCode::OK, json!({"uuid": team.application})), "{}", changed.text);
    let read = world.read(&at, &team).await;
    assert_eq!((read["fqdn"].as_str(), read["custom_labels"].as_str()), (Some("https://a.example.com,https://b.example.com/api"), Some("YT1i")));
    assert_eq!(read["manual_webhook_secret_github"], "long-enough-secret");
    let seen = world.ask("GET", &at, &team.read, None).await.json();
    assert_eq!(seen["manual_webhook_secret_github"], Value::Null, "a token that reads sees secrets");
    let refused = world.patch(&at, &team, json!({"manual_webhook_secret_gitlab": "short"})).await;
    assert!(refused.json()["errors"]["manual_webhook_secret_gitlab"].is_array(), "{}", refused.text);
    let environment = world.post(&format!("/projects/{}/environments", team.project), &team, json!({"name": "staging"})).await.json();
    let moved = world.post(&format!("{at}/move"), &team, json!({"environment_uuid": environment["uuid"]})).await;
    assert_eq!((moved.status, &moved.json()["environment_uuid"]), (StatusCode::OK, &environment["uuid"]));
    let copy = world.post(&format!("{at}/clone"), &team, json!({"destination_uuid": team.destination, "name": "copy"})).await;
    assert_eq!(copy.status, StatusCode::CREATED, "{}", copy.text);
    let variables = world.read(&format!("/applications/{}/envs", copy.json()["uuid"].as_str().expect("a uuid")), &team).await;
    assert_eq!(variables[0]["value"], "hello");
    has(&world.read(&format!("{at}/changes"), &team).await, &["changes", "faults"]);
    let gone = world.ask("DELETE", &format!("{at}?delete_volumes=false"), &team.root, None).await;
    assert_eq!(gone.json()["message"], "Application deletion request queued.", "{}", gone.text);
}

#[tokio::test]
async fn variables_are_set_one_by_one_and_in_bulk_and_secret_ones_are_not_told() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let at = format!("/applications/{}/envs", team.application);
    let made = world.post(&at, &team, json!({"key": "TOKEN", "value": "s3cret-value", "is_shown_once": true, "is_preview": false})).await;
    assert_eq!((made.status, made.json()["uuid"].is_string()), (StatusCode::CREATED, true));
    let changed = world.patch(&at, &team, json!({"key": "GREETING", "value": "ahoy", "is_buildtime": true})).await;
    assert_eq!((changed.status, changed.json()["value"].as_str(), changed.json()["is_buildtime"].as_bool()), (StatusCode::CREATED, Some("ahoy"), Some(true)));
    let bulk = json!({"data": [{"key": "A", "value": "1"}, {"key": "B", "value": "two\nlines", "is_multiline": true}]});
    let set = world.patch(&format!("{at}/bulk"), &team, bulk).await;
    assert_eq!((set.status, set.json().as_array().map(Vec::len)), (StatusCode::CREATED, Some(2)), "{}", set.text);
    let refused = world.patch(&format!("{at}/bulk"), &team, json!({"data": [{"key": "C"}, {"key": "9", "x": 1}, 7]})).await;
    let errors = refused.json()["errors"].as_object().expect("errors").keys().cloned().collect::<Vec<_>>();
    assert_eq!(errors, ["data.1.x", "data.2"]);
    let refused = world.patch(&format!("{at}/bulk"), &team, json!({"data": [{"key": "C"}, {"key": "9"}]})).await;
    assert!(refused.json()["errors"]["data.1.key"].is_array(), "{}", refused.text);
    let all = world.read(&at, &team).await;
    assert_eq!(all.as_array().map(Vec::len), Some(4));
    assert!(!all.to_string().contains("s3cret-value"));
    assert!(!world.ask("GET", &at, &team.read, None).await.text.contains("ahoy"), "a token that reads sees values");
    let gone = world.ask("DELETE", &format!("{at}/{}", made.json()["uuid"].as_str().expect("a uuid")), &team.root, None).await;
    assert_eq!(gone.json(), json!({"message": "Environment variable deleted."}));
}

#[tokio::test]
async fn shared_variables_live_at_team_project_and_environment() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for at in ["/team/envs".to_owned(), format!("/projects/{}/envs", team.project), format!("/projects/{}/environments/production/envs", team.project)] {
        let made = world.post(&at, &team, json!({"key": "REGION", "value": "north"})).await;
        assert_eq!(made.status, StatusCode::CREATED, "{at}: {}", made.text);
        let one = format!("{at}/{}", made.json()["id"]);
        let changed = world.patch(&one, &team, json!({"value": "south"})).await;
        assert_eq!((changed.status, changed.json()["value"].as_str()), (StatusCode::OK, Some("south")), "{}", changed.text);
        assert_eq!(world.read(&at, &team).await.as_array().map(Vec::len), Some(2));
        assert_eq!(world.ask("DELETE", &one, &team.root, None).await.status, StatusCode::OK);
        assert_eq!(world.ask("DELETE", &one, &team.root, None).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn storage_is_added_changed_and_removed() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let at = format!("/applications/{}/storages", team.application);
    let file = world.post(&at, &team, json!({"type": "file", "mount_path": "/etc/app.conf", "content": "a=1", "chmod": "600"})).await;
    assert_eq!(file.status, StatusCode::CREATED, "{}", file.text);
    let host = world.post(&at, &team, json!({"type": "persistent", "mount_path": "/host", "host_path": "/srv/data"})).await;
    assert_eq!(host.status, StatusCode::CREATED, "{}", host.text);
    let changed = world.patch(&at, &team, json!({"uuid": file.json()["uuid"], "type": "file", "content": "a=2"})).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let all = world.read(&at, &team).await;
    assert_eq!((all["file_storages"][0]["content"].as_str(), all["file_storages"][0]["chmod"].as_str()), (Some("a=2"), Some("600")));
    assert_eq!(all["persistent_storages"].as_array().map(Vec::len), Some(2));
    let refused = world.post(&at, &team, json!({"type": "else", "mount_path": "/x"})).await;
    assert!(refused.json()["errors"]["type"].is_array());
    let gone = world.ask("DELETE", &format!("{at}/{}", team.storage), &team.root, None).await;
    assert_eq!(gone.json(), json!({"message": "Storage deleted."}));
}

#[tokio::test]
async fn deploying_answers_one_entry_for_each_application_by_uuid_and_by_tag() {
    let world = World::new().await;
    let (team, eve) = (world.team("ada").await, world.team("eve").await);
    let asked = [
        ("GET", format!("/deploy?uuid={}&force=true", team.application), None),
        ("POST", format!("/deploy?uuid={},{}", team.application, eve.application), None),
        ("POST", "/deploy".to_owned(), Some(json!({"uuid": team.application, "force": true}))),
        ("POST", "/deploy?tag=blue".to_owned(), None),
    ];
    for (method, path, body) in asked {
        let answer = world.ask(method, &path, &team.root, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        let deployments = answer.json()["deployments"].as_array().expect("deployments").clone();
        assert_eq!((deployments.len(), deployments[0]["resource_uuid"].as_str()), (1, Some(team.application.as_str())));
        has(&deployments[0], &["message", "deployment_uuid"]);
    }
    for (path, status) in
        [("/deploy", 400), ("/deploy?uuid=a&tag=b", 400), ("/deploy?uuid=nothing", 404), ("/deploy?tag=nothing", 404), ("/deploy?uuid=a&pr=7", 422)]
    {
        assert_eq!(world.post(path, &team, json!({})).await.status.as_u16(), status, "{path}");
    }
    let deploy_only = world.token(&team.scope, &["deploy"]).await;
    for path in [format!("/deploy?uuid={}", team.application), "/deploy?tag=blue".to_owned(), format!("/applications/{}/start", team.application)] {
        let answer = world.ask("GET", &path, &deploy_only, None).await;
        assert_eq!(answer.status, StatusCode::OK, "a token that only deploys, {path}: {}", answer.text);
    }
}

#[tokio::test]
async fn deployments_are_listed_shown_paged_and_cancelled() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for _ in 0..4 {
        world.get(&format!("/deploy?uuid={}&force=true", team.application), &team).await;
    }
    let page = world.read(&format!("/deployments/applications/{}?skip=1&take=2", team.application), &team).await;
    assert_eq!((page["count"].as_i64(), page["deployments"].as_array().map(Vec::len)), (Some(5), Some(2)));
    let one = world.read(&format!("/deployments/{}", team.deployment), &team).await;
    has(&one, &["deployment_uuid", "application_id", "application_name", "status", "commit", "created_at", "force_rebuild", "is_api", "deployment_url"]);
    assert!(one["logs"].as_str().is_some_and(|logs| serde_json::from_str::<Vec<Value>>(logs).is_ok()), "{one:#}");
    let all = world.read("/deployments", &team).await;
    assert!(all.as_array().is_some_and(|all| all.iter().all(|one| ["queued", "in_progress"].contains(&one["status"].as_str().unwrap_or_default()))));
    let log = world.read(&format!("/deployments/{}/log?after=0", team.deployment), &team).await;
    has(&log, &["lines", "status", "step", "ended", "reason"]);
    let cancelled = world.ask("POST", &format!("/deployments/{}/cancel", team.deployment), &team.root, None).await;
    assert_eq!(cancelled.json()["status"], "cancelled-by-user", "{}", cancelled.text);
    let log = world.read(&format!("/deployments/{}/log?after=0&wait=true", team.deployment), &team).await;
    assert_eq!((log["ended"].as_bool(), log["status"].as_str()), (Some(true), Some("cancelled-by-user")), "waiting ends with the deployment");
}

#[tokio::test]
async fn acts_are_queued_by_post_and_by_the_older_get() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for method in ["GET", "POST"] {
        let at = format!("/applications/{}", team.application);
        let started = world.ask(method, &format!("{at}/start?force=true"), &team.root, None).await;
        assert_eq!((started.status, started.json()["message"].as_str()), (StatusCode::OK, Some("Deployment request queued.")), "{}", started.text);
        let stopped = world.ask(method, &format!("{at}/stop"), &team.root, None).await;
        assert_eq!(stopped.json()["message"], "Application stopping request queued.", "{}", stopped.text);
        let restarted = world.ask(method, &format!("{at}/restart"), &team.root, None).await;
        assert_eq!(restarted.status, StatusCode::CONFLICT, "nothing is live yet: {}", restarted.text);
    }
    let at = format!("/applications/{}", team.application);
    assert_eq!(world.read(&format!("{at}/rollback-images"), &team).await, json!({"current": null, "images": []}));
    assert!(world.post(&format!("{at}/rollback"), &team, json!({"release": 1})).await.status.is_client_error());
}

#[tokio::test]
async fn servers_destinations_and_resources_are_listed() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let servers = world.read("/servers", &team).await;
    has(&servers[0], &["uuid", "name", "ip", "user", "port", "settings"]);
    let at = format!("/servers/{}", team.server);
    assert_eq!(world.read(&at, &team).await["uuid"], team.server.as_str());
    let changed = world.patch(&at, &team, json!({"wildcard_domain": "apps.example.com"})).await;
    assert_eq!((changed.status, changed.json()["settings"]["wildcard_domain"].as_str()), (StatusCode::CREATED, Some("apps.example.com")), "{}", changed.text);
    let resources = world.read(&format!("{at}/resources"), &team).await;
    assert_eq!((resources[0]["uuid"].as_str(), resources[0]["type"].as_str()), (Some(team.application.as_str()), Some("application")));
    assert!(world.read(&format!("{at}/domains"), &team).await[0]["domains"][0].as_str().is_some_and(|domain| domain.ends_with("localhost")));
    for path in ["/destinations".to_owned(), format!("{at}/destinations")] {
        assert_eq!(world.read(&path, &team).await[0]["uuid"], team.destination.as_str());
    }
    assert_eq!(world.read(&format!("/destinations/{}", team.destination), &team).await["server_uuid"], team.server.as_str());
    assert_eq!(world.read("/resources", &team).await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn keys_registries_tags_tokens_teams_and_events_have_their_shapes() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let made = world.post("/security/keys", &team, json!({"name": "fresh", "description": "d"})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let at = format!("/security/keys/{}", made.json()["uuid"].as_str().expect("a uuid"));
    assert!(world.read(&at, &team).await["private_key"].as_str().is_some_and(|key| key.contains("OPENSSH PRIVATE KEY")));
    assert!(world.ask("GET", &at, &team.read, None).await.json().get("private_key").is_none(), "a token that reads sees a private key");
    assert!(
        world.read("/security/keys", &team).await.as_array().is_some_and(|keys| keys.len() == 2 && keys.iter().all(|key| key.get("private_key").is_none()))
    );
    assert_eq!(world.patch(&at, &team, json!({"name": "older"})).await.status, StatusCode::CREATED);
    assert_eq!(world.ask("DELETE", &at, &team.root, None).await.status, StatusCode::OK);
    assert!(!world.get("/registries", &team).await.text.contains("s3cret"));
    let tags = world.post(&format!("/applications/{}/tags", team.application), &team, json!({"tag_names": ["Red", "green"]})).await;
    assert_eq!((tags.status, tags.json().as_array().map(Vec::len)), (StatusCode::CREATED, Some(3)), "{}", tags.text);
    assert_eq!(world.patch(&format!("/tags/{}", team.tag), &team, json!({"name": "navy"})).await.json()["name"], "navy");
    let token = world.post("/tokens", &team, json!({"name": "ci", "abilities": ["deploy"], "expires_at": "2999-01-01T00:00:00Z"})).await;
    assert_eq!((token.status, token.json()["token"].as_str().is_some_and(|token| token.contains('|'))), (StatusCode::CREATED, true), "{}", token.text);
    let number = token.json()["token"].as_str().and_then(|token| token.split('|').next()).expect("a number").to_owned();
    assert_eq!(world.ask("DELETE", &format!("/tokens/{number}"), &team.root, None).await.status, StatusCode::OK);
    for path in ["/team", "/teams/current", &format!("/teams/{}", team.number)] {
        assert_eq!(world.read(path, &team).await["id"], team.number, "{path}");
    }
    for path in ["/team/members", "/teams/current/members", &format!("/teams/{}/members", team.number)] {
        assert_eq!(world.read(path, &team).await[0]["email"], "ada@example.com", "{path}");
    }
    assert_eq!(world.read("/teams", &team).await.as_array().map(Vec::len), Some(1));
    let events = world.read("/events", &team).await;
    let after = events[0]["id"].as_i64().expect("an id");
    assert_eq!(world.read(&format!("/events?after={after}"), &team).await[0]["id"].as_i64().map(|id| id > after), Some(true));
}

#[tokio::test]
async fn logs_and_terminals_say_that_the_engine_is_away() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let logs = world.get(&format!("/applications/{}/logs?lines=5", team.application), &team).await;
    assert!([StatusCode::SERVICE_UNAVAILABLE, StatusCode::OK, StatusCode::CONFLICT].contains(&logs.status), "{} {}", logs.status, logs.text);
    let terminal = world.get(&format!("/applications/{}/terminal", team.application), &team).await;
    assert_eq!(terminal.status, StatusCode::BAD_REQUEST, "{}", terminal.text);
}
