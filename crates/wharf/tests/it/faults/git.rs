//! Git servers that go away, histories that are rewritten, branches and submodules that are gone: what served before serves on, and the next deployment works.

use super::reason;
use crate::world::{World, git};
use serde_json::json;
use testkit::{ForgeKind, Repository};

const DOCKERFILE: &str = "FROM busybox:latest\nCOPY . /www\nCMD [\"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/www\"]\n";

async fn live(world: &World, name: &str) -> (Repository, String) {
    let repository = world.forge.create_empty(&format!("team/{name}")).await.expect("a repository");
    repository.commit("main", &[("Dockerfile", DOCKERFILE), ("index.html", "one")], "One").await.expect("a commit");
    let application = world.application("public", git(&repository, name, "dockerfile", 8080)).await;
    world.deploy(&application).await;
    world.says(&format!("{name}.localhost"), "one").await;
    (repository, application)
}

async fn change(repository: &Repository, text: &str) -> String {
    repository.commit("main", &[("index.html", text)], text).await.expect("a commit")
}

#[tokio::test]
async fn a_git_server_that_goes_away_in_the_middle_costs_the_deployment_alone() {
    let Some(world) = World::new().await else { return };
    let (repository, application) = live(&world, "web").await;
    let host = repository.url_http().split('/').nth(2).and_then(|host| host.split(':').next()).expect("a host").to_owned();
    change(&repository, "two").await;
    world.forge.set_breaking_off(true);
    reason(&world.deploy_failing(&application).await, &[&host, "cannot be reached", "check"]);
    world.says("web.localhost", "one").await;
    world.forge.set_breaking_off(false);
    world.forge.set_unavailable(true);
    reason(&world.deploy_failing(&application).await, &[&host, "503"]);
    world.is(&application, "running:healthy", "running").await;
    world.says("web.localhost", "one").await;
    world.settled(1).await;
    world.forge.set_unavailable(false);
    world.deploy(&application).await;
    world.says("web.localhost", "two").await;
}

#[tokio::test]
async fn a_rewritten_history_and_a_deleted_branch_are_told_and_the_branch_is_followed_on() {
    let Some(world) = World::new().await else { return };
    let (repository, application) = live(&world, "web").await;
    let secret = "a secret of sixteen or more";
    world.patch(&application, json!({"manual_webhook_secret_github": secret})).await;
    let lost = change(&repository, "two").await;
    let late = repository.push_webhook(ForgeKind::GitHub, "main", secret).await.expect("a webhook");
    let rewritten = repository.force_push("main", "Another history").await.expect("pushed");
    repository.forget_lost_commits().await.expect("forgotten");
    let path = format!("/webhooks/github/{application}");
    let answer = world.api.send(reqwest::Method::POST, &path, &late.headers, late.body).await.expect("an answer");
    let deployment = answer.field("deployment_uuid").expect("queued");
    let ended = world.api.deployment_ended(&deployment, crate::world::WITHIN).await.expect("ends");
    assert_eq!(ended["status"], "failed", "{ended:#}");
    reason(&ended, &[&lost[..12], "force-push"]);
    world.says("web.localhost", "one").await;
    let ended = world.deploy(&application).await;
    assert_eq!(ended["commit"], rewritten.as_str(), "{ended:#}");
    world.says("web.localhost", "two").await;

    repository.commit("other", &[], "Elsewhere").await.expect("a commit");
    repository.delete_branch("main").await.expect("deleted");
    reason(&world.deploy_failing(&application).await, &["`main`", "other"]);
    world.is(&application, "running:healthy", "running").await;
    world.says("web.localhost", "two").await;
    world.settled(1).await;
    change(&repository, "three").await;
    world.deploy(&application).await;
    world.says("web.localhost", "three").await;
}

#[tokio::test]
async fn a_submodule_is_built_in_and_one_whose_commit_is_gone_is_told() {
    let Some(world) = World::new().await else { return };
    let (repository, application) = live(&world, "web").await;
    let module = world.forge.create_empty("team/module").await.expect("a repository");
    module.commit("main", &[("page.html", "from the module")], "Module").await.expect("a commit");
    repository.commit_module("main", "module", &module, "With a module").await.expect("a commit");
    world.patch(&application, json!({"is_git_submodules_enabled": true})).await;
    world.deploy(&application).await;
    let page = async || world.wharf.visit("web.localhost", "/module/page.html").await.expect("an answer").text;
    assert_eq!(page().await, "from the module");

    let lost = module.commit("main", &[("page.html", "lost")], "Lost").await.expect("a commit");
    repository.commit_module("main", "module", &module, "A newer module").await.expect("a commit");
    module.force_push("main", "Another history").await.expect("pushed");
    module.forget_lost_commits().await.expect("forgotten");
    reason(&world.deploy_failing(&application).await, &["commit", &lost[..12]]);
    assert_eq!(page().await, "from the module");
    world.settled(1).await;
    repository.commit_module("main", "module", &module, "The module as it is now").await.expect("a commit");
    world.deploy(&application).await;
    assert_eq!(page().await, "lost");
}
