//! Applications and releases to plan with.

use model::{
    ApplicationId, BuildPack, CommitSha, DeploymentId, DockerfilePack, GitSource, RelativePath, Release, ReleaseId, Secret, Settings, Source, Spec, StorageId,
    mount::{Mount, MountKind},
    variable::FrozenVariable,
};
use proptest::prelude::*;
use std::sync::LazyLock;

pub const NETWORK: &str = "wharf";

pub fn application() -> &'static ApplicationId {
    static APPLICATION: LazyLock<ApplicationId> = LazyLock::new(|| ApplicationId::from_chance([7; 24]));
    &APPLICATION
}

pub fn deployment(number: u16) -> DeploymentId {
    let [high, low] = number.to_be_bytes();
    DeploymentId::from_chance(std::array::from_fn(|at| match at {
        0 => 3,
        6 => high,
        7 => low,
        _ => 3 + at as u8,
    }))
}

pub fn commit(seed: u8) -> CommitSha {
    format!("{seed:02x}").repeat(20).parse().expect("a commit")
}

/// Where a seeded specification takes its code from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum From {
    Git,
    Dockerfile,
    Image,
    PinnedImage,
}

/// A specification in few words; what random ones differ in.
#[derive(Debug, Clone, PartialEq)]
pub struct Seed {
    pub from: From,
    pub commit: u8,
    pub value: u8,
    pub domain: u8,
    pub replicas: u16,
    pub exclusive: bool,
    pub host_port: bool,
    pub before: bool,
    pub after: bool,
    pub volumes: u8,
    pub keep: u16,
}

impl Default for Seed {
    fn default() -> Self {
        Self {
            from: From::Git,
            commit: 1,
            value: 1,
            domain: 1,
            replicas: 1,
            exclusive: false,
            host_port: false,
            before: false,
            after: false,
            volumes: 0,
            keep: 5,
        }
    }
}

pub fn seeds() -> impl Strategy<Value = Seed> {
    let from = prop_oneof![3 => Just(From::Git), 1 => Just(From::Dockerfile), 1 => Just(From::Image), 1 => Just(From::PinnedImage)];
    let numbers = (0..2u8, 0..2u8, 0..2u8, 1..4u16, 0..3u8, 1..3u16);
    let flags = (proptest::bool::weighted(0.2), proptest::bool::weighted(0.2), any::<bool>(), any::<bool>());
    (from, numbers, flags).prop_map(|(from, (commit, value, domain, replicas, volumes, keep), (exclusive, host_port, before, after))| {
        let replicas = if host_port { 1 } else { replicas };
        Seed { from, commit, value, domain, replicas, exclusive, host_port, before, after, volumes, keep }
    })
}

impl Seed {
    pub fn spec(&self) -> Spec {
        let dockerfile = BuildPack::Dockerfile(DockerfilePack::default());
        let image = |text: &str| Source::Image { reference: text.parse().expect("an image"), credential: None };
        let (source, pack) = match self.from {
            From::Git => (Source::Git(git()), dockerfile),
            From::Dockerfile => (Source::Dockerfile { content: format!("FROM scratch\n# {}", self.commit) }, dockerfile),
            From::Image => (image("nginx:1.27"), BuildPack::Image),
            From::PinnedImage => (image(&format!("nginx@sha256:{}", format!("{:02x}", self.commit).repeat(32))), BuildPack::Image),
        };
        let mut settings = Settings::new(source, pack);
        settings.exposed_port = Some("3000".parse().expect("a port"));
        settings.domains = vec![format!("https://shop{}.example.com", self.domain).parse().expect("a domain")];
        settings.replicas = self.replicas;
        settings.exclusive = self.exclusive;
        settings.keep_releases = self.keep;
        settings.port_mappings = if self.host_port { vec!["8080:3000".parse().expect("a mapping")] } else { Vec::new() };
        settings.pre_deployment = self.before.then(|| "bin/migrate".parse().expect("a command"));
        settings.post_deployment = self.after.then(|| "bin/warm".parse().expect("a command"));
        assert_eq!(settings.faults(), []);
        let value = Secret::new(self.value.to_string());
        let variables = vec![FrozenVariable { name: "LEVEL".parse().expect("a name"), value, build_time: false, run_time: true, given: false }];
        Spec { slug: "shop".parse().expect("a slug"), settings, variables, mounts: (0..self.volumes).map(mount).collect() }
    }

    pub fn release(&self, number: u8) -> Release {
        Release {
            id: ReleaseId::from_chance([number; 24]),
            application: application().clone(),
            number: number.into(),
            spec: self.spec(),
            commit: (self.from == From::Git).then(|| commit(self.commit)),
            commit_message: None,
            image: None,
            created: jiff::Timestamp::UNIX_EPOCH,
        }
    }
}

pub fn git() -> GitSource {
    GitSource {
        url: "https://forge.example.com/ada/shop.git".parse().expect("an address"),
        reference: "main".parse().expect("a branch"),
        base_directory: RelativePath::root(),
        key: None,
        submodules: false,
    }
}

fn mount(number: u8) -> Mount {
    let what = MountKind::Volume { name: format!("data{number}").parse().expect("a name") };
    Mount { id: StorageId::from_chance([number; 24]), path: format!("/data/{number}").parse().expect("a path"), what }
}
