//! The error table: what is refused, with which status and which words.

use crate::world::World;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::json;

#[tokio::test]
async fn fields_that_are_unknown_missing_or_of_a_wrong_kind_are_each_told() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let refused = world.post("/projects", &team, json!({"nmae": "x", "description": 7})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors =
        json!({"name": ["The name field is required."], "nmae": ["This field is not allowed."], "description": ["The description field must be a string."]});
    assert_eq!(refused.json(), json!({"message": "Validation failed.", "errors": errors}));
    let refused = world.post("/applications/public", &team, json!({})).await;
    let errors = refused.json()["errors"].as_object().expect("errors").clone();
    assert_eq!(errors.keys().collect::<Vec<_>>(), ["environment_name", "git_repository", "project_uuid"], "all that is missing is told at once");
    let refused = world.post("/applications/public", &team, json!({"project_uuid": team.project, "environment_name": "production", "git_repository": "ext::sh -c id", "git_branch": "--x", "ports_exposes": "0", "surprise": {}, "is_gpu_enabled": true})).await;
    let errors = refused.json()["errors"].as_object().expect("errors").clone();
    assert_eq!(errors.keys().collect::<Vec<_>>(), ["is_gpu_enabled", "surprise"], "the shape is checked first");
    let refused = world.post("/applications/public", &team, json!({"project_uuid": team.project, "environment_name": "production", "git_repository": "ext::sh -c id", "git_branch": "--x", "ports_exposes": "0"})).await;
    let errors = refused.json()["errors"].as_object().expect("errors").clone();
    assert!(["git_repository", "git_branch", "ports_exposes"].iter().all(|field| errors[*field].is_array()), "{errors:?}");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_never_our_fault() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_inside = format!("{{\"name\":{}1{}}}", "{\"a\":".repeat(100), "}".repeat(100));
    for body in ["{", "[1]", "\"x\"", "7", "null", "{\"name\": 1e999}", "{\"name\":\"\\ud800\"}", &deep] {
        let answer = world.raw("POST", "/api/v1/projects", &team.root, body.to_owned()).await;
        assert_eq!((answer.status, answer.json()["message"].as_str()), (StatusCode::BAD_REQUEST, Some("Invalid request.")), "{}", &body[..body.len().min(40)]);
    }
    let answer = world.raw("POST", "/api/v1/projects", &team.root, vec![b'{', b'"', 0xff, 0xfe, b'"', b'}']).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = world.raw("POST", "/api/v1/projects", &team.root, deep_inside).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = world.raw("POST", "/api/v1/projects", &team.root, format!("{{\"name\":\"{}\"}}", "a".repeat(1024 * 1024))).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.json()["message"].is_string());
}

#[tokio::test]
async fn a_body_that_is_not_said_to_be_json_is_refused_as_in_coolify() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let send = |kind: Option<&'static str>, body: &'static str| {
        let request = Request::post("/api/v1/projects").header(header::AUTHORIZATION, format!("Bearer {}", team.root));
        let request = kind.iter().fold(request, |request, kind| request.header(header::CONTENT_TYPE, *kind));
        world.send(request.body(axum::body::Body::from(body)).expect("a request"))
    };
    let why = json!({"message": "Invalid request.", "error": "Content-Type must be application/json."});
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/jsonx")] {
        let answer = send(kind, "{\"name\": \"x\"}").await;
        assert_eq!((answer.status, answer.json()), (StatusCode::BAD_REQUEST, why.clone()), "{kind:?}");
    }
    for (kind, name) in [("application/json; charset=utf-8", "{\"name\": \"x\"}"), ("Application/JSON", "{\"name\": \"y\"}")] {
        assert_eq!(send(Some(kind), name).await.status, StatusCode::CREATED, "{kind}");
    }
    assert_eq!(send(None, "").await.status, StatusCode::UNPROCESSABLE_ENTITY, "what is empty is of no kind");
}

#[tokio::test]
async fn settings_that_hold_one_value_here_are_taken_with_it_and_others_are_told_what_to_do() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let at = format!("/applications/{}", team.application);
    let defaults = json!({"health_check_host": "localhost", "health_check_scheme": "http", "limits_memory_swap": "0", "limits_memory_swappiness": 60, "limits_cpuset": null,
        "limits_cpu_shares": 1024, "is_gpu_enabled": false, "is_http_basic_auth_enabled": false, "noindex_domains": [], "max_restart_count": 10, "use_build_server": false,
        "is_force_https_enabled": true, "static_image": "nginx:alpine", "preview_url_template": "{{pr_id}}.{{domain}}", "project_uuid": team.project,
        "environment_name": "production", "server_uuid": team.server, "destination_uuid": team.destination, "docker_compose_location": ""});
    let changed = world.patch(&at, &team, defaults).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    for (field, value, hint) in [
        ("docker_compose_domains", json!([{"name": "web", "domain": "x"}]), "choose dockerfile, static or dockerimage"),
        ("build_pack", json!("nixpacks"), "choose dockerfile, static or dockerimage"),
        ("is_http_basic_auth_enabled", json!(true), "asks for no passwords"),
        ("custom_docker_run_options", json!("--privileged"), "settings of their own"),
        ("is_force_https_enabled", json!(false), "http://"),
        ("limits_memory_reservation", json!("64m"), "limits_memory"),
        ("destination_uuid", json!("aaaaaaaaaaaaaaaaaaaaaaaa"), "clone"),
        ("environment_name", json!("staging"), "move"),
        ("surprise", json!(1), "not allowed"),
    ] {
        let refused = world.patch(&at, &team, json!({field: value})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {}", refused.text);
        assert!(refused.json()["errors"][field][0].as_str().is_some_and(|why| why.contains(hint)), "{field}: {}", refused.text);
        testkit::coolify::fits("refusal", &refused.json());
    }
}

#[tokio::test]
async fn numbers_out_of_range_and_odd_queries_are_refused_or_bounded() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let application = format!("/applications/{}", team.application);
    for (field, value) in [
        ("replicas", json!(99_999_999_999_u64)),
        ("replicas", json!(-1)),
        ("replicas", json!(1.5)),
        ("limits_memory", json!("9999999999999t")),
        ("ports_exposes", json!(70_000)),
        ("replicas", json!([1])),
    ] {
        let answer = world.patch(&application, &team, json!({field: value})).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}: {}", answer.text);
        assert!(answer.json()["errors"][field].is_array(), "{}", answer.text);
    }
    for query in ["skip=-1&take=99999999", "skip=99999999999&take=0", "take=%00"] {
        let answer = world.get(&format!("/deployments/applications/{}?{query}", team.application), &team).await;
        assert!(answer.status == StatusCode::OK || answer.status == StatusCode::UNPROCESSABLE_ENTITY, "{query}: {}", answer.text);
    }
    for path in ["/events?after=x", "/deployments/%FF%FE", "/projects/%00", "/teams/99999999999999999999", "/tokens/-9"] {
        let answer = world.get(path, &team).await;
        assert!(answer.status.is_client_error() && answer.json()["message"].is_string(), "{path}: {} {}", answer.status, answer.text);
    }
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_told_in_json() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for path in ["/api", "/api/v1", "/api/v2/projects", "/api/v1/nothing/here", "/api/v1/projects/a/b/c/d/e"] {
        let answer = world.raw("GET", path, "", "").await;
        assert_eq!((answer.status, answer.json()), (StatusCode::NOT_FOUND, json!({"message": "Not found.", "docs": "/docs/api"})), "{path}");
    }
    let answer = world.ask("DELETE", "/projects", &team.root, None).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.json()["message"].is_string() && answer.headers[header::ALLOW].to_str().is_ok_and(|allow| allow.contains("POST")), "{:?}", answer.headers);
    let answer = world.get("/applications/aaaaaaaaaaaaaaaaaaaaaaaa", &team).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::NOT_FOUND, json!({"message": "Application not found."})));
}

#[tokio::test]
async fn a_domain_that_another_application_has_is_a_conflict_that_names_it() {
    let world = World::new().await;
    let (ada, eve) = (world.team("ada").await, world.team("eve").await);
    let mut body = ada.image("first");
    body["domains"] = "https://shop.example.com".into();
    assert_eq!(world.post("/applications/dockerimage", &ada, body.clone()).await.status, StatusCode::CREATED);
    body["name"] = "second".into();
    let answer = world.post("/applications/dockerimage", &ada, body.clone()).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let conflict = &answer.json()["conflicts"][0];
    assert_eq!((conflict["domain"].as_str(), conflict["resource_name"].as_str()), (Some("shop.example.com"), Some("first")), "{}", answer.text);
    testkit::coolify::fits("conflict", &answer.json());
    body["force_domain_override"] = true.into();
    assert_eq!(world.post("/applications/dockerimage", &ada, body).await.status, StatusCode::CONFLICT, "a domain belongs to one application whatever is sent");
    let mut body = eve.image("third");
    body["domains"] = "https://shop.example.com".into();
    let answer = world.post("/applications/dockerimage", &eve, body).await;
    assert!(answer.status == StatusCode::CONFLICT && !answer.text.contains("first"), "another team's name is told: {}", answer.text);
}

#[tokio::test]
async fn what_is_still_in_use_stays_with_coolifys_statuses() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let project = world.ask("DELETE", &format!("/projects/{}", team.project), &team.root, None).await;
    assert_eq!(project.status, StatusCode::BAD_REQUEST, "{}", project.text);
    let environment = world.ask("DELETE", &format!("/projects/{}/environments/production", team.project), &team.root, None).await;
    assert_eq!(environment.status, StatusCode::BAD_REQUEST, "{}", environment.text);
    let cancel = format!("/deployments/{}/cancel", team.deployment);
    assert_eq!(world.ask("POST", &cancel, &team.root, None).await.status, StatusCode::OK);
    let again = world.ask("POST", &cancel, &team.root, None).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "{}", again.text);
    let variable = world.post(&format!("/applications/{}/envs", team.application), &team, json!({"key": "GREETING", "value": "x"})).await;
    assert_eq!(variable.status, StatusCode::CONFLICT);
    assert_eq!(world.post("/tags", &team, json!({"name": "Blue"})).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn too_many_requests_of_one_token_wait_and_another_token_does_not() {
    let world = World::limited(1).await;
    let team = world.team("ada").await;
    for left in ["4", "3", "2", "1", "0"] {
        let answer = world.get("/projects", &team).await;
        assert_eq!(
            (answer.status, answer.headers["x-ratelimit-limit"].to_str().ok(), answer.headers["x-ratelimit-remaining"].to_str().ok()),
            (StatusCode::OK, Some("5"), Some(left))
        );
    }
    let answer = world.get("/projects", &team).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers[header::RETRY_AFTER].to_str().is_ok_and(|text| text.parse::<u64>().is_ok_and(|seconds| (1..=60).contains(&seconds))));
    assert_eq!(world.ask("GET", "/projects", &team.read, None).await.status, StatusCode::OK);
    let changes = [StatusCode::CREATED, StatusCode::TOO_MANY_REQUESTS];
    for (number, status) in changes.into_iter().enumerate() {
        let made = world.post("/projects", &team, json!({"name": format!("Project {number}")})).await;
        assert_eq!(made.status, status, "changes are counted apart from reads: {}", made.text);
    }
}

#[tokio::test]
async fn the_api_can_be_switched_off_and_on_by_whoever_set_the_instance_up() {
    let world = World::new().await;
    let (ada, eve) = (world.team("ada").await, world.team("eve").await);
    assert_eq!(world.ask("POST", "/disable", &eve.root, None).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.ask("GET", "/disable", &ada.root, None).await.json(), json!({"message": "API disabled."}));
    let refused = world.get("/projects", &eve).await;
    assert_eq!((refused.status, refused.json()["message"].as_str()), (StatusCode::FORBIDDEN, Some("API is disabled.")));
    assert_eq!(world.raw("GET", "/api/health", "", "").await.text, "OK");
    assert_eq!(world.ask("POST", "/enable", &ada.root, None).await.json(), json!({"message": "API enabled."}));
    assert_eq!(world.get("/projects", &eve).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_may_be_written_with_an_encoded_bar() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let encoded = team.root.replace('|', "%7C");
    assert_eq!(world.ask("GET", "/projects", &encoded, None).await.status, StatusCode::OK);
    let request = Request::builder().method(Method::GET).uri("/api/v1/projects").header(header::AUTHORIZATION, format!("bearer {}", team.root));
    assert_eq!(world.send(request.body(axum::body::Body::empty()).expect("a request")).await.status, StatusCode::OK);
}
