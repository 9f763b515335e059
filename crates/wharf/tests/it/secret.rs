//! A canary in every place that holds secrets is found nowhere else.

use crate::world::{World, git};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use testkit::{ForgeKind, TestRegistry};
use tokio_util::sync::CancellationToken;

const CANARIES: [&str; 5] = ["canary-run-7f3a91c2", "canary-build-5d10be77", "canary-file-91aa30fe", "canary-registry-c4b2d8e1", "canary-hook-secret-2e6f"];

/// Looks at the arguments of every process of this machine until it is told to stop; answers those with a canary.
fn watch_processes(stop: CancellationToken) -> (std::thread::JoinHandle<()>, Arc<Mutex<BTreeSet<String>>>) {
    let found = Arc::new(Mutex::new(BTreeSet::new()));
    let shared = Arc::clone(&found);
    let watching = std::thread::spawn(move || {
        while !stop.is_cancelled() {
            for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
                let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
                let line = String::from_utf8_lossy(&line).replace('\0', " ");
                if CANARIES.iter().any(|canary| line.contains(canary)) {
                    shared.lock().expect("not poisoned").insert(line);
                }
            }
        }
    });
    (watching, found)
}

fn clean(place: &str, text: &str) {
    let found: Vec<_> = CANARIES.iter().filter(|canary| text.contains(**canary)).collect();
    assert!(found.is_empty(), "{found:?} in {place}:\n{}", text.chars().take(4000).collect::<String>());
}

#[tokio::test]
async fn a_canary_is_found_in_no_log_answer_argument_or_image() {
    let Some(mut world) = World::new().await else { return };
    let [run, build, file, registry_password, hook] = CANARIES;
    let registry = TestRegistry::with_credentials("ada", registry_password).await.expect("a registry");
    let base = registry.push(world.wharf.engine(), "busybox:latest", "team/base:1").await.expect("pushed");
    world.forge.serve_ssh().await.expect("sshd");
    let key = world.forge.deploy_key().await.expect("a key");
    let repository = world.forge.create_empty("team/canary").await.expect("a repository");
    let dockerfile = format!(
        "FROM {base}\nRUN --mount=type=secret,id=BUILD_CANARY test -s /run/secrets/BUILD_CANARY && cat /run/secrets/BUILD_CANARY\nRUN mkdir /www && echo here > /www/index.html\nCMD [\"sh\", \"-c\", \"echo $RUN_CANARY; cat /secret; httpd -f -p 8080 -h /www\"]\n"
    );
    repository.commit("main", &[("Dockerfile", &dockerfile)], "Canary").await.expect("a commit");
    let stop = CancellationToken::new();
    let (watching, found) = watch_processes(stop.clone());

    let kept = world.api.post("/security/keys", json!({"name": "deploy", "private_key": key.private})).await.expect("answers").field("uuid").expect("kept");
    let credential = json!({"host": registry.address(), "username": "ada", "password": registry_password});
    world.api.post("/registries", credential).await.expect("answers").ok().expect("kept");
    let mut fields = git(&repository, "canary", "dockerfile", 8080);
    (fields["git_repository"], fields["private_key_uuid"]) = (repository.url_ssh().expect("ssh").into(), kept.into());
    fields["use_build_secrets"] = true.into();
    let application = world.application("private-deploy-key", fields).await;
    let path = format!("/applications/{application}");
    let post = async |below: &str, body: serde_json::Value| world.api.post(&format!("{path}{below}"), body).await.expect("answers").ok().expect("taken");
    post("/envs", json!({"key": "RUN_CANARY", "value": run, "is_buildtime": false})).await;
    post("/envs", json!({"key": "BUILD_CANARY", "value": build, "is_buildtime": true, "is_runtime": false})).await;
    post("/storages", json!({"type": "file", "mount_path": "/secret", "content": file})).await;
    world.patch(&application, json!({"manual_webhook_secret_github": hook})).await;
    let deployed = world.deploy(&application).await;
    world.says("canary.localhost", "here").await;
    let pushed = repository.push_webhook(ForgeKind::GitHub, "main", hook).await.expect("a webhook");
    let path = format!("/webhooks/github/{application}");
    let answer = world.api.send(reqwest::Method::POST, &path, &pushed.headers, pushed.body).await.expect("answers");
    world.api.deployment_finished(&answer.field("deployment_uuid").expect("queued"), crate::world::WITHIN).await.expect("deployed");
    stop.cancel();
    watching.join().expect("watched");
    assert_eq!(*found.lock().expect("not poisoned"), BTreeSet::new(), "arguments of processes");

    clean("Wharf's log", &world.wharf.log());
    assert!(!world.wharf.log().contains("PRIVATE KEY"));
    read_only_answers(&world, &application, deployed["deployment_uuid"].as_str().expect("a uuid")).await;
    images(&world, &application).await;
}

/// What a token that may only read is told.
async fn read_only_answers(world: &World, application: &str, deployment: &str) {
    let reader = world.api.with_token(Some(world.wharf.token("read").await.expect("a token")));
    let paths = [
        "/applications",
        "/deployments",
        "/events",
        "/registries",
        "/security/keys",
        "/resources",
        "/servers",
        "/projects",
        "/team/envs",
        &format!("/applications/{application}"),
        &format!("/applications/{application}/envs"),
        &format!("/applications/{application}/storages"),
        &format!("/applications/{application}/changes"),
        &format!("/applications/{application}/logs"),
        &format!("/applications/{application}/rollback-images"),
        &format!("/deployments/{deployment}"),
        &format!("/deployments/{deployment}/log"),
        &format!("/deployments/applications/{application}"),
    ];
    for path in paths {
        let answer = reader.get(path).await.expect("answers");
        assert!(answer.status < 500, "{path}: {answer:?}");
        clean(path, &answer.text);
        assert!(!answer.text.contains("PRIVATE KEY"), "{path}");
    }
    clean("the deployment's log", &world.log_of(deployment).await);
}

/// What images tell of how they were made.
async fn images(world: &World, application: &str) {
    let engine = world.wharf.engine();
    let image = world.containers(application).await[0]["ImageID"].as_str().expect("an image").to_owned();
    clean("docker inspect", &engine.get(&format!("/images/{image}/json")).await.expect("inspected").to_string());
    clean("docker history", &engine.get(&format!("/images/{image}/history")).await.expect("told").to_string());
}
