//! Deployments: the queue as people meet it, releases, rollbacks.

use crate::fixture::{World, fields, patch};
use model::{Cause, DeploymentStatus, Operation, deployment::CauseKind};
use ops::{DeployRequest, Error, Status};

#[tokio::test]
async fn the_same_deploy_asked_for_twice_waits_once_until_something_changes() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let id = world.repository(&ada, "shop").await;
    let deploy = |commit: Option<String>| DeployRequest { commit, ..DeployRequest::of(Operation::Deploy) };
    // The engine may take the first one up at once.
    world.ops.deployment_create(&ada.scope, id.clone(), DeployRequest { force: true, ..deploy(None) }).await.expect("queued");
    let first = world.ops.deployment_create(&ada.scope, id.clone(), deploy(None)).await.expect("queued");
    let second = world.ops.deployment_create(&ada.scope, id.clone(), deploy(None)).await.expect("answered");
    assert_eq!((first.existed, second.existed), (false, true));
    assert_eq!(first.deployment.deployment.id, second.deployment.deployment.id);
    let commit = "b".repeat(40);
    let third = world.ops.deployment_create(&ada.scope, id.clone(), deploy(Some(commit.clone()))).await.expect("queued");
    assert!(!third.existed && third.deployment.commit.as_ref().is_some_and(|known| known.as_str() == commit));
    world.ops.application_update(&ada.scope, id.clone(), patch(&[("replicas", "2")]), false).await.expect("changed");
    let fourth = world.ops.deployment_create(&ada.scope, id.clone(), deploy(Some(commit))).await.expect("queued");
    assert!(!fourth.existed, "other settings are another release");
    assert_eq!(fields(world.ops.deployment_create(&ada.scope, id, deploy(Some("main".into()))).await), ["commit"]);
}

#[tokio::test]
async fn a_page_shows_place_cause_and_release_and_a_waiting_one_is_cancelled_at_once() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let id = world.image(&ada, "web").await;
    let mut last = None;
    for _ in 0..3 {
        let request = DeployRequest { force: true, ..DeployRequest::of(Operation::Deploy) };
        last = Some(world.ops.deployment_create(&ada.scope, id.clone(), request).await.expect("queued").deployment.deployment.id);
    }
    let last = last.expect("one");
    let page = world.ops.deployment_show(&ada.scope, last.clone()).await.expect("reads");
    assert_eq!(page.row.deployment.cause, Cause { by: CauseKind::Dashboard, actor: "ada".into() });
    assert_eq!((page.row.ahead, page.row.release_number, page.live, page.log_allowed), (2, Some(3), false, true));
    assert_eq!(world.ops.deployment_cancel(&ada.scope, last.clone()).await.expect("cancelled"), DeploymentStatus::Cancelled);
    assert!(matches!(world.ops.deployment_cancel(&ada.scope, last).await, Err(Error::Conflict { .. })));
    let overview = world.ops.overview(&ada.scope).await.expect("reads");
    assert_eq!((overview.open.len(), overview.deployments.len(), overview.projects.len()), (2, 3, 1));
}

#[tokio::test]
async fn what_was_never_deployed_cannot_restart_start_or_roll_back() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let id = world.image(&ada, "web").await;
    for operation in [Operation::Restart, Operation::Start] {
        let asked = world.ops.deployment_create(&ada.scope, id.clone(), DeployRequest::of(operation)).await;
        assert!(matches!(asked, Err(Error::Conflict { why, .. }) if why.contains("deploy it first")));
    }
    let asked = world.ops.deployment_create(&ada.scope, id.clone(), DeployRequest::of(Operation::Rollback)).await;
    assert_eq!(fields(asked), ["release"]);
    assert_eq!(fields(world.ops.deployment_create(&ada.scope, id, DeployRequest::of(Operation::Delete)).await), ["operation"]);
}

#[tokio::test]
async fn a_rollback_shows_what_it_changes_and_needs_a_kept_image() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let id = world.image(&ada, "web").await;
    let other = world.image(&ada, "other").await;
    let deploy = |id| world.ops.deployment_create(&ada.scope, id, DeployRequest { force: true, ..DeployRequest::of(Operation::Deploy) });
    let first = deploy(id.clone()).await.expect("queued").deployment.deployment.release.expect("a release");
    world.ops.application_update(&ada.scope, id.clone(), patch(&[("limits_memory", "64m")]), false).await.expect("changed");
    let second = deploy(id.clone()).await.expect("queued").deployment.deployment.release.expect("a release");
    let foreign = deploy(other).await.expect("queued").deployment.deployment.release.expect("a release");
    world.store.application_live_set(&ada.scope, id.clone(), Some(second.clone()), model::application::Desired::Running).await.expect("written");
    world.store.release_image_set(&ada.scope, second.clone(), Some("wharf/x:2".into())).await.expect("written");
    let rollback = |release| DeployRequest { release: Some(release), ..DeployRequest::of(Operation::Rollback) };
    let ask = |release| world.ops.deployment_create(&ada.scope, id.clone(), rollback(release));
    assert!(matches!(ask(first.clone()).await, Err(Error::Conflict { why, .. }) if why.contains("no longer kept")));
    assert!(matches!(ask(second.clone()).await, Err(Error::Conflict { why, .. }) if why.contains("live already")));
    assert!(matches!(ask(foreign).await, Err(Error::NotFound { kind: "release" })));
    world.store.release_image_set(&ada.scope, first.clone(), Some("wharf/x:1".into())).await.expect("written");
    let changes = world.ops.rollback_preview(&ada.scope, id.clone(), first.clone()).await.expect("reads");
    assert_eq!((changes.len(), changes[0].field.as_str(), changes[0].before.as_deref()), (1, "memory limit", Some("64 MiB")));
    let listed = world.ops.release_list(&ada.scope, id.clone(), 10).await.expect("reads");
    assert_eq!(listed.iter().map(|item| (item.number, item.live, item.can_roll_back)).collect::<Vec<_>>(), [(2, true, false), (1, false, true)]);
    assert_eq!(ask(first.clone()).await.expect("queued").deployment.deployment.release, Some(first));
    world.ops.application_update(&ada.scope, id.clone(), patch(&[("replicas", "3")]), false).await.expect("changed");
    let page = world.ops.application_show(&ada.scope, id).await.expect("reads");
    assert_eq!(page.changes.iter().map(|change| change.field.as_str()).collect::<Vec<_>>(), ["replicas"], "what is not live yet");
}

#[tokio::test]
async fn the_deployment_that_made_live_what_is_live_is_told_however_many_came_after() {
    let world = World::empty().await.still().await;
    let (ada, bob) = (world.team("ada").await, world.team("bob").await);
    let id = world.image(&ada, "web").await;
    let end = async |operation, status| {
        let request = DeployRequest { force: true, ..DeployRequest::of(operation) };
        let deployment = world.ops.deployment_create(&ada.scope, id.clone(), request).await.expect("queued").deployment.deployment;
        world.store.work_claim(world.ops.now()).await.expect("claims").expect("queued");
        world.store.work_finish(&ada.scope, deployment.id.clone(), status, None, world.ops.now()).await.expect("ended");
        deployment
    };
    let live = async || world.ops.deployments_live(&ada.scope, Some(id.clone())).await.expect("reads");
    let first = end(Operation::Deploy, DeploymentStatus::Finished).await;
    assert!(live().await.is_empty(), "nothing is live yet");
    world.store.application_live_set(&ada.scope, id.clone(), first.release.clone(), model::application::Desired::Running).await.expect("written");
    end(Operation::Deploy, DeploymentStatus::Failed).await;
    end(Operation::Stop, DeploymentStatus::Finished).await;
    assert_eq!(live().await, std::slice::from_ref(&first.id));
    assert_eq!(world.ops.deployments_live(&ada.scope, None).await.expect("reads"), [first.id]);
    assert!(world.ops.deployments_live(&bob.scope, None).await.expect("reads").is_empty());
    let again = end(Operation::Restart, DeploymentStatus::Finished).await;
    assert_eq!(live().await, [again.id], "a restart made it live anew");
}

#[tokio::test]
async fn the_queue_of_one_application_is_bounded() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let id = world.image(&ada, "web").await;
    let ask = || world.ops.deployment_create(&ada.scope, id.clone(), DeployRequest::of(Operation::Stop));
    let mut refused = None;
    for _ in 0..25 {
        refused = ask().await.err();
        if refused.is_some() {
            break;
        }
    }
    assert!(matches!(refused, Some(Error::Limit { .. })));
}

#[tokio::test]
async fn while_the_engine_is_away_its_applications_are_unknown_and_changes_are_taken_all_the_same() {
    let world = World::empty().await.still().await;
    let ada = world.team("ada").await;
    let id = world.image(&ada, "web").await;
    let release = world.ops.deployment_create(&ada.scope, id.clone(), DeployRequest::of(Operation::Deploy)).await.expect("queued");
    let release = release.deployment.deployment.release.expect("a release");
    world.store.application_live_set(&ada.scope, id.clone(), Some(release), model::application::Desired::Running).await.expect("written");
    let world = World::copy(world.folder.path()).await;
    let mut changes = world.ops.status_changes();
    let known = |status: &Status| matches!(status, Status::Unknown { .. });
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        changes.mark_unchanged();
        let status = world.ops.application_status(&ada.scope, id.clone()).await.expect("reads");
        if known(&status) {
            break;
        }
        let left = deadline.saturating_duration_since(std::time::Instant::now());
        tokio::time::timeout(left, changes.changed()).await.unwrap_or_else(|_| panic!("last seen: {status:?}")).expect("it lives");
    }
    let logs = world.ops.container_logs(&ada.scope, id.clone(), ops::LogRequest::default()).await.err();
    assert!(matches!(logs, Some(Error::Unavailable { .. })), "{logs:?}");
    let preview = world.ops.application_delete_preview(&ada.scope, id.clone(), true).await;
    assert!(matches!(preview, Err(Error::Unavailable { .. })), "{preview:?}");
    world.ops.application_update(&ada.scope, id, patch(&[("replicas", "2")]), false).await.expect("changed");
    let findings = world.ops.doctor(&ada.scope).await.expect("looks");
    assert!(findings.iter().any(|finding| !finding.well && finding.fix.is_some()));
}
