//! Images: pulled, imported, tagged.

use crate::bench::{BUSYBOX, with_engine};
use docker::{Credential, EdgeSpec, Error, ImportOptions};
use futures_util::{StreamExt, stream};
use model::Secret;

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
