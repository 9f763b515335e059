//! Digests that tell whether two releases need different images or different containers.
//!
//! Structures are taken apart without `..`, so that a new field does not compile until someone decides what it changes.

use aws_lc_rs::digest::{Context, SHA256};
use model::{
    BuildPack, CommitSha, DockerfilePack, GitReference, GitSource, Release, Settings, Source, Spec, StaticPack, application::Limits,
    application::RestartPolicy, mount::Mount, mount::MountKind, variable::FrozenVariable,
};

/// Hexadecimal digits of a digest: 96 bits.
const DIGEST_LENGTH_DIGITS: usize = 24;

/// The digest of everything that changes the image a release is built into: source, pack and build-time variables.
pub fn build_digest(spec: &Spec, commit: Option<&CommitSha>) -> String {
    let mut digest = Digest::of("build");
    match &spec.settings.source {
        Source::Git(git) => add_tree(&mut digest, git, commit),
        Source::Dockerfile { content } => digest.add("dockerfile", content),
        Source::Image { reference, credential: _ } => digest.add("image", reference.as_str()),
    }
    add_pack(&mut digest, &spec.settings.pack);
    add_variables(&mut digest, spec, |variable| variable.build_time);
    digest.finish()
}

/// The digest of everything that changes a container of a release that runs this image. Domains, health, hooks and retention change none.
pub fn configuration_digest(spec: &Spec, image: &str) -> String {
    let Spec { slug, settings, variables: _, mounts } = spec;
    let mut digest = Digest::of("configuration");
    digest.add("image", image);
    digest.add("slug", slug.as_str());
    add_settings(&mut digest, settings);
    add_variables(&mut digest, spec, |variable| variable.run_time);
    let mut mounts: Vec<&Mount> = mounts.iter().collect();
    mounts.sort_by(|a, b| a.path.cmp(&b.path));
    mounts.into_iter().for_each(|mount| add_mount(&mut digest, mount));
    digest.finish()
}

/// Our tag of a release's image: `wharf/<application>:<build digest>`, or `:pulled-<digest>` for an image that is not built. What a registry's tag
/// names may change, so only a reference pinned by digest is shared between releases.
pub fn image_tag(release: &Release) -> String {
    let tag = match &release.spec.settings.source {
        Source::Image { reference, .. } => {
            let mut digest = Digest::of("pulled");
            match reference.digest() {
                Some(_) => digest.add("reference", reference.as_str()),
                None => digest.add("release", release.id.as_str()),
            }
            format!("pulled-{}", digest.finish())
        }
        Source::Git(_) | Source::Dockerfile { .. } => build_digest(&release.spec, commit(release)),
    };
    format!("wharf/{}:{tag}", release.application)
}

/// The commit a release is built from: the resolved one, else one its settings name.
pub(crate) fn commit(release: &Release) -> Option<&CommitSha> {
    let named = || match &release.spec.settings.source {
        Source::Git(GitSource { reference: GitReference::Commit(commit), .. }) => Some(commit),
        _ => None,
    };
    release.commit.as_ref().or(release.spec.settings.pinned_commit.as_ref()).or_else(named)
}

fn add_tree(digest: &mut Digest, git: &GitSource, commit: Option<&CommitSha>) {
    let GitSource { url, reference, base_directory, key: _, submodules } = git;
    match commit {
        Some(commit) => digest.add("commit", commit.as_str()),
        None => digest.add("reference", reference.to_string()),
    }
    digest.add("base directory", base_directory.as_str());
    if *submodules {
        // A submodule's address may be relative to the repository's.
        digest.add("submodules of", url.as_str());
    }
}

fn add_pack(digest: &mut Digest, pack: &BuildPack) {
    digest.add("pack", pack.as_str());
    match pack {
        BuildPack::Dockerfile(DockerfilePack { location, target, secrets }) => {
            digest.add("location", location.as_str());
            digest.add_some("target", target.as_deref());
            digest.add("secrets", secrets.to_string());
        }
        BuildPack::Static(StaticPack { publish_directory, spa, not_found, cache_seconds, headers }) => {
            digest.add("publish directory", publish_directory.as_str());
            digest.add("spa", spa.to_string());
            digest.add_some("not found", not_found.as_ref().map(|path| path.as_str()));
            digest.add("cache seconds", cache_seconds.to_string());
            headers.iter().for_each(|(name, value)| digest.add_pair("header", name, value));
        }
        BuildPack::Image => {}
    }
}

fn add_variables(digest: &mut Digest, spec: &Spec, counts: fn(&FrozenVariable) -> bool) {
    let mut variables: Vec<&FrozenVariable> = spec.variables.iter().filter(|variable| counts(variable)).collect();
    variables.sort_by(|a, b| a.name.cmp(&b.name));
    variables.into_iter().for_each(|variable| digest.add_pair("variable", variable.name.as_str(), variable.value.expose()));
}

fn add_settings(digest: &mut Digest, settings: &Settings) {
    let Settings {
        exposed_port,
        port_mappings,
        limits: Limits { memory_bytes, cpu_thousandths },
        entrypoint,
        command,
        labels,
        restart,
        // These change the image, the routes, the way of a deployment or what follows it, but no container.
        source: _,
        pack: _,
        domains: _,
        www: _,
        strip_prefix: _,
        health: _,
        replicas: _,
        pre_deployment: _,
        post_deployment: _,
        grace_seconds: _,
        drain_seconds: _,
        exclusive: _,
        keep_releases: _,
        auto_deploy: _,
        watch_paths: _,
        pinned_commit: _,
    } = settings;
    digest.add_some("exposed port", exposed_port.map(|port| port.to_string()));
    let mut mappings: Vec<String> = port_mappings.iter().map(ToString::to_string).collect();
    mappings.sort();
    mappings.iter().for_each(|mapping| digest.add("port mapping", mapping));
    digest.add_some("memory bytes", memory_bytes.map(|bytes| bytes.to_string()));
    digest.add_some("cpu thousandths", cpu_thousandths.map(|thousandths| thousandths.to_string()));
    digest.add_some("entrypoint", entrypoint.as_ref().map(|line| line.as_str()));
    digest.add_some("command", command.as_ref().map(|line| line.as_str()));
    labels.iter().for_each(|(name, value)| digest.add_pair("label", name, value));
    let restart = match restart {
        RestartPolicy::No => "no",
        RestartPolicy::OnFailure => "on-failure",
        RestartPolicy::UnlessStopped => "unless-stopped",
    };
    digest.add("restart", restart);
}

fn add_mount(digest: &mut Digest, mount: &Mount) {
    let Mount { id: _, path, what } = mount;
    digest.add("mount", path.as_str());
    match what {
        MountKind::Volume { name } => digest.add("volume", name.as_str()),
        MountKind::File { content, mode } => {
            digest.add("file", content.expose());
            digest.add("mode", mode.to_string());
        }
        MountKind::Host { source, read_only } => {
            digest.add("host path", source.as_str());
            digest.add("read only", read_only.to_string());
        }
    }
}

/// A SHA-256 over named fields. Each part is preceded by its length, so that no two lists of fields read the same.
struct Digest(Context);

impl Digest {
    fn of(purpose: &str) -> Self {
        let mut digest = Self(Context::new(&SHA256));
        digest.part(purpose);
        digest
    }
    fn part(&mut self, text: &str) {
        self.0.update(&(text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }
    fn add(&mut self, field: &str, value: impl AsRef<str>) {
        self.part(field);
        self.part(value.as_ref());
    }
    fn add_some(&mut self, field: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value {
            self.add(field, value);
        }
    }
    fn add_pair(&mut self, field: &str, name: &str, value: &str) {
        self.part(field);
        self.part(name);
        self.part(value);
    }
    fn finish(self) -> String {
        let mut text: String = self.0.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        text.truncate(DIGEST_LENGTH_DIGITS);
        text
    }
}
