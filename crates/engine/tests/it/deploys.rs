//! Deployments that go live.

use crate::world::{World, page, repository, web};
use model::{BuildPack, DockerfilePack, GitSource, RelativePath, Settings, Source, StaticPack};

pub fn from_git(url: model::GitUrl, pack: BuildPack, host: &str) -> Settings {
    let source = GitSource { url, reference: "main".parse().expect("valid"), base_directory: RelativePath::root(), key: None, submodules: false };
    let mut settings = Settings::new(Source::Git(source), pack);
    settings.domains = vec![format!("http://{host}").parse().expect("valid")];
    settings.grace_seconds = 1;
    settings
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_goes_live_through_the_edge() {
    let Some(world) = World::new().await else { return };
    let id = world.application("web", web("web.localhost")).await;
    let deployment = world.live(&id, web("web.localhost"), page("hello from an image")).await;
    world.answers("web.localhost", "hello from an image").await;
    assert_eq!(world.engine.status(&id).word(), "running");
    assert!(world.log(&deployment).await.contains("Healthy after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_static_site_from_git_goes_live() {
    let Some(world) = World::new().await else { return };
    let url = repository(world.folder.path(), &[("index.html", "hello from git"), ("404.html", "not here")]).await;
    let settings = from_git(url, BuildPack::Static(StaticPack::default()), "site.localhost");
    let id = world.application("site", settings.clone()).await;
    let deployment = world.live(&id, settings, vec![]).await;
    world.answers("site.localhost", "hello from git").await;
    assert_eq!(world.get("site.localhost", "/nowhere").await, (404, "not here".into()));
    let row = world.row(&deployment).await;
    assert_eq!((row.commit_message.as_deref(), row.commit.is_some()), (Some("first"), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dockerfile_from_git_is_built_and_goes_live() {
    let Some(world) = World::new().await else { return };
    let dockerfile = "FROM busybox:latest\nCOPY www /www\nEXPOSE 8080\nCMD [\"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/www\"]\n";
    let url = repository(world.folder.path(), &[("Dockerfile", dockerfile), ("www/index.html", "hello from a build")]).await;
    let settings = from_git(url, BuildPack::Dockerfile(DockerfilePack::default()), "built.localhost");
    let id = world.application("built", settings.clone()).await;
    let deployment = world.live(&id, settings.clone(), vec![]).await;
    world.answers("built.localhost", "hello from a build").await;
    let commit = world.row(&deployment).await.commit.expect("resolved");
    let own = world.store.application_fetch(&world.scope, id.clone()).await.expect("there").application;
    let (_, given) = world.exec(&own, None, &["sh", "-c", "echo $WHARF_COMMIT"]).await.expect("ran");
    assert_eq!(given.trim(), commit.as_str());
    let containers = world.docker.owned().await.expect("listed").containers;
    world.live(&id, settings, vec![]).await;
    assert_eq!(world.docker.owned().await.expect("listed").containers, containers, "the same commit replaces nothing");
}
