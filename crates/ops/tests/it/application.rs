//! Applications: what is typed, what is refused, what is shown.

use crate::fixture::{World, fields, patch};
use model::{BuildPack, Source, health::Probe};
use ops::{ApplicationPatch, CloneRequest, DeleteRequest, Error, HitKind, KeyForm, MountForm, NamedForm, Status, VariableForm};

#[tokio::test]
async fn every_field_is_told_at_once_and_nothing_is_made() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let typed = [
        ("name", "web"),
        ("git_repository", "not an address"),
        ("git_branch", "main"),
        ("build_pack", "nixpacks"),
        ("ports_exposes", "99999"),
        ("ports_mappings", "80"),
        ("domains", "https://a_b.example.com, ht!tp"),
        ("redirect", "sideways"),
        ("health_check_interval", "often"),
        ("health_check_method", "BREW"),
        ("health_check_path", "/up"),
        ("limits_memory", "1m"),
        ("limits_cpus", "many"),
        ("replicas", "0"),
        ("start_command", "\"open"),
        ("custom_labels", "wharf.team=x"),
        ("watch_paths", "[a"),
        ("git_commit_sha", "abc"),
        ("is_auto_deploy_enabled", "perhaps"),
        ("base_directory", "../up"),
    ];
    let found = fields(world.create(&ada, &typed).await);
    for (field, _) in typed.iter().filter(|(field, _)| !["name", "git_branch", "health_check_path"].contains(field)) {
        assert!(found.iter().any(|known| known == field), "{field} is not among {found:?}");
    }
    assert_eq!(world.ops.application_list(&ada.scope, None).await.expect("reads"), []);
}

#[tokio::test]
async fn what_is_typed_becomes_settings_and_an_empty_text_clears_them() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let id = world.repository(&ada, "My shop").await;
    let json = r#"{"limits_memory": "512m", "limits_cpus": 0.5, "ports_exposes": "3000", "health_check_enabled": true, "health_check_path": "/up",
        "is_auto_deploy_enabled": false, "publish_directory": "dist", "build_pack": "static", "is_spa": "on", "start_command": "node 'a b'",
        "watch_paths": "src/**\n!docs", "git_commit_sha": "HEAD", "domains": "shop.example.com,https://shop.example.com:8081/admin", "description": " d "}"#;
    let typed: ApplicationPatch = serde_json::from_str(json).expect("reads");
    let application = world.ops.application_update(&ada.scope, id.clone(), typed, false).await.expect("changed");
    let settings = &application.settings;
    assert_eq!((settings.limits.memory_bytes, settings.limits.cpu_thousandths), (Some(512 << 20), Some(500)));
    assert!(matches!(&settings.health.probe, Probe::Http { path, .. } if path == "/up"));
    assert!(matches!(&settings.pack, BuildPack::Static(pack) if pack.spa && pack.publish_directory.as_str() == "dist"));
    assert_eq!(settings.command.as_ref().map(|line| line.argv()), Some(vec!["node".to_owned(), "a b".to_owned()]));
    assert_eq!((settings.domains.len(), application.description.as_str(), settings.auto_deploy), (2, "d", false));
    let cleared: ApplicationPatch =
        serde_json::from_str(r#"{"limits_memory": null, "start_command": "", "domains": null, "ports_exposes": ""}"#).expect("reads");
    let application = world.ops.application_update(&ada.scope, id, cleared, false).await.expect("changed");
    assert_eq!((application.settings.limits.memory_bytes, application.settings.command.clone(), application.settings.exposed_port), (None, None, None));
    assert!(application.settings.domains.is_empty() && matches!(application.settings.health.probe, Probe::Http { .. }));
}

#[tokio::test]
async fn every_field_of_the_patch_is_read() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let unread: Vec<&str> =
        ApplicationPatch::FIELDS.iter().copied().filter(|field| !PARSE.contains(&format!("\"{field}\"")) && !NAMED.contains(field)).collect();
    assert_eq!(unread, Vec::<&str>::new());
    assert!(world.create(&ada, &[("name", "x")]).await.is_err());
}
const PARSE: &str = include_str!("../../src/application/parse.rs");
/// Fields that are read beside the settings.
const NAMED: [&str; 3] = ["name", "description", "dockerfile"];

#[tokio::test]
async fn images_are_named_with_tag_digest_or_neither() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let digest = "a".repeat(64);
    for (name, tag, expected) in [
        ("nginx", "", "nginx".to_owned()),
        ("nginx:1.27", "", "nginx:1.27".to_owned()),
        ("nginx", "1.26", "nginx:1.26".to_owned()),
        ("registry.example.com:5000/a/b", &format!("sha256:{digest}"), format!("registry.example.com:5000/a/b@sha256:{digest}")),
        ("nginx", &digest, format!("nginx@sha256:{digest}")),
    ] {
        let id = world.create(&ada, &[("docker_registry_image_name", name), ("docker_registry_image_tag", tag)]).await.expect("made");
        let application = world.ops.application_fetch(&ada.scope, id).await.expect("reads").application;
        assert!(matches!(&application.settings.source, Source::Image { reference, .. } if reference.to_string() == expected), "{expected}");
        assert_eq!(application.settings.pack, BuildPack::Image);
    }
}

#[tokio::test]
async fn an_application_gets_a_free_domain_with_the_edges_port() {
    let world = World::empty().await;
    let (ada, bob) = (world.team("ada").await, world.team("bob").await);
    let first = world.image(&ada, "My shop").await;
    let page = world.ops.application_show(&ada.scope, first).await.expect("reads");
    assert_eq!(page.urls, ["http://my-shop.localhost:8080"]);
    assert!(matches!(page.status, Status::NeverDeployed | Status::Unknown { .. }));
    let second = world.image(&bob, "My shop").await;
    let page = world.ops.application_show(&bob.scope, second.clone()).await.expect("reads");
    assert_eq!(page.urls, [format!("http://my-shop-{}.localhost:8080", second.short())], "the name is another team's");
}

#[tokio::test]
async fn a_taken_domain_is_a_conflict_that_names_who_has_it_within_the_team_only() {
    let world = World::empty().await;
    let (ada, bob) = (world.team("ada").await, world.team("bob").await);
    let fields = [("name", "shop"), ("docker_registry_image_name", "busybox"), ("domains", "https://shop.example.com/x")];
    world.create(&ada, &fields).await.expect("made");
    for (team, owner) in [(&ada, "shop"), (&bob, "another application")] {
        let Err(Error::Conflict { details, .. }) = world.create(team, &fields).await else { panic!("a taken domain was given again") };
        assert_eq!((details[0].what.as_str(), details[0].resource.as_str()), ("shop.example.com/x", owner));
    }
}

#[tokio::test]
async fn every_domain_that_is_taken_is_told_at_once() {
    let world = World::empty().await;
    let (ada, bob) = (world.team("ada").await, world.team("bob").await);
    let fields = |name, domains| [("name", name), ("docker_registry_image_name", "busybox"), ("domains", domains)];
    world.create(&ada, &fields("shop", "https://shop.example.com")).await.expect("made");
    world.create(&ada, &fields("blog", "https://blog.example.com/x")).await.expect("made");
    world.create(&bob, &fields("mail", "https://mail.example.com")).await.expect("made");
    let wanted = fields("all", "https://new.example.com, https://shop.example.com, https://blog.example.com/x, https://mail.example.com");
    let Err(Error::Conflict { why, details }) = world.create(&ada, &wanted).await else { panic!("taken domains were given again") };
    let told: Vec<_> = details.iter().map(|clash| (clash.what.as_str(), clash.resource.as_str())).collect();
    assert_eq!(told, [("shop.example.com", "shop"), ("blog.example.com/x", "blog"), ("mail.example.com", "another application")]);
    assert_eq!(
        why,
        "shop.example.com belongs to shop, blog.example.com/x belongs to blog, mail.example.com is already in use: remove them there or choose other domains"
    );
    let Err(Error::Conflict { why, .. }) = world.create(&bob, &fields("other", "https://shop.example.com")).await else { panic!("it was given again") };
    assert_eq!(why, "shop.example.com is already in use: choose another domain");
}

#[tokio::test]
async fn a_host_port_belongs_to_one_application_of_a_server() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let with = |name, ports| [("name", name), ("docker_registry_image_name", "busybox"), ("ports_mappings", ports)];
    let first = world.create(&ada, &with("one", "127.0.0.1:8080:80, 53:53/udp")).await.expect("made");
    assert_eq!(fields(world.create(&ada, &with("two", "8080:80")).await), ["ports_mappings"]);
    world.create(&ada, &with("three", "127.0.0.2:8080:80, 53:53")).await.expect("another address and another transport");
    world.ops.application_update(&ada.scope, first, patch(&[("ports_mappings", "8080:81")]), false).await.expect_err("three has it now");
}

#[tokio::test]
async fn what_the_instance_does_not_allow_is_said_at_the_repository() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    for url in ["file:///srv/repo.git", "http://git.example.com/a/b.git", "https://127.0.0.1/a/b.git", "https://10.1.2.3/a.git", "https://[::1]/a.git"] {
        let result = world.create(&ada, &[("name", "x"), ("git_repository", url), ("git_branch", "main")]).await;
        assert_eq!(fields(result), ["git_repository"], "{url}");
    }
    let key = world.ops.key_create(&ada.scope, KeyForm { name: "deploy".into(), ..KeyForm::default() }).await.expect("made").id;
    for url in ["git@127.0.0.1:a/b", "git@localhost:a/b", "ssh://git@10.0.0.1/a", "ssh://git@[fd00::1]/a"] {
        let typed = [("name", "x"), ("git_repository", url), ("git_branch", "main"), ("private_key_uuid", key.as_str())];
        assert_eq!(fields(world.create(&ada, &typed).await), ["git_repository"], "{url}");
    }
    let ssh = world.create(&ada, &[("name", "x"), ("git_repository", "git@git.example.com:a/b.git"), ("git_branch", "main")]).await;
    assert_eq!(fields(ssh), ["private_key_uuid"]);
    let foreign = world.create(&ada, &[("git_repository", "git@h.example.com:a/b"), ("git_branch", "main"), ("private_key_uuid", ada.project.as_str())]).await;
    assert_eq!(fields(foreign), ["private_key_uuid"], "a key that is not the team's");
}

#[tokio::test]
async fn the_first_environment_of_a_project_stays_and_a_project_goes_only_when_it_is_empty() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let id = world.image(&ada, "web").await;
    let Err(Error::Conflict { why, .. }) = world.ops.environment_delete(&ada.scope, ada.environment.clone()).await else { panic!("production went") };
    assert_eq!(why, "a project keeps its first environment: rename it, or delete the whole project");
    let Err(Error::Conflict { details, .. }) = world.ops.project_delete(&ada.scope, ada.project.clone()).await else { panic!("a full project went") };
    assert_eq!(details[0].resource, "web");
    let named = |name: &str| NamedForm { name: name.into(), description: String::new() };
    let other = world.ops.project_create(&ada.scope, named("Other")).await.expect("made");
    assert_eq!(fields(world.ops.project_create(&ada.scope, named("Other")).await), ["name"]);
    let production = world.ops.environment_find(&ada.scope, other.clone(), "production").await.expect("there");
    world.ops.application_move(&ada.scope, id, production.id.clone()).await.expect("moved");
    world.ops.project_delete(&ada.scope, ada.project.clone()).await.expect("it is empty now");
    assert_eq!(world.ops.environment_find(&ada.scope, other, production.id.as_str()).await.expect("there").applications, 1);
}

#[tokio::test]
async fn a_clone_takes_settings_storage_and_variables_but_no_domain() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let fields =
        [("name", "web"), ("docker_registry_image_name", "busybox"), ("domains", "web.example.com"), ("limits_memory", "64m"), ("ports_mappings", "81:80")];
    let id = world.create(&ada, &fields).await.expect("made");
    let variable = VariableForm { name: "A".into(), value: Some(model::Secret::new("1")), ..VariableForm::default() };
    world.ops.variable_put(&ada.scope, id.clone(), vec![variable]).await.expect("set");
    world.ops.mount_put(&ada.scope, id.clone(), None, "/data", MountForm::Volume { name: String::new() }).await.expect("set");
    let request = CloneRequest { name: "web two".into(), environment: ada.environment.clone(), destination: None, with_variables: true };
    let copy = world.ops.application_clone(&ada.scope, id.clone(), request).await.expect("cloned");
    assert_eq!(copy.settings.domains[0].to_string(), "http://web-two.localhost");
    assert_eq!((copy.settings.limits.memory_bytes, copy.settings.port_mappings.len()), (Some(64 << 20), 0));
    assert_eq!(world.ops.variable_list(&ada.scope, copy.id.clone()).await.expect("reads")[0].name.as_str(), "A");
    assert_eq!(world.ops.mount_list(&ada.scope, copy.id).await.expect("reads")[0].path.as_str(), "/data");
}

#[tokio::test]
async fn what_is_not_live_is_given_up_for_what_is() {
    let world = World::empty().await.still().await;
    let ada = world.team("ada").await;
    let id = world.create(&ada, &[("name", "web"), ("docker_registry_image_name", "busybox"), ("limits_memory", "64m")]).await.expect("made");
    let put = async |name: &str, value: &str| {
        let variable = VariableForm { name: name.into(), value: Some(model::Secret::new(value)), ..VariableForm::default() };
        world.ops.variable_put(&ada.scope, id.clone(), vec![variable]).await.expect("set")
    };
    let share = async |value: &str| {
        let form = ops::SharedVariableForm { name: "REGION".into(), value: Some(model::Secret::new(value)), hidden: false, comment: None };
        world.ops.shared_variable_put(&ada.scope, ops::SharedOwner::Team, form).await.expect("set");
    };
    share("north").await;
    put("KEPT", "1").await;
    put("GONE", "{{not a reference}}").await;
    put("WHERE", "{{team.REGION}}").await;
    world.ops.mount_put(&ada.scope, id.clone(), None, "/data", MountForm::Volume { name: "data".into() }).await.expect("set");
    assert!(matches!(world.ops.application_discard(&ada.scope, id.clone()).await, Err(Error::Conflict { .. })), "nothing is live yet");
    let queued = world.ops.deployment_create(&ada.scope, id.clone(), ops::DeployRequest::of(model::Operation::Deploy)).await.expect("queued");
    let release = queued.deployment.deployment.release;
    world.store.application_live_set(&ada.scope, id.clone(), release, model::application::Desired::Running).await.expect("written");

    let mut patch = ApplicationPatch::default();
    for (field, text) in [("limits_memory", "128m"), ("domains", "web.example.com"), ("description", "Kept")] {
        assert!(patch.set(field, text));
    }
    world.ops.application_update(&ada.scope, id.clone(), patch, false).await.expect("saved");
    put("KEPT", "2").await;
    put("NEW", "3").await;
    let known = world.ops.variable_list(&ada.scope, id.clone()).await.expect("reads");
    let gone = known.iter().find(|variable| variable.name.as_str() == "GONE").and_then(|variable| variable.id.clone()).expect("known");
    world.ops.variable_delete(&ada.scope, id.clone(), gone).await.expect("removed");
    let mount = world.ops.mount_list(&ada.scope, id.clone()).await.expect("reads").remove(0).id;
    world.ops.mount_delete(&ada.scope, id.clone(), mount).await.expect("removed");
    world.ops.mount_put(&ada.scope, id.clone(), None, "/other", MountForm::Volume { name: "other".into() }).await.expect("set");
    assert!(world.ops.application_show(&ada.scope, id.clone()).await.expect("reads").changes.len() > 5);

    world.ops.application_discard(&ada.scope, id.clone()).await.expect("given up");
    let page = world.ops.application_show(&ada.scope, id.clone()).await.expect("reads");
    assert!(page.changes.is_empty(), "{:?}", page.changes);
    assert_eq!(page.row.application.description, "Kept", "a description is no part of a release");
    share("south").await;
    let changes = world.ops.application_show(&ada.scope, id.clone()).await.expect("reads").changes;
    assert_eq!(changes.len(), 1, "what refers to a shared variable still does: {changes:?}");
}

#[tokio::test]
async fn host_paths_are_for_owners() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let carol = world.member(&ada, "carol", model::Role::Admin).await;
    let id = world.image(&ada, "web").await;
    let host = || MountForm::Host { source: "/srv/data".into(), read_only: true };
    assert!(matches!(world.ops.mount_put(&carol, id.clone(), None, "/data", host()).await, Err(Error::Forbidden { .. })));
    let mount = world.ops.mount_put(&ada.scope, id.clone(), None, "/data", host()).await.expect("set");
    let to_volume = world.ops.mount_put(&carol, id.clone(), Some(mount.clone()), "/data", MountForm::Volume { name: "v".into() }).await;
    assert!(matches!(to_volume, Err(Error::Forbidden { .. })));
    assert!(matches!(world.ops.mount_delete(&carol, id.clone(), mount.clone()).await, Err(Error::Forbidden { .. })));
    let request = CloneRequest { name: "copy".into(), environment: ada.environment.clone(), destination: None, with_variables: false };
    assert!(matches!(world.ops.application_clone(&carol, id.clone(), request).await, Err(Error::Forbidden { .. })));
    assert_eq!(fields(world.ops.mount_put(&ada.scope, id.clone(), None, "/data", host()).await), ["mount_path"]);
    let file = MountForm::File { content: None, mode: "9".into() };
    assert_eq!(fields(world.ops.mount_put(&ada.scope, id.clone(), None, "etc", file).await), ["mount_path", "mode"]);
    world.ops.mount_delete(&ada.scope, id, mount).await.expect("removed");
}

#[tokio::test]
async fn deleting_asks_for_the_name_and_happens_once() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let id = world.image(&ada, "web").await;
    let typed = |name: &str| DeleteRequest { with_volumes: true, typed_name: Some(name.into()) };
    assert_eq!(fields(world.ops.application_delete(&ada.scope, id.clone(), typed("wep")).await), ["typed_name"]);
    let queued = world.ops.application_delete(&ada.scope, id.clone(), typed("web")).await.expect("queued");
    assert_eq!(queued.deployment.deployment.operation, model::Operation::Delete);
    assert!(matches!(world.ops.application_delete(&ada.scope, id, DeleteRequest::default()).await, Err(Error::Conflict { .. } | Error::NotFound { .. })));
}

#[tokio::test]
async fn search_finds_names_domains_and_repositories_of_the_team_only() {
    let world = World::empty().await;
    let (ada, bob) = (world.team("ada").await, world.team("bob").await);
    let id = world.repository(&ada, "Bakery").await;
    world.image(&bob, "Bakery").await;
    for text in ["bak", "BAKERY.local", "ada/shop", id.as_str()] {
        let hits = world.ops.search(&ada.scope, text).await.expect("reads");
        assert_eq!(hits.len(), 1, "{text}: {hits:?}");
        assert_eq!(hits[0].kind, HitKind::Application(id.clone()));
    }
    let words: Vec<_> = world.ops.search(&ada.scope, "pro").await.expect("reads").into_iter().map(|hit| hit.name).collect();
    assert_eq!(words, ["production", "My project"]);
    assert_eq!(world.ops.search(&ada.scope, "  ").await.expect("reads"), []);
}
