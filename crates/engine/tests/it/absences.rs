//! The container engine comes, goes and comes back.

use crate::world::{SOCKET, World, page, until, web};
use model::StepState;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

/// A line to the container engine that can be cut.
pub struct Line {
    path: PathBuf,
    cut: CancellationToken,
}

impl Line {
    pub fn new(path: PathBuf) -> Self {
        Self { path, cut: CancellationToken::new() }
    }

    pub fn join(&mut self) {
        self.cut = CancellationToken::new();
        let listener = tokio::net::UnixListener::bind(&self.path).expect("binds");
        let cut = self.cut.clone();
        tokio::spawn(async move {
            loop {
                let mut near = tokio::select! {
                    () = cut.cancelled() => return,
                    near = listener.accept() => near.expect("accepts").0,
                };
                let cut = cut.clone();
                tokio::spawn(async move {
                    let mut far = tokio::net::UnixStream::connect(SOCKET).await.expect("connects");
                    tokio::select! {
                        () = cut.cancelled() => {}
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                    }
                });
            }
        });
    }

    pub fn cut(&self) {
        self.cut.cancel();
        std::fs::remove_file(&self.path).expect("removed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_away_at_the_start_is_waited_for_and_said_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut line = Line::new(folder.path().join("docker.sock"));
    let Some(world) = World::behind(line.path.clone()).await else { return };
    let id = world.application("web", web("web.localhost")).await;
    let deployment = world.deploy(&id, web("web.localhost"), page("here")).await;
    until("the log says what it waits for", || async { world.log(&deployment).await.contains("Wait for the container engine") }).await;
    let findings = world.engine.doctor().await;
    let engine = findings.iter().find(|finding| finding.what == "Container engine").expect("looked at");
    assert!(!engine.well && engine.sentence.contains("there is no socket at"), "{}", engine.sentence);
    line.join();
    world.finished(&deployment).await;
    world.answers("web.localhost", "here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_goes_away_in_the_middle_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut line = Line::new(folder.path().join("docker.sock"));
    line.join();
    let Some(world) = World::behind(line.path.clone()).await else { return };
    let id = world.application("web", web("web.localhost")).await;
    world.live(&id, web("web.localhost"), page("old")).await;
    let mut settings = web("web.localhost");
    settings.pre_deployment = Some("sleep 2".parse().expect("valid"));
    let deployment = world.deploy(&id, settings, page("new")).await;
    world.reaches(&deployment, "run_before").await;
    until("the command runs", || async { world.containers(&id).await.len() == 2 }).await;
    line.cut();
    until("nothing is known any more", || async { world.engine.status(&id).word() == "unknown" }).await;
    assert_eq!(world.get("web.localhost", "/").await, (200, "old".into()));
    line.join();
    world.finished(&deployment).await;
    world.answers("web.localhost", "new").await;
    let steps = world.store.step_list(&world.scope, deployment).await.expect("steps");
    assert!(!steps.iter().any(|step| step.state == StepState::Failed), "{steps:?}");
}
