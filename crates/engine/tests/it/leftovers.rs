//! What nobody needs any more goes: images and commits of releases that are not kept, caches of repositories, networks without an application.

use crate::deploys::from_git;
use crate::world::{SOCKET, World, chance, page, repository, until, web};
use jiff::Timestamp;
use model::{BuildPack, InstanceId, Operation, StaticPack};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The caches of repositories that a world has.
fn caches(world: &World) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(world.folder.path().join("data/source/repositories")).expect("reads");
    folders.map(|folder| folder.expect("a folder").path()).collect()
}

/// Makes a file look as if it was written long ago.
fn age(file: &Path) {
    let opened = std::fs::File::options().append(true).open(file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
    opened.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).expect("set");
}

/// Waits until a reconciler has done its work anew; while the engine is not connected yet it cannot.
async fn ran(world: &World, name: &str, since: Timestamp) {
    let done = |report: &engine::Report| report.name == name && report.at.is_some_and(|at| at > since) && report.problem.is_none();
    until(&format!("{name} ran"), || async { world.engine.reconcilers().iter().any(done) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn images_and_commits_that_are_not_kept_go_and_so_do_caches_of_repositories_that_nobody_has() {
    let Some(mut world) = World::new().await else { return };
    let mut settings = web("web.localhost");
    settings.keep_releases = 2;
    let id = world.application("web", settings.clone()).await;
    for text in ["one", "two", "three"] {
        world.live(&id, settings.clone(), page(text)).await;
    }
    // As if the deployment that removed the first image had been cut off before it did.
    let releases = world.store.release_list(&world.scope, id.clone(), 10).await.expect("reads");
    let with_image = |number| releases.iter().any(|release| release.number == number && release.image.is_some());
    assert!(!with_image(1) && with_image(2) && with_image(3), "of releases of one and the same image those that are kept can be gone back to");
    let first = releases.iter().find(|release| release.number == 1).expect("kept").id.clone();
    let tag = format!("wharf/{id}:left-over");
    world.docker.image_tag("busybox:latest", &tag).await.expect("tagged");
    world.store.release_image_set(&world.scope, first.clone(), Some(tag.clone())).await.expect("set");

    let url = repository(world.folder.path(), &[("index.html", "hello")]).await;
    let site = from_git(url.clone(), BuildPack::Static(StaticPack::default()), "site.localhost");
    let site_id = world.application("site", site.clone()).await;
    let deployed = world.live(&site_id, site, vec![]).await;
    let kept = caches(&world);
    let commit = world.row(&deployed).await.commit.expect("resolved");
    let git = world.folder.path().join("repository");
    crate::world::commit(&git, &[("index.html", "later")], "second").await;
    let other = tempfile::tempdir().expect("a folder");
    for url in [url, repository(other.path(), &[("index.html", "looked at and never saved")]).await] {
        let model::Source::Git(source) = from_git(url, BuildPack::Static(StaticPack::default()), "x.localhost").source else { panic!("from git") };
        world.engine.inspect_repository(&source, None).await.expect("inspected");
    }
    let all = caches(&world);
    assert_eq!((kept.len(), all.len()), (1, 2));
    for cache in &all {
        age(&cache.join("wharf-used"));
        for commit in std::fs::read_dir(cache.join("refs/wharf")).expect("reads") {
            age(&commit.expect("a commit").path());
        }
    }
    let since = Timestamp::now();
    world.restart().await;
    ran(&world, "retention", since).await;
    let left = world.docker.image_list_of(&id).await.expect("listed");
    assert!(!left.contains(&tag), "the image is still there: {left:?} {:?}", world.engine.reconcilers());
    assert_eq!(world.store.release_fetch(&world.scope, first).await.expect("there").image, None);
    assert_eq!(caches(&world), kept, "only the cache of the application's repository stays");
    let packed = std::fs::read_to_string(kept[0].join("packed-refs")).unwrap_or_default();
    let loose: Vec<_> = std::fs::read_dir(kept[0].join("refs/wharf")).into_iter().flatten().map(|file| file.expect("a file").file_name()).collect();
    assert!(packed.contains(commit.as_str()) || loose.iter().any(|name| *name == *commit.as_str()), "the commit that serves is gone");
    assert_eq!(packed.matches("refs/wharf/").count() + loose.len(), 1, "the commit that was only looked at is still there: {packed} {loose:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_goes_with_its_last_application_unless_somebody_is_on_it() {
    let Some(mut world) = World::new().await else { return };
    let id = world.application("web", web("web.localhost")).await;
    world.live(&id, web("web.localhost"), page("here")).await;
    let networks = world.docker.owned().await.expect("asked").networks;
    assert_eq!(networks.len(), 1);
    // Somebody else's container, which does not even run.
    let stranger = docker::Engine::connect(Path::new(SOCKET), InstanceId::from_chance(chance())).await.expect("an engine");
    let guest = docker::ContainerSpec { network: networks[0].clone(), ..world.container("guest") };
    stranger.container_create(&guest).await.expect("made");
    let since = Timestamp::now();
    world.act(&id, Operation::Delete, None).await;
    until("the application is gone", || async { world.store.application_fetch(&world.scope, id.clone()).await.is_err() }).await;
    ran(&world, "orphans", since).await;
    let since = Timestamp::now();
    world.restart().await;
    ran(&world, "orphans", since).await;
    let owned = world.docker.owned().await.expect("asked").networks;
    stranger.container_remove(&guest.name, 0).await.expect("removed");
    assert_eq!(owned, networks, "a network that somebody is on is left alone");
    world.restart().await;
    until("the network is gone", || async { world.docker.owned().await.expect("asked").networks.is_empty() }).await;
}
