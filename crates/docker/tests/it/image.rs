//! Images: pulled, imported, tagged.

use crate::bench::{BUSYBOX, soon, with_engine};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use docker::{Credential, EdgeSpec, Error, ImportOptions};
use futures_util::{StreamExt, stream};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use model::{ImageReference, Secret};
use tokio::sync::mpsc;

#[tokio::test]
async fn pulling_an_image_that_is_nowhere_says_so() {
    with_engine(|bench| async move {
        let reference = "127.0.0.1:5000/library/no-such-image:none".parse().expect("valid");
        let credential = Credential { username: "somebody".into(), password: Secret::new("canary-??>>~~") };
        for credential in [None, Some(&credential)] {
            let pulled = bench.engine.image_pull(&reference, credential, |_| {}).await;
            assert!(matches!(pulled, Err(Error::NotFound { .. })), "{pulled:?}");
        }
        let reference = "127.0.0.1:1/library/busybox:latest".parse().expect("valid");
        let pulled = bench.engine.image_pull(&reference, None, |_| {}).await;
        assert!(matches!(pulled, Err(Error::Unreachable { .. })), "{pulled:?}");
    })
    .await;
}

#[tokio::test]
async fn an_image_is_pulled_and_progress_is_told_once() {
    with_engine(|bench| async move {
        let mut lines = Vec::new();
        bench.engine.image_pull(&BUSYBOX.parse().expect("valid"), None, |line| lines.push(line.to_owned())).await.expect("it is pulled");
        assert!(lines.iter().any(|line| line.contains("Status:")), "{lines:?}");
        let unique: std::collections::BTreeSet<_> = lines.iter().collect();
        assert_eq!(unique.len(), lines.len(), "{lines:?}");
    })
    .await;
}

#[tokio::test]
async fn an_image_gets_our_tag_and_loses_it_again() {
    with_engine(|bench| async move {
        let (engine, tag) = (&bench.engine, bench.tag("one"));
        for _ in 0..2 {
            engine.image_tag(BUSYBOX, &tag).await.expect("a tag");
        }
        assert_eq!(engine.image_list_of(&bench.application).await, Ok(vec![tag.clone()]));
        let facts = engine.image_facts(&tag).await.expect("the engine answers").expect("it is there");
        assert!(facts.id.starts_with("sha256:") && facts.size_bytes > 0 && !facts.command.is_empty() && facts.created.is_some(), "{facts:?}");
        for _ in 0..2 {
            engine.image_remove(&tag).await.expect("it goes");
        }
        assert_eq!(engine.image_facts(&tag).await, Ok(None));
        assert!(engine.image_facts(BUSYBOX).await.is_ok_and(|facts| facts.is_some()), "the image itself stays");
        assert!(matches!(engine.image_tag("no-such-image:none", &tag).await, Err(Error::NotFound { .. })));
    })
    .await;
}

/// A registry that has nothing, asks for a password, and tells what it was given.
async fn jealous_registry() -> (std::net::SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let sender = sender.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let given = request.headers().get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
                let (status, code) = if given.is_some() { (404, "MANIFEST_UNKNOWN") } else { (401, "UNAUTHORIZED") };
                given.into_iter().for_each(|given| drop(sender.send(given)));
                let body = format!(r#"{{"errors":[{{"code":"{code}","message":"{}"}}]}}"#, code.replace('_', " ").to_lowercase());
                let answer =
                    Response::builder().status(status).header("content-type", "application/json").header("www-authenticate", "Basic realm=\"test\"").body(body);
                std::future::ready(answer)
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (address, receiver)
}

#[tokio::test]
async fn a_credential_reaches_the_registry_from_pulls_and_from_builds() {
    with_engine(|bench| async move {
        let credential = Credential { username: "somebody".into(), password: Secret::new("??>>~~ü") };
        let expected = format!("Basic {}", STANDARD.encode(format!("{}:{}", credential.username, credential.password.expose())));
        let (address, mut given) = jealous_registry().await;
        let reference: ImageReference = format!("{address}/private/app:1").parse().expect("valid");
        let pulled = bench.engine.image_pull(&reference, Some(&credential), |_| {}).await;
        assert!(matches!(pulled, Err(Error::NotFound { .. })), "{pulled:?}");
        assert_eq!(soon("a pull", given.recv()).await, Some(expected.clone()));
        let denied = bench.engine.image_pull(&reference, None, |_| {}).await;
        assert!(matches!(denied, Err(Error::Denied { .. })), "{denied:?}");

        let (address, mut given) = jealous_registry().await;
        let mut request = crate::build::request(&bench, &format!("FROM {address}/private/base:1\n"));
        request.credentials = vec![(address.to_string(), credential)];
        let built = bench.engine.image_build(request, |_| {}).await;
        assert!(matches!(built, Err(Error::BuildFailed { .. })), "{built:?}");
        assert_eq!(soon("a build", given.recv()).await, Some(expected));
    })
    .await;
}

fn archive() -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(5);
    header.set_mode(0o644);
    tar.append_data(&mut header, "hello", &b"hello"[..]).expect("packs");
    tar.into_inner().expect("packs")
}

#[tokio::test]
async fn a_file_system_becomes_an_image_with_entrypoint_and_labels() {
    with_engine(|bench| async move {
        let options = ImportOptions { entrypoint: vec!["/wharf".into(), "a \"b\"".into()], labels: vec![("wharf.kind".into(), "$edge \"q\"".into())] };
        let bytes = archive();
        let pieces: Vec<std::io::Result<bytes::Bytes>> = bytes.chunks(100).map(|piece| Ok(bytes::Bytes::copy_from_slice(piece))).collect();
        bench.engine.image_import(stream::iter(pieces).boxed(), &bench.tag("import"), options.clone()).await.expect("it is imported");
        let facts = bench.engine.image_facts(&bench.tag("import")).await.expect("the engine answers").expect("it is there");
        assert_eq!(facts.entrypoint, options.entrypoint);
        assert!(bench.engine.owned().await.is_ok_and(|owned| owned.images == [bench.tag("import")]));
        let garbage = stream::iter([Ok(bytes::Bytes::from(vec![b'x'; 1024]))]).boxed();
        assert!(bench.engine.image_import(garbage, &bench.tag("garbage"), ImportOptions::default()).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn an_edge_is_made_once_and_a_successor_stands_beside_it() {
    with_engine(|bench| async move {
        let state = tempfile::tempdir().expect("a folder");
        let spec = EdgeSpec {
            name: format!("edge-{}", bench.application),
            image: BUSYBOX.into(),
            state_directory: state.path().to_owned(),
            http_port: 18080.try_into().expect("valid"),
            https_port: 18443.try_into().expect("valid"),
            arguments: ["sh", "-c", "echo here > /state/file; exec sleep 600"].map(str::to_owned).into(),
        };
        let engine = &bench.engine;
        assert_eq!(engine.edge_state().await, Ok(None));
        for _ in 0..2 {
            engine.edge_ensure(&spec).await.expect("an edge");
        }
        let edge = engine.edge_state().await.expect("the engine answers").expect("it is there");
        assert_eq!((edge.name, edge.http_port, edge.state.running()), (spec.name.clone(), Some(spec.http_port), true));
        crate::bench::until("its state", || async { state.path().join("file").exists() }, |there| *there).await;
        let successor = EdgeSpec { name: format!("{}-2", spec.name), ..spec.clone() };
        engine.edge_create(&successor).await.expect("a successor");
        assert_eq!(engine.edge_list().await.map(|edges| edges.len()), Ok(2));
        engine.edge_remove(&spec.name, 0).await.expect("it goes");
        assert_eq!(engine.edge_state().await.map(|edge| edge.map(|edge| edge.name)), Ok(Some(successor.name)));
        assert_eq!(engine.observe_all("host").await, Ok(Vec::new()), "an edge is no application's container");
    })
    .await;
}
