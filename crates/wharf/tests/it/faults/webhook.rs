//! Webhooks that come again, twice, or in another order than what they tell of: each push is deployed once, and none takes a newer one back.

use crate::world::{WITHIN, World, git, saying};
use reqwest::Method;
use serde_json::json;
use testkit::forge::Webhook;
use testkit::{Answer, ForgeKind, Repository};

const SECRET: &str = "a secret of sixteen or more";

struct Pushed {
    world: World,
    repository: Repository,
    application: String,
}

impl Pushed {
    /// An application that is live and is told of pushes.
    async fn new() -> Option<Self> {
        let world = World::new().await?;
        let repository = world.forge.create_empty("team/web").await.expect("a repository");
        repository.commit("main", &[("Dockerfile", &saying("push 0"))], "Push 0").await.expect("a commit");
        let application = world.application("public", git(&repository, "web", "dockerfile", 8080)).await;
        world.patch(&application, json!({"manual_webhook_secret_github": SECRET})).await;
        world.deploy(&application).await;
        Some(Self { world, repository, application })
    }

    /// Commits and pushes; answers the commit.
    async fn push(&self, number: u32) -> String {
        let dockerfile = saying(&format!("push {number}"));
        self.repository.commit("main", &[("Dockerfile", &dockerfile)], &format!("Push {number}")).await.expect("a commit")
    }

    /// A delivery of what the branch is at, with an id of its own.
    async fn delivery(&self) -> Webhook {
        self.repository.push_webhook(ForgeKind::GitHub, "main", SECRET).await.expect("a webhook")
    }

    async fn send(&self, hook: &Webhook) -> Answer {
        let path = format!("/webhooks/github/{}", self.application);
        let answer = self.world.api.send(Method::POST, &path, &hook.headers, hook.body.clone()).await.expect("an answer");
        assert!(answer.status < 300, "{answer:?}");
        answer
    }

    async fn finished(&self, answer: Answer, number: u32) {
        let deployment = answer.field("deployment_uuid").expect("a deployment");
        self.world.api.deployment_finished(&deployment, WITHIN).await.expect("deployed");
        self.world.says("web.localhost", &format!("push {number}")).await;
    }

    async fn deployments(&self) -> usize {
        self.world.deployments(&self.application).await.len()
    }
}

fn nothing(answer: &Answer, words: &str) {
    assert!(answer.json["deployment_uuid"].is_null() && answer.text.contains(words), "{words} is not in: {answer:?}");
}

#[tokio::test]
async fn a_delivery_that_comes_again_or_twice_is_one_deployment_even_after_wharf_died() {
    let Some(mut pushed) = Pushed::new().await else { return };
    let commit = pushed.push(1).await;
    let (first, second) = (pushed.delivery().await, pushed.delivery().await);
    let answer = pushed.send(&first).await;
    let double = pushed.send(&second).await;
    assert_eq!(double.json["deployment_uuid"], answer.json["deployment_uuid"], "{double:?}");
    pushed.finished(answer, 1).await;
    let third = pushed.delivery().await;
    let same = pushed.send(&third).await;
    pushed.finished(same, 1).await;
    pushed.world.wharf.kill().await;
    pushed.world.wharf.start_again().await.expect("starts again");
    for hook in [&first, &second, &third] {
        nothing(&pushed.send(hook).await, "taken before");
    }
    let rows = pushed.world.deployments(&pushed.application).await;
    assert_eq!(rows.iter().filter(|row| row["commit"] == commit.as_str()).count(), 2, "one that deployed it, one that found it live: {rows:#?}");
    assert_eq!(rows.len(), 3, "{rows:#?}");
}

#[tokio::test]
async fn an_older_push_that_is_told_after_a_newer_one_takes_nothing_back() {
    let Some(pushed) = Pushed::new().await else { return };
    pushed.push(1).await;
    let (early, late) = (pushed.delivery().await, pushed.delivery().await);
    let newer = pushed.push(2).await;
    let answer = pushed.send(&pushed.delivery().await).await;
    nothing(&pushed.send(&early).await, &newer[..12]);
    pushed.finished(answer, 2).await;
    nothing(&pushed.send(&late).await, &newer[..12]);
    assert_eq!(pushed.deployments().await, 2);
    pushed.push(3).await;
    let answer = pushed.send(&pushed.delivery().await).await;
    pushed.finished(answer, 3).await;
    assert_eq!(pushed.deployments().await, 3);
}
