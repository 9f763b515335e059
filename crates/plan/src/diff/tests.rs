//! Differences as people read them, and that each is told and digested as what it is.

use super::*;
use crate::{build_digest, configuration_digest};
use model::{ReleaseId, Secret, StorageId};

fn spec() -> Spec {
    let git = GitSource {
        url: "https://forge.example.com/ada/shop.git".parse().expect("an address"),
        reference: "main".parse().expect("a branch"),
        base_directory: "shop".parse().expect("a path"),
        key: None,
        submodules: false,
    };
    let settings = Settings::new(Source::Git(git), BuildPack::Dockerfile(DockerfilePack::default()));
    Spec { slug: "shop".parse().expect("a slug"), settings, variables: Vec::new(), mounts: Vec::new() }
}

fn variable(name: &str, value: &str, build_time: bool) -> FrozenVariable {
    FrozenVariable { name: name.parse().expect("a name"), value: Secret::new(value), build_time, run_time: !build_time, given: false }
}

fn mount(path: &str, what: MountKind) -> Mount {
    Mount { id: StorageId::from_chance([1; 24]), path: path.parse().expect("a path"), what }
}

fn file(content: &str) -> MountKind {
    MountKind::File { content: Secret::new(content), mode: 0o644 }
}

fn told(old: &Spec, new: &Spec) -> Vec<String> {
    changes(old, new).iter().map(ToString::to_string).collect()
}

/// What a change is expected to touch.
#[derive(Debug, PartialEq)]
struct Touches {
    image: bool,
    container: bool,
}

const NOTHING: Touches = Touches { image: false, container: false };
const IMAGE: Touches = Touches { image: true, container: false };
const CONTAINER: Touches = Touches { image: false, container: true };

/// Changes one thing and checks the line people read, whether the image changes and whether the container does (with the same image).
#[track_caller]
fn check(change: impl FnOnce(&mut Spec), line: &str, touches: Touches) {
    let (old, mut new) = (spec(), spec());
    change(&mut new);
    assert_eq!(told(&old, &new), [line]);
    let touched = Touches {
        image: build_digest(&old, None) != build_digest(&new, None),
        container: configuration_digest(&old, "image") != configuration_digest(&new, "image"),
    };
    assert_eq!(touched, touches, "{line}");
    assert!(!touches.image || changes(&old, &new)[0].rebuilds, "{line}");
}

#[test]
fn nothing_changes_between_a_release_and_itself() {
    assert_eq!(changes(&spec(), &spec()), []);
}

#[test]
fn every_setting_is_told_and_digested_as_what_it_is() {
    let git = |change: fn(&mut GitSource)| {
        move |spec: &mut Spec| match &mut spec.settings.source {
            Source::Git(git) => change(git),
            other => panic!("not git: {other:?}"),
        }
    };
    let sha = "a".repeat(40);
    check(|spec| spec.slug = "store".parse().expect("a slug"), "~ slug: shop -> store", CONTAINER);
    check(git(|git| git.reference = "next".parse().expect("a branch")), "~ branch, tag or commit: main -> next", IMAGE);
    check(git(|git| git.base_directory = model::RelativePath::root()), "~ base directory: shop -> /", IMAGE);
    check(git(|git| git.submodules = true), "~ submodules: no -> yes", IMAGE);
    let key = model::KeyId::from_chance([0; 24]);
    check(|spec| git(|git| git.key = Some(model::KeyId::from_chance([0; 24])))(spec), &format!("+ deploy key: {key}"), NOTHING);
    check(|spec| spec.settings.pinned_commit = sha.parse().ok(), &format!("+ pinned commit: {sha}"), NOTHING);
    check(|spec| spec.settings.exposed_port = "80".parse().ok(), "+ port: 80", CONTAINER);
    check(|spec| spec.settings.port_mappings.extend("8080:80".parse()), "+ port mapping: 8080:80", CONTAINER);
    check(|spec| spec.settings.domains.extend("a.example.com".parse()), "+ domain: https://a.example.com", NOTHING);
    check(|spec| spec.settings.www = WwwRedirect::Www, "~ www: each domain answers for itself -> redirected to www", NOTHING);
    check(|spec| spec.settings.strip_prefix = true, "~ path removed from requests: no -> yes", NOTHING);
    check(|spec| spec.settings.health.probe = Probe::None, "~ health check: TCP connection -> none", NOTHING);
    check(|spec| spec.settings.health.retries = 3, "~ health check retries: 10 -> 3", NOTHING);
    check(|spec| spec.settings.replicas = 3, "~ replicas: 1 -> 3", NOTHING);
    check(|spec| spec.settings.limits.memory_bytes = Some(512 << 20), "+ memory limit: 512 MiB", CONTAINER);
    check(|spec| spec.settings.limits.cpu_thousandths = Some(1500), "+ processor limit: 1.5", CONTAINER);
    check(|spec| spec.settings.entrypoint = "run".parse().ok(), "+ entrypoint: run", CONTAINER);
    check(|spec| spec.settings.command = "run -a".parse().ok(), "+ command: run -a", CONTAINER);
    check(|spec| spec.settings.pre_deployment = "migrate".parse().ok(), "+ pre-deployment command: migrate", NOTHING);
    check(|spec| spec.settings.post_deployment = "warm".parse().ok(), "+ post-deployment command: warm", NOTHING);
    check(|spec| spec.settings.grace_seconds = 1, "~ stop grace period: 30 seconds -> 1 second", NOTHING);
    check(|spec| spec.settings.drain_seconds = 5, "~ drain limit: 30 seconds -> 5 seconds", NOTHING);
    check(|spec| drop(spec.settings.labels.insert("a".into(), "b".into())), "+ label a: b", CONTAINER);
    check(|spec| spec.settings.restart = RestartPolicy::No, "~ restart policy: unless stopped -> never", CONTAINER);
    check(|spec| spec.settings.exclusive = true, "~ one copy at a time: no -> yes", NOTHING);
    check(|spec| spec.settings.keep_releases = 2, "~ releases kept: 5 -> 2", NOTHING);
    check(|spec| spec.settings.auto_deploy = false, "~ deploy on push: yes -> no", NOTHING);
    check(|spec| spec.settings.watch_paths.push("src/**".into()), "+ watched path: src/**", NOTHING);
}

#[test]
fn packs_are_told_and_digested() {
    let dockerfile = |change: fn(&mut DockerfilePack)| {
        move |spec: &mut Spec| {
            let mut pack = DockerfilePack::default();
            change(&mut pack);
            spec.settings.pack = BuildPack::Dockerfile(pack);
        }
    };
    check(dockerfile(|pack| pack.target = Some("web".into())), "+ build stage: web", IMAGE);
    check(dockerfile(|pack| pack.secrets = true), "~ variables as build secrets: no -> yes", IMAGE);
    let mut site = spec();
    site.settings.pack = BuildPack::Static(StaticPack::default());
    let mut other = site.clone();
    other.settings.pack = BuildPack::Static(StaticPack { spa: true, headers: [("x".into(), "1".into())].into(), ..StaticPack::default() });
    assert_eq!(told(&site, &other), ["~ single-page application: no -> yes", "+ header x: 1"]);
    assert_ne!(build_digest(&site, None), build_digest(&other, None));
    assert_eq!(told(&spec(), &site)[0], "~ build pack: dockerfile -> static");
}

#[test]
fn variables_are_told_by_name_and_never_by_value() {
    check(|spec| spec.variables.push(variable("A", "hunter2", false)), "+ variable A", CONTAINER);
    check(|spec| spec.variables.push(variable("A", "hunter2", true)), "+ variable A", IMAGE);
    let (mut old, mut new) = (spec(), spec());
    old.variables = vec![variable("GONE", "hunter2", false), variable("SAME", "hunter2", false), variable("TOKEN", "hunter2", false)];
    new.variables = vec![variable("TOKEN", "hunter3", true), variable("SAME", "hunter2", false)];
    let found = changes(&old, &new);
    assert_eq!(told(&old, &new), ["- variable GONE", "~ variable TOKEN", "~ variable TOKEN given to: container -> build"]);
    assert!(found[0].secret && found[1].secret && found[2].rebuilds && !format!("{found:?}").contains("hunter"));
}

#[test]
fn mounts_are_told_by_path_and_file_contents_never() {
    let volume = |name: &str| MountKind::Volume { name: name.parse().expect("a name") };
    check(|spec| spec.mounts.push(mount("/data", volume("data"))), "+ mount /data: volume data", CONTAINER);
    let (mut old, mut new) = (spec(), spec());
    old.mounts = vec![mount("/a", volume("x")), mount("/etc/key", file("hunter2"))];
    let source = "/srv".parse().expect("a path");
    new.mounts = vec![mount("/etc/key", file("hunter3")), mount("/a", MountKind::Host { source, read_only: true })];
    assert_eq!(told(&old, &new), ["~ mount /a: volume x -> host path /srv, read only", "~ content of /etc/key"]);
    assert!(!format!("{:?}", changes(&old, &new)).contains("hunter"));
}

#[test]
fn what_is_removed_is_told_where_it_stood() {
    let (mut old, mut new) = (spec(), spec());
    old.settings.exposed_port = "80".parse().ok();
    old.settings.domains = ["a.example.com", "b.example.com"].iter().flat_map(|text| text.parse()).collect();
    new.settings.domains.extend("b.example.com".parse());
    new.settings.replicas = 2;
    assert_eq!(told(&old, &new), ["- port: 80", "- domain: https://a.example.com", "~ replicas: 1 -> 2"]);
}

#[test]
fn the_order_of_variables_mounts_and_ports_changes_nothing() {
    let (mut one, mut other) = (spec(), spec());
    one.variables = vec![variable("A", "1", true), variable("B", "2", true), variable("C", "3", false)];
    one.mounts = vec![mount("/a", file("1")), mount("/b", file("2"))];
    other.variables = one.variables.iter().rev().cloned().collect();
    other.mounts = one.mounts.iter().rev().cloned().collect();
    assert_eq!(build_digest(&one, None), build_digest(&other, None));
    assert_eq!(configuration_digest(&one, "image"), configuration_digest(&other, "image"));
    assert_eq!(changes(&one, &other), []);
}

#[test]
fn a_tag_carries_the_commit_and_a_registrys_tag_the_release() {
    let mut release = model::Release {
        id: ReleaseId::from_chance([1; 24]),
        application: model::ApplicationId::from_chance([2; 24]),
        number: 1,
        spec: spec(),
        commit: "a".repeat(40).parse().ok(),
        commit_message: None,
        image: None,
        created: jiff::Timestamp::UNIX_EPOCH,
    };
    let first = crate::image_tag(&release);
    assert_eq!(first.strip_prefix("wharf/cccccccccccccccccccccccc:").map(str::len), Some(24));
    assert!(first.parse::<model::ImageReference>().is_ok());
    release.id = ReleaseId::from_chance([3; 24]);
    assert_eq!(crate::image_tag(&release), first);
    release.commit = "b".repeat(40).parse().ok();
    assert_ne!(crate::image_tag(&release), first);
    release.spec.settings.source = Source::Image { reference: "nginx".parse().expect("an image"), credential: None };
    release.spec.settings.pack = BuildPack::Image;
    let pulled = crate::image_tag(&release);
    assert!(pulled.contains(":pulled-"));
    release.id = ReleaseId::from_chance([4; 24]);
    assert_ne!(crate::image_tag(&release), pulled);
}

#[test]
fn a_variable_of_wharf_s_own_is_told_only_where_no_setting_beside_it_says_why() {
    let given = |name, value| FrozenVariable { given: true, ..variable(name, value, false) };
    let with = |change: fn(&mut Spec), variables| {
        let mut spec = Spec { variables, ..spec() };
        change(&mut spec);
        spec
    };
    let old = with(|_| {}, vec![given("WHARF_PROJECT", "Shop")]);
    let domain = |spec: &mut Spec| spec.settings.domains = vec!["https://shop.example.com".parse().expect("a domain")];
    let new = with(domain, vec![given("WHARF_PROJECT", "Shop"), given("WHARF_URL", "https://shop.example.com"), given("WHARF_FQDN", "shop.example.com")]);
    assert_eq!(told(&old, &new), ["+ domain: https://shop.example.com"]);
    let renamed = with(|_| {}, vec![given("WHARF_PROJECT", "Store")]);
    assert_eq!(told(&old, &renamed), ["~ variable WHARF_PROJECT"]);
    let port = |spec: &mut Spec| spec.settings.exposed_port = "3000".parse().ok();
    let (old, new) = (with(|_| {}, vec![]), with(port, vec![given("PORT", "3000")]));
    assert_eq!(told(&old, &new), ["+ port: 3000"]);
    let own = with(port, vec![variable("PORT", "4000", false)]);
    assert_eq!(told(&new, &own), ["~ variable PORT"], "a person's own is told");
}
