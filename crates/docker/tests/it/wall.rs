//! What is not ours is neither seen nor touched.

use crate::bench::{Bench, chance, connect, until, with_engine};
use docker::{Engine, Error};
use model::ApplicationId;

/// Two instances on one engine: the second tries to get at what the first has.
async fn intrude(bench: &Bench, stranger: &Engine) {
    let name = bench.run(&bench.spec("web", "sleep 600")).await;
    let volume = format!("data-{}", bench.application);
    bench.engine.volume_ensure(&volume, &bench.application).await.expect("a volume");

    assert_eq!(stranger.container_inspect(&name).await, Ok(None));
    assert_eq!(stranger.observe_all(&bench.network).await, Ok(Vec::new()));
    assert_eq!(stranger.observe(&bench.application, &bench.network).await.map(|seen| (seen.containers, seen.networks, seen.volumes)), Ok(Default::default()));
    assert!(stranger.owned().await.is_ok_and(|owned| owned.is_empty()));

    let refused = |result: docker::Result<()>| assert!(matches!(result, Err(Error::NotOurs { .. })), "{result:?}");
    refused(stranger.container_stop(&name, 0).await);
    refused(stranger.container_remove(&name, 0).await);
    refused(stranger.container_start(&name).await);
    refused(stranger.container_exec(&name, &["true".into()], |_, _| {}).await.map(drop));
    refused(stranger.container_put_files(&name, &[]).await);
    refused(stranger.container_wait(&name).await.map(drop));
    refused(stranger.edge_remove(&name, 0).await);
    refused(stranger.network_ensure(&bench.network).await);
    refused(stranger.network_remove(&bench.network).await);
    refused(stranger.volume_ensure(&volume, &bench.application).await);
    refused(stranger.volume_remove(&volume).await);
    refused(bench.engine.volume_ensure(&volume, &ApplicationId::from_chance(chance())).await);
    refused(bench.engine.edge_remove(&name, 0).await);
    assert!(matches!(stranger.container_create(&bench.spec("web", "true")).await, Err(Error::NotOurs { .. })));

    stranger.remove_owned().await.expect("there is nothing to remove");
    assert!(bench.engine.container_inspect(&name).await.is_ok_and(|seen| seen.is_some_and(|seen| seen.state.running())));
}

#[tokio::test]
async fn another_instance_sees_nothing_and_removes_nothing() {
    with_engine(|bench| async move { intrude(&bench, &connect().await).await }).await;
}

/// Makes and removes a container that no Wharf made, by the engine's own client.
async fn unlabelled(name: &str) -> bollard::Docker {
    let docker = bollard::Docker::connect_with_local_defaults().expect("an engine");
    let body = bollard::models::ContainerCreateBody { image: Some("busybox:latest".into()), cmd: Some(vec!["true".into()]), ..Default::default() };
    let options = bollard::query_parameters::CreateContainerOptions { name: Some(name.into()), ..Default::default() };
    docker.create_container(Some(options), body).await.expect("a container");
    docker
}

#[tokio::test]
async fn a_container_without_labels_is_neither_seen_nor_removable() {
    with_engine(|bench| async move {
        let name = format!("foreign-{}", bench.application);
        let docker = unlabelled(&name).await;
        let seen = bench.engine.container_inspect(&name).await;
        let removed = bench.engine.container_remove(&name, 0).await;
        let made = bench.engine.container_create(&bench.spec("foreign", "true")).await;
        docker.remove_container(&name, None).await.expect("it is still there");
        assert_eq!(seen, Ok(None));
        assert!(matches!(removed, Err(Error::NotOurs { .. })), "{removed:?}");
        assert!(matches!(made, Err(Error::NotOurs { .. })), "{made:?}");
    })
    .await;
}

#[tokio::test]
async fn an_image_that_is_none_of_ours_is_not_removed() {
    with_engine(|bench| async move {
        assert!(matches!(bench.engine.image_remove("busybox:latest").await, Err(Error::NotOurs { .. })));
        assert_eq!(bench.engine.image_remove(&bench.tag("absent")).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn removing_everything_of_ours_leaves_nothing() {
    with_engine(|bench| async move {
        bench.run(&bench.spec("web", "sleep 600")).await;
        bench.engine.volume_ensure(&format!("data-{}", bench.application), &bench.application).await.expect("a volume");
        bench.engine.image_tag("busybox:latest", &bench.tag("pulled")).await.expect("a tag");
        let owned = bench.engine.owned().await.expect("the engine answers");
        assert_eq!((owned.containers.len(), owned.networks.len(), owned.volumes.len(), owned.images), (1, 1, 1, vec![bench.tag("pulled")]));
        bench.engine.remove_owned().await.expect("everything goes");
        until("nothing", || bench.engine.owned(), |owned| owned.as_ref().is_ok_and(docker::Owned::is_empty)).await.expect("the engine answers");
    })
    .await;
}
