//! Attack payloads in every string of every operation: never a fault of ours, and what is accepted comes back as it was sent.

use crate::world::{Team, World, operations};
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use std::{
    path::PathBuf,
    sync::{LazyLock, atomic::AtomicUsize, atomic::Ordering},
};

/// A file that exists once a payload was executed.
static CANARY: LazyLock<PathBuf> = LazyLock::new(|| std::env::temp_dir().join(format!("wharf-payload-{}", std::process::id())));

/// The payloads; those that would run a program make the canary.
static PAYLOADS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let touch = format!("touch {}", CANARY.display());
    let running = ["$(CMD)", "`CMD`", "a;CMD", "a&&CMD", "a|CMD", "a\nCMD", "--upload-pack=CMD", "ext::sh -c CMD", "';CMD;'", "${IFS}$(CMD)"];
    running.iter().map(|payload| payload.replace("CMD", &touch)).chain(PLAIN.iter().map(|payload| (*payload).to_owned())).collect()
});

const PLAIN: &[&str] = &["a\0b", "'\"", "\u{2018}\u{201d}", "-rf", "<script>alert(1)</script>", "../../etc/passwd", "{{team.NOPE}}", "\u{202e}abc\u{feff}"];

/// How many were tried; said at the end of each walk.
#[derive(Default)]
struct Tried(AtomicUsize);

impl Tried {
    fn one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Tried {
    fn drop(&mut self) {
        println!("{} payloads", self.0.load(Ordering::Relaxed));
        if !std::thread::panicking() {
            assert!(!CANARY.exists(), "a payload was executed");
        }
    }
}

/// Fields that come back in another form than they are sent in.
const REWRITTEN: &[&str] = &["custom_labels", "headers", "watch_paths", "domains", "ports_mappings"];

#[tokio::test]
async fn no_text_in_any_body_is_a_fault_of_ours() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let (document, tried) = (web::api::document(), Tried::default());
    for operation in operations().iter().filter(|operation| operation.said.get("requestBody").is_some()) {
        let path = team.path(&operation.path);
        let (base, names) = texts(&document, &operation.said["requestBody"]["content"]["application/json"]["schema"], &team);
        // The four ways to make an application read the same settings: one of them takes every payload, the others a few in each.
        let step =
            if operation.path.contains("/applications/") && operation.method == "POST" && names.len() > 40 && !path.ends_with("/public") { 7 } else { 1 };
        for (at, name) in names.iter().enumerate() {
            for payload in PAYLOADS.iter().skip(at % step).step_by(step) {
                tried.one();
                let mut body = base.clone();
                body.insert(name.clone(), payload.as_str().into());
                let answer = world.raw(&operation.method, &path, &team.root, Value::Object(body).to_string()).await;
                assert!(!answer.status.is_server_error(), "{} {path} {name} {payload:?}: {} {}", operation.method, answer.status, answer.text);
                assert!(serde_json::from_str::<Value>(&answer.text).is_ok(), "{} {path}: {}", operation.method, answer.text);
            }
        }
    }
}

#[tokio::test]
async fn no_text_in_any_path_or_query_is_a_fault_of_ours() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let tried = Tried::default();
    for operation in operations() {
        for parameter in operation.said["parameters"].as_array().into_iter().flatten() {
            let (name, in_path) = (parameter["name"].as_str().expect("a name"), parameter["in"] == "path");
            for payload in PAYLOADS.iter() {
                tried.one();
                let path = if in_path {
                    team.path(&operation.path.replace(&format!("{{{name}}}"), &encoded(payload)))
                } else {
                    format!("{}?{name}={}", team.path(&operation.path), encoded(payload))
                };
                let answer = world.raw(&operation.method, &path, &team.root, "").await;
                let place = format!("{} {} {name} {payload:?}: {} {}", operation.method, operation.path, answer.status, answer.text);
                // What needs the container engine says so here, where there is none.
                let no_engine = answer.status == StatusCode::SERVICE_UNAVAILABLE && answer.text.contains("the container engine is not available");
                assert!(no_engine || !answer.status.is_server_error(), "{place}");
                assert!(!in_path || !answer.status.is_success(), "it named something: {place}");
                let kind = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
                assert!(kind.starts_with("application/json") && serde_json::from_str::<Value>(&answer.text).is_ok(), "{kind}: {place}");
            }
        }
    }
}

/// Every byte but letters and digits as its number.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02x}") }).collect()
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
        "git_repository" => "https://127.0.0.1:1/ada/shop.git".into(),
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
    let tried = Tried::default();
    for field in ops::ApplicationPatch::FIELDS.iter().filter(|field| !REWRITTEN.contains(field)) {
        for payload in PAYLOADS.iter() {
            tried.one();
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
    let tried = Tried::default();
    for payload in PAYLOADS.iter() {
        tried.one();
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
    let tried = Tried::default();
    for payload in PAYLOADS.iter() {
        tried.one();
        let made = world.post("/projects", &team, json!({"name": payload, "description": payload})).await;
        if made.status == StatusCode::CREATED {
            let read = world.read(&format!("/projects/{}", made.json()["uuid"].as_str().expect("a uuid")), &team).await;
            assert_eq!((read["name"].as_str(), read["description"].as_str()), (Some(payload.as_str()), Some(payload.as_str())));
        } else {
            assert_eq!(made.status, StatusCode::UNPROCESSABLE_ENTITY, "{payload:?}: {}", made.text);
        }
    }
}
