//! Repositories looked at before they are saved: real ones, over HTTP.

use crate::fixture::{Team, World, fields, patch};
use model::{Application, Source};
use ops::{Error, LookRequest, NewApplicationForm};
use testkit::TestForge;

async fn create(world: &World, team: &Team, typed: &[(&str, &str)]) -> Result<Application, Error> {
    let form = NewApplicationForm {
        environment: team.environment.clone(),
        destination: team.destination.clone(),
        settings: patch(typed),
        generate_domain: true,
        look: true,
        hooks: Vec::new(),
    };
    world.ops.application_create(&team.scope, form).await
}

#[tokio::test]
async fn what_is_wrong_with_a_repository_is_told_at_its_field_before_anything_is_saved() {
    let world = World::allowing().await;
    let ada = world.team("ada").await;
    let forge = TestForge::start().await.expect("starts");
    let empty = forge.create_empty("empty").await.expect("made").url_http();
    let shop = forge.create_empty("shop").await.expect("made");
    shop.commit("main", &[("index.html", "<h1>Shop</h1>"), ("web/Dockerfile", "FROM scratch\n")], "First").await.expect("pushed");
    let (shop, nowhere) = (shop.url_http(), forge.create_empty("gone").await.expect("made").url_http().replace("gone", "nowhere"));
    for (url, branch, more, field) in [
        (&nowhere, "main", None, "git_repository"),
        (&nowhere, "", None, "git_repository"),
        (&empty, "main", None, "git_repository"),
        (&shop, "mian", None, "git_branch"),
        (&shop, "main", Some(("base_directory", "nothing")), "base_directory"),
        (&shop, "main", None, "dockerfile_location"),
    ] {
        let mut typed = vec![("git_repository", url.as_str()), ("git_branch", branch)];
        typed.extend(more);
        assert_eq!(fields(create(&world, &ada, &typed).await), [field], "{url} {branch}");
    }
    assert_eq!(world.ops.application_list(&ada.scope, None).await.expect("reads"), []);
    let typed = [("git_repository", shop.as_str()), ("build_pack", "static")];
    let application = create(&world, &ada, &typed).await.expect("made");
    assert!(matches!(&application.settings.source, Source::Git(git) if git.reference.to_string() == "main"), "the default branch");
    assert_eq!(application.name.as_str(), "shop", "the repository's own name");
    create(&world, &ada, &[("git_repository", shop.as_str()), ("base_directory", "/web")]).await.expect("there is a Dockerfile");
}

#[tokio::test]
async fn a_program_is_told_what_is_certain_and_not_kept_by_a_host_that_is_down() {
    let world = World::allowing().await;
    let mut ada = world.team("ada").await;
    ada.scope = world.token(&ada.scope, &["write"]).await;
    let forge = TestForge::start().await.expect("starts");
    let shop = forge.create_empty("shop").await.expect("made");
    shop.commit("main", &[("index.html", "<h1>Shop</h1>")], "First").await.expect("pushed");
    let (shop, nowhere) = (shop.url_http(), shop.url_http().replace("shop", "nowhere"));
    for (url, branch, pack, field) in
        [(&nowhere, "main", "static", "git_repository"), (&shop, "mian", "static", "git_branch"), (&shop, "main", "dockerfile", "dockerfile_location")]
    {
        let typed = [("git_repository", url.as_str()), ("git_branch", branch), ("build_pack", pack)];
        assert_eq!(fields(create(&world, &ada, &typed).await), [field], "{url} {branch}");
    }
    let typed = [("git_repository", shop.as_str()), ("git_branch", "main"), ("build_pack", "static")];
    let made = create(&world, &ada, &typed).await.expect("made");
    forge.set_unavailable(true);
    create(&world, &ada, &typed).await.expect("made: a host that is down may be up when it is deployed");
    let another = patch(&[("git_branch", "next")]);
    world.ops.application_update(&ada.scope, made.id.clone(), another.clone(), true).await.expect("changed");
    forge.set_unavailable(false);
    assert_eq!(fields(world.ops.application_update(&ada.scope, made.id, patch(&[("git_branch", "gone")]), true).await), ["git_branch"]);
    drop(forge);
    create(&world, &ada, &typed).await.expect("made: a host that is gone may be back when it is deployed");
    let person = world.scope(&ada.session).await;
    ada.scope = person;
    assert_eq!(fields(create(&world, &ada, &typed).await), ["git_repository"], "a person can correct it at once");
}

#[tokio::test]
async fn a_look_lists_branches_and_guesses_with_evidence() {
    let world = World::allowing().await;
    let ada = world.team("ada").await;
    let forge = TestForge::start().await.expect("starts");
    let shop = forge.create_empty("shop").await.expect("made");
    shop.commit("main", &[("Dockerfile", "FROM busybox\nEXPOSE 3000\n")], "First").await.expect("pushed");
    shop.commit("next", &[("Dockerfile", "FROM busybox\n")], "Second").await.expect("pushed");
    let request = LookRequest { git_repository: shop.url_http(), ..LookRequest::default() };
    let look = world.ops.application_look(&ada.scope, request.clone()).await.expect("looks");
    assert_eq!((look.branches, look.default_branch.as_deref()), (vec!["main".to_owned(), "next".to_owned()], Some("main")));
    let guess = look.guess.expect("a guess");
    assert_eq!((guess.build_pack.as_deref(), guess.port.map(|port| port.number())), (Some("dockerfile"), Some(3000)));
    assert!(!guess.evidence.is_empty());
    let wrong = LookRequest { git_branch: "-x".into(), base_directory: "..".into(), private_key_uuid: "k".into(), ..request.clone() };
    assert_eq!(fields(world.ops.application_look(&ada.scope, wrong).await), ["base_directory", "git_branch", "private_key_uuid"]);
    let strict = World::empty().await;
    let bob = strict.team("bob").await;
    assert_eq!(fields(strict.ops.application_look(&bob.scope, request).await), ["git_repository"]);
}
