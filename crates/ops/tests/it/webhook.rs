//! Hooks from outside.

use crate::fixture::{World, patch};
use aws_lc_rs::hmac;
use model::{ApplicationId, Secret, deployment::CauseKind};
use ops::{Error, Forge, WebhookAnswer};

const SECRET: &str = "webhook-secret";

struct Push<'a> {
    delivery: &'a str,
    branch: &'a str,
    message: &'a str,
    changed: &'a str,
    after: char,
}

const PLAIN: Push<'_> = Push { delivery: "1", branch: "main", message: "Change", changed: "src/a.rs", after: 'b' };

fn body(push: &Push<'_>) -> String {
    let (before, after) = ("a".repeat(40), push.after.to_string().repeat(40));
    let commit = format!(r#"{{"id": "{after}", "message": "{}", "modified": ["{}"]}}"#, push.message, push.changed);
    format!(
        r#"{{"ref": "refs/heads/{}", "before": "{before}", "after": "{after}", "repository": {{"full_name": "Ada/Shop"}}, "commits": [{commit}],
            "head_commit": {commit}, "pusher": {{"name": "Grace"}}}}"#,
        push.branch
    )
}

async fn send(world: &World, id: &ApplicationId, push: &Push<'_>, secret: &str) -> Result<WebhookAnswer, Error> {
    let body = body(push);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body.as_bytes());
    let signature: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let signature = format!("sha256={signature}");
    let header = |name: &str| match name.to_ascii_lowercase().as_str() {
        "x-github-event" => Some("push"),
        "x-github-delivery" => Some(push.delivery),
        "x-hub-signature-256" => Some(signature.as_str()),
        _ => None,
    };
    world.ops.webhook_receive(Forge::GitHub, id.as_str(), header, body.as_bytes()).await
}

async fn application(world: &World) -> (crate::fixture::Team, ApplicationId) {
    let ada = world.team("ada").await;
    let id = world.repository(&ada, "shop").await;
    world.ops.hook_set(&ada.scope, id.clone(), "github", Secret::new(SECRET)).await.expect("set");
    (ada, id)
}

#[tokio::test]
async fn a_signed_push_deploys_its_commit_once_however_often_it_is_sent() {
    let world = World::empty().await;
    let (ada, id) = application(&world).await;
    let answer = send(&world, &id, &PLAIN, SECRET).await.expect("taken");
    assert_eq!(answer.sentence, "A deployment of bbbbbbbbbbbb was queued.");
    let row = world.ops.deployment_fetch(&ada.scope, answer.deployment.expect("one")).await.expect("reads");
    assert_eq!((row.deployment.cause.by, row.deployment.cause.actor.as_str()), (CauseKind::Push, "Grace"));
    assert_eq!(row.commit.map(String::from), Some("b".repeat(40)));
    let replayed = send(&world, &id, &PLAIN, SECRET).await.expect("answered");
    assert_eq!((replayed.deployment, replayed.sentence.as_str()), (None, "This delivery was taken before; nothing was done."));
    assert_eq!(world.ops.deployment_count(&ada.scope, id.clone()).await.expect("reads"), 1);
    world.pass(8 * 24 * 3600);
    let other = Push { delivery: "2", after: 'c', ..PLAIN };
    send(&world, &id, &other, SECRET).await.expect("taken").deployment.expect("one");
}

#[tokio::test]
async fn without_the_right_secret_nothing_is_read() {
    let world = World::empty().await;
    let (ada, id) = application(&world).await;
    assert!(matches!(send(&world, &id, &PLAIN, "another-secret").await, Err(Error::Unauthenticated { .. })));
    world.ops.hook_set(&ada.scope, id.clone(), "github", Secret::default()).await.expect("removed");
    let Err(Error::Unauthenticated { why }) = send(&world, &id, &PLAIN, "").await else { panic!("taken without a secret") };
    assert!(why.contains("no webhook secret"), "{why}");
    let missing: ApplicationId = format!("z{}", "0".repeat(23)).parse().expect("an id");
    assert!(matches!(send(&world, &missing, &PLAIN, SECRET).await, Err(Error::NotFound { .. })));
    assert_eq!(world.ops.deployment_count(&ada.scope, id).await.expect("reads"), 0);
}

#[tokio::test]
async fn a_push_that_is_not_wanted_says_why() {
    let world = World::empty().await;
    let (ada, id) = application(&world).await;
    let said = |push| {
        let (world, id) = (&world, &id);
        async move { send(world, id, &push, SECRET).await.expect("answered").sentence }
    };
    assert_eq!(said(Push { branch: "next", ..PLAIN }).await, "The push is to branch next; the application follows main.");
    assert_eq!(said(Push { message: "Words [skip ci]", ..PLAIN }).await, "Every commit message has [skip ci] or [skip cd].");
    let change = |field: &'static str, text: &'static str| world.ops.application_update(&ada.scope, id.clone(), patch(&[(field, text)]), false);
    change("watch_paths", "src/**").await.expect("changed");
    assert_eq!(said(Push { changed: "README.md", ..PLAIN }).await, "No changed path is watched.");
    change("git_repository", "https://git.example.com/evilada/shop").await.expect("changed");
    assert_eq!(said(PLAIN).await, "The push is to ada/shop; the application comes from evilada/shop.");
    change("git_repository", "https://git.example.com/mirror/ada/shop").await.expect("changed");
    change("is_auto_deploy_enabled", "false").await.expect("changed");
    assert_eq!(said(PLAIN).await, "Deploying on push is switched off.");
    change("is_auto_deploy_enabled", "true").await.expect("changed");
    assert_eq!(said(PLAIN).await, "A deployment of bbbbbbbbbbbb was queued.", "none of these took the delivery");
}

#[tokio::test]
async fn a_delivery_that_failed_counts_when_it_is_sent_again() {
    let world = World::empty().await;
    let (ada, id) = application(&world).await;
    let broken = ops::VariableForm { name: "A".into(), value: Some(Secret::new("{{team.NOPE}}")), ..ops::VariableForm::default() };
    world.ops.variable_put(&ada.scope, id.clone(), vec![broken]).await.expect("set");
    assert!(matches!(send(&world, &id, &PLAIN, SECRET).await, Err(Error::Invalid { .. })));
    let whole = ops::VariableForm { name: "A".into(), value: Some(Secret::new("1")), ..ops::VariableForm::default() };
    world.ops.variable_put(&ada.scope, id.clone(), vec![whole]).await.expect("set");
    send(&world, &id, &PLAIN, SECRET).await.expect("taken").deployment.expect("one");
}

#[tokio::test]
async fn the_deploy_hook_needs_its_secret_and_a_renewed_one_replaces_it() {
    let world = World::empty().await;
    let (ada, id) = application(&world).await;
    let hooks = world.ops.hooks_show(&ada.scope, id.clone()).await.expect("reads");
    assert!(matches!(world.ops.hook_deploy("guess", None).await, Err(Error::NotFound { kind: "deploy hook" })));
    let queued = world.ops.hook_deploy(hooks.deploy.expose(), None).await.expect("queued");
    assert_eq!(queued.deployment.deployment.cause.by, CauseKind::Hook);
    world.ops.hook_set(&ada.scope, id.clone(), "deploy", Secret::default()).await.expect("renewed");
    assert!(world.ops.hook_deploy(hooks.deploy.expose(), None).await.is_err());
    let kept = world.ops.hooks_show(&ada.scope, id).await.expect("reads");
    assert_eq!(kept.github.as_ref().map(Secret::expose), Some(SECRET));
}
