//! Attack payloads in every string of every operation: never a fault of ours, and what is accepted comes back as it was sent.

use crate::world::{Team, World, operations};
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

const PAYLOADS: &[&str] = &[
    "$(id)",
    "`id`",
    "a;id",
    "a&&id",
    "a|id",
    "a\nid",
    "a\0b",
    "'\"",
    "\u{2018}\u{201d}",
    "-rf",
    "--upload-pack=id",
    "ext::sh -c id",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "{{team.NOPE}}",
    "\u{202e}abc\u{feff}",
];

/// Fields that come back in another form than they are sent in.
const REWRITTEN: &[&str] = &["custom_labels", "headers", "watch_paths", "domains", "ports_mappings"];

#[tokio::test]
async fn no_text_in_any_body_is_a_fault_of_ours() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let document = web::api::document();
    for operation in operations().iter().filter(|operation| operation.said.get("requestBody").is_some()) {
        let path = team.path(&operation.path);
        let (base, names) = texts(&document, &operation.said["requestBody"]["content"]["application/json"]["schema"], &team);
        // The four ways to make an application read the same settings: one of them takes every payload, the others a few in each.
        let step =
            if operation.path.contains("/applications/") && operation.method == "POST" && names.len() > 40 && !path.ends_with("/public") { 7 } else { 1 };
        for (at, name) in names.iter().enumerate() {
            for payload in PAYLOADS.iter().skip(at % step).step_by(step) {
                let mut body = base.clone();
                body.insert(name.clone(), (*payload).into());
                let answer = world.raw(&operation.method, &path, &team.root, Value::Object(body).to_string()).await;
                assert!(!answer.status.is_server_error(), "{} {path} {name} {payload:?}: {} {}", operation.method, answer.status, answer.text);
                assert!(serde_json::from_str::<Value>(&answer.text).is_ok(), "{} {path}: {}", operation.method, answer.text);
            }
        }
    }
}

/// A body with what is required, and the names of its texts.
fn texts(document: &Value, schema: &Value, team: &Team) -> (Map<String, Value>, Vec<String>) {
    let mut schema = schema;
    while let Some(pointer) = schema["$ref"].as_str().or(schema["oneOf"][1]["$ref"].as_str()) {
        schema = document.pointer(pointer.trim_start_matches('#')).expect("a schema");
    }
    let properties = schema["properties"].as_object().expect("properties");
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let mut base = Map::new();
    for name in required.iter().filter_map(Value::as_str) {
        base.insert(name.to_owned(), sample(name, team));
    }
    if properties.contains_key("environment_name") {
        base.insert("environment_name".into(), "production".into());
    }
    let is_text = |kind: &Value| kind == "string" || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "string"));
    let names = properties.iter().filter(|(_, property)| is_text(&property["type"])).map(|(name, _)| name.clone()).collect();
    (base, names)
}

fn sample(name: &str, team: &Team) -> Value {
    match name {
        "project_uuid" => team.project.as_str().into(),
        "private_key_uuid" => team.key.as_str().into(),
        "environment_uuid" => team.environment.as_str().into(),
        "git_repository" => "https://git.example.com/ada/shop.git".into(),
        "dockerfile" => "FROM busybox".into(),
        "docker_registry_image_name" => "busybox".into(),
        "type" => "persistent".into(),
        "mount_path" => "/x".into(),
        "uuid" => team.storage.as_str().into(),
        "abilities" => json!(["read"]),
        "data" => json!([{"key": "A"}]),
        _ => "SAMPLE".into(),
    }
}

#[tokio::test]
async fn settings_that_are_accepted_come_back_as_they_were_sent() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let at = format!("/applications/{}", team.application);
    for field in ops::ApplicationPatch::FIELDS.iter().filter(|field| !REWRITTEN.contains(field)) {
        for payload in PAYLOADS {
            let answer = world.patch(&at, &team, json!({*field: payload})).await;
            assert!(!answer.status.is_server_error(), "{field} {payload:?}: {}", answer.text);
            if answer.status == StatusCode::OK {
                let shown = world.read(&at, &team).await[*field].clone();
                let kept = shown.as_str().is_none_or(|shown| shown.trim_start_matches('/') == payload.trim().trim_start_matches('/') || !field_applies(field));
                assert!(kept, "{field} {payload:?} became {shown}");
            }
        }
    }
}

/// Fields that an application from an image has. What others say is taken and waits for another source.
fn field_applies(field: &str) -> bool {
    !field.starts_with("git_") && !["dockerfile", "base_directory", "private_key_uuid"].contains(&field)
}

#[tokio::test]
async fn values_of_variables_and_contents_of_files_come_back_byte_for_byte() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let (envs, storages) = (format!("/applications/{}/envs", team.application), format!("/applications/{}/storages", team.application));
    let file = world.post(&storages, &team, json!({"type": "file", "mount_path": "/f"})).await.json()["uuid"].clone();
    for payload in PAYLOADS {
        let set = world.patch(&envs, &team, json!({"key": "GREETING", "value": payload})).await;
        if payload.contains('\0') {
            assert_eq!(set.status, StatusCode::UNPROCESSABLE_ENTITY);
        } else {
            assert_eq!(set.json()["value"], *payload, "{}", set.text);
        }
        let set = world.patch(&storages, &team, json!({"uuid": file, "content": payload})).await;
        assert_eq!(set.status, StatusCode::OK, "{}", set.text);
        assert_eq!(world.read(&storages, &team).await["file_storages"][0]["content"], *payload);
    }
}

#[tokio::test]
async fn names_and_descriptions_come_back_as_they_were_sent() {
    let world = World::new().await;
    let team = world.team("ada").await;
    for payload in PAYLOADS {
        let made = world.post("/projects", &team, json!({"name": payload, "description": payload})).await;
        if made.status == StatusCode::CREATED {
            let read = world.read(&format!("/projects/{}", made.json()["uuid"].as_str().expect("a uuid")), &team).await;
            assert_eq!((read["name"].as_str(), read["description"].as_str()), (Some(*payload), Some(*payload)));
        } else {
            assert_eq!(made.status, StatusCode::UNPROCESSABLE_ENTITY, "{payload:?}: {}", made.text);
        }
    }
}
