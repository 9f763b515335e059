//! What people see: logs, terminals, use, previews, and what a repository looks like before it is saved.

use crate::world::{World, commit, page, repository, until, web};
use engine::LogRequest;
use futures_util::StreamExt;
use model::{Application, ApplicationId, Operation, Secret, variable::FrozenVariable};

async fn application(world: &World, id: &ApplicationId) -> Application {
    world.store.application_fetch(&world.scope, id.clone()).await.expect("there").application
}

fn secret(value: &str) -> Vec<FrozenVariable> {
    vec![FrozenVariable { name: "TOKEN".parse().expect("valid"), value: Secret::new(value), build_time: true, run_time: true, given: false }]
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_those_of_all_replicas_without_secrets_and_follow_into_the_next_release() {
    let Some(world) = World::new().await else { return };
    let mut settings = web("web.localhost");
    settings.replicas = 2;
    settings.command = Some("sh -c 'echo my token is $TOKEN; exec httpd -f -p 8080 -h /www'".parse().expect("valid"));
    let id = world.application("web", settings.clone()).await;
    let first = world.deploy_with(&id, settings.clone(), page("x"), secret("hunter2hunter2")).await;
    world.finished(&first).await;
    let application = application(&world, &id).await;
    let lines: Vec<_> = world.engine.container_logs(&application, LogRequest::default()).await.expect("logs").map(|line| line.expect("a line")).collect().await;
    assert_eq!(lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["my token is [hidden]"; 2]);
    assert_ne!(lines[0].container, lines[1].container);
    let mut followed = world.engine.container_logs(&application, LogRequest { follow: true, tail: Some(0), ..LogRequest::default() }).await.expect("logs");
    let second = world.deploy_with(&id, settings, page("y"), secret("hunter2hunter2")).await;
    let line = tokio::time::timeout(crate::world::DEADLINE, followed.next()).await.expect("in time").expect("goes on").expect("a line");
    assert_eq!(line.text, "my token is [hidden]");
    world.finished(&second).await;
    assert!(!world.log(&second).await.contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_terminals_and_use_are_those_of_the_application_s_own_containers() {
    let Some(world) = World::new().await else { return };
    let id = world.application("web", web("web.localhost")).await;
    let own = application(&world, &id).await;
    let argv = ["cat", "/www/index.html"];
    assert!(world.exec(&own, None, &argv).await.is_err_and(|error| error.to_string().contains("does not run")));
    world.live(&id, web("web.localhost"), page("inside")).await;
    assert_eq!(world.exec(&own, None, &argv).await.expect("ran"), (0, "inside".to_owned()));
    assert!(world.exec(&own, Some("somebody-else"), &argv).await.is_err());
    let mut terminal = world.engine.terminal(&own, None, 24, 80).await.expect("a terminal");
    tokio::io::AsyncWriteExt::write_all(&mut terminal.input, b"echo $((6*7))\nexit\n").await.expect("typed");
    let mut shown = String::new();
    while let Some(Ok(bytes)) = terminal.output.next().await {
        shown.push_str(&String::from_utf8_lossy(&bytes));
    }
    assert!(shown.contains("42"), "{shown}");
    assert!(world.engine.stats(&own).await.expect("measured").memory_bytes > 0);
    until("measurements are kept", || async {
        let since = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1);
        !world.store.metric_list(&world.scope, id.clone(), since).await.expect("read").is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_would_be_done_and_does_nothing() {
    let Some(world) = World::new().await else { return };
    let id = world.application("web", web("web.localhost")).await;
    world.live(&id, web("web.localhost"), page("here")).await;
    let own = application(&world, &id).await;
    let plan = world.engine.plan_preview(&own, Operation::Delete, None, true).await.expect("a plan");
    assert_eq!(plan.summary, "Deletes the application with 1 container, 1 image. This cannot be undone.");
    let live = world.live_release(&id).await.expect("one");
    let plan = world.engine.plan_preview(&own, Operation::Restart, Some(&live), false).await.expect("a plan");
    assert!(plan.summary.starts_with("Release 1 starts anew in 1 container"), "{}", plan.summary);
    world.answers("web.localhost", "here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_looked_at_before_it_is_saved() {
    let Some(world) = World::new().await else { return };
    let url = repository(world.folder.path(), &[("app/Dockerfile", "FROM busybox\nEXPOSE 9000\n")]).await;
    let look = world.engine.look(&url, None).await.expect("looked at");
    assert_eq!((look.branches.as_slice(), look.default_branch.as_deref()), (&["main".to_owned()][..], Some("main")));
    let source = |base: &str| model::GitSource {
        url: url.clone(),
        reference: "main".parse().expect("valid"),
        base_directory: base.parse().expect("valid"),
        key: None,
        submodules: false,
    };
    let found = world.engine.inspect_repository(&source("app"), None).await.expect("inspected");
    assert_eq!((found.build_pack.as_deref(), found.port.map(model::Port::number)), (Some("dockerfile"), Some(9000)));
    commit(&world.folder.path().join("repository"), &[("site/index.html", "x")], "second").await;
    let found = world.engine.inspect_repository(&source("site"), None).await.expect("inspected");
    assert_eq!(found.build_pack.as_deref(), Some("static"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_source_is_the_reason_of_the_deployment() {
    let Some(world) = World::new().await else { return };
    let url = repository(world.folder.path(), &[("README.md", "x")]).await;
    let pack = || model::BuildPack::Dockerfile(model::DockerfilePack::default());
    let mut gone = crate::deploys::from_git(url.clone(), pack(), "a.localhost");
    if let model::Source::Git(source) = &mut gone.source {
        source.reference = "nowhere".parse().expect("valid");
    }
    let mut absent = web("c.localhost");
    absent.source = model::Source::Image { reference: "127.0.0.1:5000/wharf-test-no-such-image:1".parse().expect("valid"), credential: None };
    let cases = [
        (gone, "no branch or tag `nowhere`"),
        (crate::deploys::from_git(url, pack(), "b.localhost"), "there is no Dockerfile at Dockerfile"),
        (absent, "there is no image 127.0.0.1:5000/wharf-test-no-such-image:1"),
    ];
    for (at, (settings, said)) in cases.into_iter().enumerate() {
        let id = world.application(&format!("web-{at}"), settings.clone()).await;
        let deployment = world.deploy(&id, settings, vec![]).await;
        let row = world.ended(&deployment).await.deployment;
        assert!(row.reason.as_ref().is_some_and(|reason| reason.contains(said)), "{:?}", row.reason);
        assert_eq!(row.status, model::DeploymentStatus::Failed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_and_the_reconcilers_report() {
    let Some(world) = World::new().await else { return };
    until("the edge serves", || async { world.engine.edge_status().await.is_ok() }).await;
    let findings = world.engine.doctor().await;
    let bad: Vec<_> = findings.iter().filter(|finding| finding.state == engine::State::Bad).collect();
    assert!(bad.is_empty(), "{bad:?}");
    for what in ["Container engine", "Edge", "Disk", "Memory", "Data folder", "Clock"] {
        assert!(findings.iter().any(|finding| finding.what == what), "{what}");
    }
    until("every reconciler ran", || async { world.engine.reconcilers().iter().all(|report| report.at.is_some()) }).await;
    assert!(world.engine.server_facts().await.expect("facts").memory_total_bytes > 0);
}
