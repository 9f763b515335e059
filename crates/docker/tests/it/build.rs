//! Builds.

use crate::bench::{BUSYBOX, Bench, soon, until, with_engine};
use bytes::Bytes;
use docker::{BuildRequest, Error};
use futures_util::{StreamExt, stream};
use model::Secret;
use tokio::sync::mpsc;

/// A build of a Dockerfile in a folder, with a file beside it.
pub fn request(bench: &Bench, dockerfile: &str) -> BuildRequest {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in [("sub/Dockerfile", dockerfile), ("hello", "hello\n")] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, content.as_bytes()).expect("packs");
    }
    let bytes = tar.into_inner().expect("packs");
    let pieces: Vec<std::io::Result<Bytes>> = bytes.chunks(1000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    BuildRequest {
        tag: bench.tag("built"),
        context: stream::iter(pieces).boxed(),
        dockerfile: "sub/Dockerfile".into(),
        target: None,
        arguments: Vec::new(),
        secrets: Vec::new(),
        credentials: Vec::new(),
        labels: vec![("org.example".into(), "yes".into())],
        no_cache: false,
    }
}

async fn history(tag: &str) -> String {
    let docker = bollard::Docker::connect_with_local_defaults().expect("an engine");
    let (history, facts) = (docker.image_history(tag).await, docker.inspect_image(tag).await);
    format!("{:?} {:?}", history.expect("a history"), facts.expect("facts"))
}

#[tokio::test]
async fn arguments_and_secrets_reach_the_build_and_secrets_leave_no_trace() {
    with_engine(|bench| async move {
        // The value itself must not be in the Dockerfile: were it there, history and the step's name would hold it.
        let canary = format!("canary-{}", bench.application);
        let check = format!("grep -q ^canary- /run/secrets/TOKEN && test $(wc -c < /run/secrets/TOKEN) = {}", canary.len());
        let dockerfile = format!("FROM {BUSYBOX}\nARG GREETING\nCOPY hello /hello\nRUN --mount=type=secret,id=TOKEN {check}\nRUN echo \"says $GREETING\"\n");
        let mut request = request(&bench, &dockerfile);
        request.arguments = vec![("GREETING".into(), Secret::new("good day"))];
        request.secrets = vec![("TOKEN".into(), Secret::new(canary.clone()))];
        request.no_cache = true;
        let mut lines = Vec::new();
        let id = bench.engine.image_build(request, |line| lines.push(line.to_owned())).await.expect("it is built");
        let facts = bench.engine.image_facts(&bench.tag("built")).await.expect("the engine answers").expect("it is there");
        assert_eq!(facts.id, id);
        assert!(lines.iter().any(|line| line.ends_with("says good day")), "{lines:#?}");
        assert!(lines.iter().any(|line| line.contains("RUN --mount=type=secret")) && lines.iter().any(|line| line.contains("done in")), "{lines:#?}");
        let history = history(&bench.tag("built")).await;
        assert!(history.contains("wharf.instance") && history.contains("org.example") && !history.contains(&canary), "{history}");
        assert!(!lines.iter().any(|line| line.contains(&canary)));
    })
    .await;
}

/// Whether the step that says this was taken from the cache.
fn cached(lines: &[String], step: &str) -> bool {
    let line = lines.iter().find(|line| line.contains(step)).expect("the step is announced");
    let number = line.split(' ').next().expect("a number");
    lines.contains(&format!("{number} cached"))
}

#[tokio::test]
async fn a_second_build_of_the_same_is_cached() {
    with_engine(|bench| async move {
        let dockerfile = format!("FROM {BUSYBOX}\nCOPY hello /hello\nRUN echo {} > /x\n", bench.application);
        let first = bench.engine.image_build(request(&bench, &dockerfile), |_| {}).await.expect("it is built");
        let mut lines = Vec::new();
        let second = bench.engine.image_build(request(&bench, &dockerfile), |line| lines.push(line.to_owned())).await.expect("it is built");
        assert_eq!(first, second);
        assert!(cached(&lines, "RUN echo"), "{lines:#?}");
        let mut fresh = request(&bench, &dockerfile);
        fresh.no_cache = true;
        let mut lines = Vec::new();
        bench.engine.image_build(fresh, |line| lines.push(line.to_owned())).await.expect("it is built");
        assert!(!cached(&lines, "RUN echo"), "{lines:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_failing_build_names_the_step_and_its_last_lines() {
    with_engine(|bench| async move {
        let dockerfile = format!("FROM {BUSYBOX} AS good\nRUN true\nFROM {BUSYBOX} AS bad\nRUN echo almost >&2; echo broken >&2; exit 9\n");
        let built = bench.engine.image_build(request(&bench, &dockerfile), |_| {}).await;
        let Err(Error::BuildFailed { step, why, tail }) = built else { panic!("{built:?}") };
        assert!(step.contains("RUN echo almost"), "{step}");
        assert!(why.contains("exit code: 9"), "{why}");
        assert_eq!(tail, ["almost", "broken"]);
        let mut good = request(&bench, &dockerfile);
        good.target = Some("good".into());
        bench.engine.image_build(good, |_| {}).await.expect("the stage before is built");
    })
    .await;
}

#[tokio::test]
async fn a_dockerfile_that_makes_no_sense_or_is_not_there_fails_the_build() {
    with_engine(|bench| async move {
        for dockerfile in ["FRUM x", "FROM busybox:latest\nCOPY absent /x\n", "FROM 127.0.0.1:5000/no/such:image\n"] {
            let built = bench.engine.image_build(request(&bench, dockerfile), |_| {}).await;
            assert!(matches!(&built, Err(Error::BuildFailed { .. })), "{built:?}");
        }
        let mut absent = request(&bench, "FROM busybox:latest\n");
        absent.dockerfile = "nowhere/Dockerfile".into();
        let built = bench.engine.image_build(absent, |_| {}).await;
        assert!(matches!(&built, Err(Error::BuildFailed { why, .. }) if why.contains("nowhere")), "{built:?}");
        let mut secret = request(&bench, "FROM busybox:latest\nRUN --mount=type=secret,id=ABSENT,required=true true\n");
        secret.secrets = vec![("OTHER".into(), Secret::new("value"))];
        assert!(matches!(bench.engine.image_build(secret, |_| {}).await, Err(Error::BuildFailed { .. })));
    })
    .await;
}

#[tokio::test]
async fn dropping_a_build_cancels_it() {
    with_engine(|bench| async move {
        let marker = format!("marker-{}", bench.application);
        let dockerfile = format!("FROM {BUSYBOX}\nRUN echo begun; sleep 600; : {marker}\n");
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let (engine, request) = (bench.engine.clone(), request(&bench, &dockerfile));
        let build = tokio::spawn(async move { engine.image_build(request, |line| drop(sender.send(line.to_owned()))).await });
        soon("the step", async { while !receiver.recv().await.expect("the build goes on").ends_with("begun") {} }).await;
        until("the program", || async { runs(&marker) }, |runs| *runs).await;
        build.abort();
        until("the end of the build", || async { runs(&marker) }, |runs| !runs).await;
    })
    .await;
}

/// Whether a process whose arguments hold this runs on the engine's machine, which is this one.
fn runs(marker: &str) -> bool {
    let processes = std::fs::read_dir("/proc").expect("processes");
    let arguments = |process: std::fs::DirEntry| std::fs::read_to_string(process.path().join("cmdline")).unwrap_or_default();
    processes.flatten().any(|process| arguments(process).contains(marker))
}
