//! Engines that are not there, go away, or are too old.

use crate::bench::{chance, socket, soon, with_engine};
use docker::{Engine, Error};
use futures_util::StreamExt;
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use model::InstanceId;
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::task::AbortOnDropHandle;

async fn refusal(socket: &Path) -> Error {
    Engine::connect(socket, InstanceId::from_chance(chance())).await.expect_err("it is no engine")
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_said_to_be_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let absent = refusal(&folder.path().join("absent.sock")).await;
    assert!(matches!(&absent, Error::Unavailable { why } if why.contains("there is no socket")), "{absent}");
    let refused = folder.path().join("refused.sock");
    drop(std::os::unix::net::UnixListener::bind(&refused).expect("a socket"));
    let refused = refusal(&refused).await;
    assert!(matches!(&refused, Error::Unavailable { why } if why.contains("nobody answers")), "{refused}");
}

#[tokio::test]
async fn an_engine_that_is_too_old_is_said_to_be_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("old.sock");
    let listener = UnixListener::bind(&path).expect("a socket");
    let _old = AbortOnDropHandle::new(tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = |_: Request<Incoming>| std::future::ready(Response::builder().body(r#"{"Version":"20.10.24","ApiVersion":"1.41"}"#.to_owned()));
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)));
        }
    }));
    assert_eq!(refusal(&path).await, Error::TooOld { found: "1.41".into(), needed: "1.44".into() });
}

/// A socket behind which the engine is until the handle is dropped, which cuts every connection.
fn cuttable(path: PathBuf) -> AbortOnDropHandle<()> {
    let listener = UnixListener::bind(path).expect("a socket");
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut connections = Vec::new();
        while let Ok((mut near, _)) = listener.accept().await {
            let mut far = UnixStream::connect(socket()).await.expect("the engine is there");
            connections.push(AbortOnDropHandle::new(tokio::spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await })));
        }
    }))
}

#[tokio::test]
async fn an_engine_that_goes_away_ends_what_was_waited_for() {
    with_engine(|bench| async move {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("engine.sock");
        let line = cuttable(path.clone());
        let engine = Engine::connect(&path, bench.engine.instance().clone()).await.expect("it is there");
        let name = bench.run(&bench.spec("web", "sleep 600")).await;
        let mut events = Box::pin(engine.events());
        bench.engine.container_create(&bench.spec("another", "true")).await.expect("a container");
        soon("an event", events.next()).await.expect("the stream goes on").expect("the engine answers");
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let request = crate::build::request(&bench, &format!("FROM busybox:latest\nRUN echo {}; sleep 600\n", bench.application));
        let building = engine.clone();
        let build = tokio::spawn(async move { building.image_build(request, |line| drop(sender.send(line.to_owned()))).await });
        soon("the build", async { while !receiver.recv().await.expect("it goes on").ends_with(bench.application.as_str()) {} }).await;
        let waiting = engine.clone();
        let wait = tokio::spawn(async move { waiting.container_wait(&name).await });
        drop(line);
        let gone = |what: &str, error: Option<Error>| assert!(matches!(error, Some(Error::Unavailable { .. })), "{what}: {error:?}");
        gone("build", soon("the end of the build", build).await.expect("no panic").err());
        gone("wait", soon("the end of waiting", wait).await.expect("no panic").err());
        gone("ping", engine.ping().await.err());
        gone("observe", engine.observe_all(&bench.network).await.err());
        while let Some(event) = soon("the end of the events", events.next()).await {
            if let Err(error) = event {
                gone("events", Some(error));
                break;
            }
        }
    })
    .await;
}
