//! From a source to a live application: repositories, Dockerfiles, images, webhooks, and every example.

use crate::world::{World, example, git, saying};
use reqwest::Method;
use serde_json::json;
use testkit::forge::Webhook;
use testkit::{Answer, ForgeKind, Repository, TestRegistry};

const SECRET: &str = "a secret of sixteen or more";

fn word(kind: ForgeKind) -> &'static str {
    match kind {
        ForgeKind::GitHub => "github",
        ForgeKind::GitLab => "gitlab",
        ForgeKind::Gitea => "gitea",
        ForgeKind::Bitbucket => "bitbucket",
    }
}

async fn send(world: &World, application: &str, kind: ForgeKind, hook: &Webhook) -> Answer {
    let path = format!("/webhooks/{}/{application}", word(kind));
    world.api.send(Method::POST, &path, &hook.headers, hook.body.clone()).await.expect("an answer")
}

/// Commits a page that says something and answers its webhook.
async fn push(repository: &Repository, kind: ForgeKind, text: &str, message: &str) -> Webhook {
    repository.commit("main", &[("index.html", text)], message).await.expect("a commit");
    repository.push_webhook(kind, "main", SECRET).await.expect("a webhook")
}

#[tokio::test]
async fn a_signed_push_goes_live_once_and_an_unsigned_one_never() {
    let Some(world) = World::new().await else { return };
    let repository = world.example("hello").await;
    let application = world.git_application(&repository, "hello", "static", 80).await;
    world.deploy(&application).await;
    world.says("hello.localhost", "Hello from your own server").await;
    for kind in ForgeKind::ALL {
        world.patch(&application, json!({format!("manual_webhook_secret_{}", word(kind)): SECRET})).await;
        let text = format!("pushed to {}", word(kind));
        let hook = push(&repository, kind, &text, "Change the page").await;
        let answer = send(&world, &application, kind, &hook).await;
        let deployment = answer.json["deployment_uuid"].as_str().unwrap_or_else(|| panic!("{kind:?}: {answer:?}")).to_owned();
        world.api.deployment_finished(&deployment, crate::world::WITHIN).await.expect("deployed");
        world.says("hello.localhost", &text).await;
        let count = world.deployments(&application).await.len();
        let replayed = send(&world, &application, kind, &hook).await;
        assert!(replayed.json["deployment_uuid"].is_null() && replayed.status < 300, "{kind:?}: {replayed:?}");
        let mut forged = repository.push_webhook(kind, "main", "another secret, just as long").await.expect("a webhook");
        assert_eq!(send(&world, &application, kind, &forged).await.status, 401, "{kind:?}: wrong signature");
        forged.headers.retain(|(name, _)| !name.contains("signature") && !name.contains("token"));
        assert_eq!(send(&world, &application, kind, &forged).await.status, 401, "{kind:?}: no signature");
        let skipped = push(&repository, kind, "not to be seen", "Change [skip ci]").await;
        let answer = send(&world, &application, kind, &skipped).await;
        assert!(answer.json["deployment_uuid"].is_null() && answer.status < 300, "{kind:?}: {answer:?}");
        assert_eq!(world.deployments(&application).await.len(), count, "{kind:?}");
    }
    let stored = world.deployments(&application).await;
    assert!(stored.iter().filter(|row| row["is_webhook"] == true).count() == 4, "{stored:#?}");
}

#[tokio::test]
async fn a_webhook_without_a_secret_is_refused() {
    let Some(world) = World::new().await else { return };
    let repository = world.example("hello").await;
    let application = world.git_application(&repository, "hello", "static", 80).await;
    world.patch(&application, json!({"manual_webhook_secret_github": ""})).await;
    let hook = push(&repository, ForgeKind::GitHub, "pushed", "Change").await;
    let answer = send(&world, &application, ForgeKind::GitHub, &hook).await;
    assert!((400..500).contains(&answer.status) && answer.json["deployment_uuid"].is_null(), "{answer:?}");
    assert!(world.deployments(&application).await.is_empty());
}

#[tokio::test]
async fn a_pasted_dockerfile_and_images_by_tag_and_by_digest_go_live() {
    let Some(world) = World::new().await else { return };
    let pasted = world.dockerfile_application("pasted", &saying("pasted here")).await;
    world.deploy(&pasted).await;
    world.says("pasted.localhost", "pasted here").await;

    let open = TestRegistry::open().await.expect("a registry");
    let live = world.containers(&pasted).await[0]["Image"].as_str().expect("an image").to_owned();
    let name = open.push(world.wharf.engine(), &live, "team/site:1").await.expect("pushed");
    let (repository, tag) = name.rsplit_once(':').expect("a tag");
    let fields = |name: &str, image: &str, tag: &str| json!({"name": name, "docker_registry_image_name": image, "docker_registry_image_tag": tag, "ports_exposes": "8080", "domains": format!("http://{name}.localhost")});
    let by_tag = world.application("dockerimage", fields("tagged", repository, tag)).await;
    world.deploy(&by_tag).await;
    world.says("tagged.localhost", "pasted here").await;

    let digest = digest_of(&open, "team/site", "1").await;
    let by_digest = world.application("dockerimage", fields("digested", repository, &digest)).await;
    world.deploy(&by_digest).await;
    world.says("digested.localhost", "pasted here").await;
}

/// What the registry itself says the digest of a tag is.
async fn digest_of(registry: &TestRegistry, name: &str, tag: &str) -> String {
    let accept = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";
    let url = format!("http://{}/v2/{name}/manifests/{tag}", registry.address());
    let answer = reqwest::Client::new().head(url).header("accept", accept).send().await.expect("the registry answers");
    answer.headers()["docker-content-digest"].to_str().expect("text").to_owned()
}

#[tokio::test]
async fn an_image_behind_credentials_is_pulled_with_them_and_refused_without() {
    let Some(world) = World::new().await else { return };
    let registry = TestRegistry::with_credentials("ada", "the registry's password").await.expect("a registry");
    let image = registry.push(world.wharf.engine(), "busybox:latest", "team/private:1").await.expect("pushed");
    let (repository, tag) = image.rsplit_once(':').expect("a tag");
    let fields = json!({
        "name": "private", "docker_registry_image_name": repository, "docker_registry_image_tag": tag, "ports_exposes": "8080",
        "domains": "http://private.localhost", "start_command": "httpd -f -p 8080 -h /bin",
    });
    let application = world.application("dockerimage", fields).await;
    let failed = world.deploy_failing(&application).await;
    let reason = failed["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("credential"), "{reason}");
    let credential = json!({"host": registry.address(), "username": "ada", "password": "the registry's password"});
    let uuid = world.api.post("/registries", credential).await.expect("answers").field("uuid").expect("kept");
    let deployed = world.deploy(&application).await;
    let log = world.log_of(deployed["deployment_uuid"].as_str().expect("a uuid")).await;
    assert!(log.contains("with the team's credential"), "the registry's host tells which credential is meant: {log}");
    world.patch(&application, json!({"registry_uuid": uuid})).await;
    world.deploy(&application).await;
    let page = world.wharf.visit("private.localhost", "/sh").await.expect("a page");
    assert_eq!(page.status, 200, "{}", page.text.len());
}

#[tokio::test]
async fn a_repository_over_ssh_is_fetched_with_its_deploy_key_only() {
    let Some(mut world) = World::new().await else { return };
    world.forge.serve_ssh().await.expect("sshd");
    let key = world.forge.deploy_key().await.expect("a key");
    let repository = world.example("hello").await;
    let key = world.api.post("/security/keys", json!({"name": "deploy", "private_key": key.private})).await.expect("answers").field("uuid").expect("kept");
    let mut fields = git(&repository, "hello", "static", 80);
    fields["git_repository"] = repository.url_ssh().expect("ssh is served").into();
    fields["private_key_uuid"] = key.into();
    let application = world.application("private-deploy-key", fields).await;
    world.deploy(&application).await;
    world.says("hello.localhost", "Hello from your own server").await;
}

#[tokio::test]
async fn the_deploy_hook_deploys_by_post_alone() {
    let Some(world) = World::new().await else { return };
    let repository = world.example("hello").await;
    let application = world.git_application(&repository, "hello", "static", 80).await;
    let path = deploy_hook(&world, &application).await;
    let opened = world.api.send(Method::GET, &path, &[], String::new()).await.expect("an answer");
    assert_eq!(opened.status, 405, "a link that is opened deploys nothing");
    let hook = world.api.send(Method::POST, &path, &[], String::new()).await.expect("an answer");
    let deployment = hook.field("deployment_uuid").expect("queued");
    world.api.deployment_finished(&deployment, crate::world::WITHIN).await.expect("deployed");
    world.says("hello.localhost", "Hello").await;
    let wrong = world.api.send(Method::POST, "/webhooks/deploy/nobody-knows-this-one", &[], String::new()).await.expect("an answer");
    assert_eq!(wrong.status, 404);
}

/// The path of an application's deploy hook, as its page shows it to the owner.
async fn deploy_hook(world: &World, application: &str) -> String {
    let page = world.page(&format!("/applications/{application}/webhooks")).await;
    let begin = page.find("/webhooks/deploy/").expect("an address on the page");
    page[begin..].split(['<', '"', '\'']).next().unwrap_or_default().to_owned()
}

/// The examples that packages are fetched for, beside the ones that need none.
#[tokio::test]
async fn every_example_that_serves_goes_live() {
    let Some(world) = World::new().await else { return };
    let examples = [("node", 3000, "hello"), ("python", 8000, "hello"), ("go", 8080, ""), ("websocket", 3000, "version"), ("crash", 8080, "")];
    let mut started = Vec::new();
    for (name, port, text) in examples {
        let repository = world.example(name).await;
        let application = world.git_application(&repository, name, "dockerfile", port).await;
        started.push((name, text, world.api.deploy(&application).await.expect("queued")));
    }
    for (name, text, deployment) in started {
        let ended = world.api.deployment_ended(&deployment, crate::world::WITHIN * 2).await.expect("ends");
        assert_eq!(ended["status"], "finished", "{name}: {ended:#}");
        world.says(&format!("{name}.localhost"), text).await;
    }
    let known: Vec<_> =
        std::fs::read_dir(example("")).expect("examples").map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    let tested = |name: &str| ["hello", "unhealthy"].contains(&name) || examples.iter().any(|(tested, ..)| *tested == name);
    assert!(known.iter().all(|name| tested(name)), "an example is tested nowhere: {known:?}");
}
