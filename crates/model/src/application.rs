//! Applications: what people deploy, and how it is set up.

use crate::{
    ApplicationId, CommitSha, DestinationId, Domain, EnvironmentId, GitSource, HealthCheck, ImageReference, Invalid, Name, Port, PortMapping, ProjectId,
    RegistryId, RelativePath, ReleaseId, Slug, TeamId, command::CommandLine, domain::WwwRedirect,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An application.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// Its id.
    pub id: ApplicationId,
    /// Whose it is.
    pub team: TeamId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// The environment it belongs to.
    pub environment: EnvironmentId,
    /// Where it runs.
    pub destination: DestinationId,
    /// Its name.
    pub name: Name,
    /// Its name on networks and in generated domains; unique in its environment.
    pub slug: Slug,
    /// What it is for.
    pub description: String,
    /// How it is set up.
    pub settings: Settings,
    /// Whether it is meant to run.
    pub desired: Desired,
    /// The release that serves, if one does.
    pub live_release: Option<ReleaseId>,
    /// When it was made.
    pub created: Timestamp,
}

/// What a person last asked of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Desired {
    /// Never deployed.
    Nothing,
    /// To run.
    Running,
    /// To be stopped.
    Stopped,
}

/// Where an application's code or image comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Source {
    /// A git repository.
    Git(GitSource),
    /// A Dockerfile pasted in, built with an empty context.
    Dockerfile {
        /// Its text.
        content: String,
    },
    /// An image from a registry.
    Image {
        /// Which.
        reference: ImageReference,
        /// The credential to pull it with.
        credential: Option<RegistryId>,
    },
}

/// How a source becomes an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum BuildPack {
    /// A Dockerfile of the tree, or the one pasted in.
    Dockerfile(DockerfilePack),
    /// Files served as they are.
    Static(StaticPack),
    /// Nothing to build: the image is given.
    Image,
}

impl BuildPack {
    /// The word in Coolify's API: `dockerfile`, `static` or `dockerimage`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Dockerfile(_) => "dockerfile",
            Self::Static(_) => "static",
            Self::Image => "dockerimage",
        }
    }
}

/// Settings of the Dockerfile pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DockerfilePack {
    /// The Dockerfile, below the base directory.
    pub location: RelativePath,
    /// The stage to build; the last when absent.
    pub target: Option<String>,
    /// Whether build-time variables are given as build secrets (`--mount=type=secret,id=NAME`) instead of build arguments, which image history keeps.
    pub secrets: bool,
}

impl Default for DockerfilePack {
    fn default() -> Self {
        let location = "Dockerfile".parse().unwrap_or_else(|_| RelativePath::root());
        Self { location, target: None, secrets: false }
    }
}

/// Settings of the static pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StaticPack {
    /// The directory that is served, below the base directory.
    pub publish_directory: RelativePath,
    /// Whether unknown paths answer with `/index.html`, for single-page applications.
    pub spa: bool,
    /// The page for unknown paths, below the publish directory; `404.html` is taken where it exists.
    pub not_found: Option<RelativePath>,
    /// Seconds that browsers may keep files whose names carry a content hash; others are always revalidated.
    pub cache_seconds: u32,
    /// Headers added to every answer.
    pub headers: BTreeMap<String, String>,
}

impl Default for StaticPack {
    fn default() -> Self {
        Self { publish_directory: RelativePath::root(), spa: false, not_found: None, cache_seconds: 31_536_000, headers: BTreeMap::new() }
    }
}

/// When the engine starts a container again by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestartPolicy {
    /// Never.
    No,
    /// When it exits with an error, ten times.
    OnFailure,
    /// Always, also after the machine starts again, unless it was stopped.
    #[default]
    UnlessStopped,
}

/// Limits of one container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Memory in bytes; none when absent. At least 6 MiB, the engine's own floor.
    pub memory_bytes: Option<u64>,
    /// Processors in thousandths: 1500 is one and a half; none when absent.
    pub cpu_thousandths: Option<u32>,
}

/// How an application is set up. It holds no secret: variables and the content of file mounts live apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Where its code or image comes from.
    pub source: Source,
    /// How that becomes an image.
    pub pack: BuildPack,
    /// The port it listens on; asked of the image when absent.
    #[serde(default)]
    pub exposed_port: Option<Port>,
    /// Ports published on the host; they make a deployment stop the old release before the new one starts.
    #[serde(default)]
    pub port_mappings: Vec<PortMapping>,
    /// Where visitors reach it.
    #[serde(default)]
    pub domains: Vec<Domain>,
    /// What happens to `www.`.
    #[serde(default)]
    pub www: WwwRedirect,
    /// Whether a domain's path is removed before the application sees the request.
    #[serde(default)]
    pub strip_prefix: bool,
    /// How a new release proves itself.
    #[serde(default)]
    pub health: HealthCheck,
    /// How many containers serve.
    #[serde(default = "one")]
    pub replicas: u16,
    /// Limits of each container.
    #[serde(default)]
    pub limits: Limits,
    /// Replaces the image's entrypoint.
    #[serde(default)]
    pub entrypoint: Option<CommandLine>,
    /// Replaces the image's command.
    #[serde(default)]
    pub command: Option<CommandLine>,
    /// Runs in a container of the new image before it starts; its failure fails the deployment.
    #[serde(default)]
    pub pre_deployment: Option<CommandLine>,
    /// Runs in a new container once it serves; its failure is reported and changes nothing.
    #[serde(default)]
    pub post_deployment: Option<CommandLine>,
    /// Seconds a container has between SIGTERM and SIGKILL.
    #[serde(default = "thirty")]
    pub grace_seconds: u32,
    /// Seconds that requests in flight on an old release may take before it is stopped all the same.
    #[serde(default = "thirty")]
    pub drain_seconds: u32,
    /// Labels added to its containers; none may begin with `wharf.`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// When the engine starts a container again.
    #[serde(default)]
    pub restart: RestartPolicy,
    /// Two copies must not run at once (a volume with a lock, say): a deployment stops the old release before the new one starts.
    #[serde(default)]
    pub exclusive: bool,
    /// Releases kept for rollback, images included.
    #[serde(default = "five")]
    pub keep_releases: u16,
    /// Whether a push deploys.
    #[serde(default = "yes")]
    pub auto_deploy: bool,
    /// Globs of changed paths that make a push deploy, `!` in front excludes; every path when empty.
    #[serde(default)]
    pub watch_paths: Vec<String>,
    /// A commit to stay at, whatever the branch says.
    #[serde(default)]
    pub pinned_commit: Option<CommitSha>,
}

fn one() -> u16 {
    1
}
fn five() -> u16 {
    5
}
fn thirty() -> u32 {
    30
}
fn yes() -> bool {
    true
}

impl Settings {
    /// Settings for a source and a pack, everything else by default.
    pub fn new(source: Source, pack: BuildPack) -> Self {
        Self {
            source,
            pack,
            exposed_port: None,
            port_mappings: Vec::new(),
            domains: Vec::new(),
            www: WwwRedirect::default(),
            strip_prefix: false,
            health: HealthCheck::default(),
            replicas: one(),
            limits: Limits::default(),
            entrypoint: None,
            command: None,
            pre_deployment: None,
            post_deployment: None,
            grace_seconds: thirty(),
            drain_seconds: thirty(),
            labels: BTreeMap::new(),
            restart: RestartPolicy::default(),
            exclusive: false,
            keep_releases: five(),
            auto_deploy: true,
            watch_paths: Vec::new(),
            pinned_commit: None,
        }
    }

    /// Whether old and new containers cannot run beside each other.
    pub fn stop_first(&self) -> bool {
        self.exclusive || !self.port_mappings.is_empty()
    }

    /// Checks what the fields say of each other, as `(field, sentence)`; the parts are checked by their types.
    pub fn faults(&self) -> Vec<(&'static str, Invalid)> {
        let mut faults = Vec::new();
        let mut fault = |field, sentence: &str| faults.push((field, Invalid::new(sentence)));
        match (&self.source, &self.pack) {
            (Source::Image { .. }, BuildPack::Image)
            | (Source::Git(_), BuildPack::Dockerfile(_) | BuildPack::Static(_))
            | (Source::Dockerfile { .. }, BuildPack::Dockerfile(_)) => {}
            (Source::Image { .. }, _) => fault("build_pack", "an image is not built: its build pack is dockerimage"),
            (Source::Git(_), BuildPack::Image) => fault("build_pack", "a repository is built: choose dockerfile or static"),
            (Source::Dockerfile { .. }, _) => fault("build_pack", "a pasted Dockerfile is built by the dockerfile build pack"),
        }
        if let Source::Dockerfile { content } = &self.source {
            if content.trim().is_empty() {
                fault("dockerfile", "the Dockerfile is empty: begin it with FROM");
            } else if content.len() > 256 * 1024 {
                fault("dockerfile", "a pasted Dockerfile has at most 256 KiB");
            }
        }
        if self.replicas == 0 || self.replicas > 50 {
            fault("replicas", "between 1 and 50 containers");
        } else if self.replicas > 1 && !self.port_mappings.is_empty() {
            fault("replicas", "a host port belongs to one container: remove the port mappings or stay at one replica");
        }
        if self.limits.memory_bytes.is_some_and(|bytes| bytes < 6 * 1024 * 1024) {
            fault("limits_memory", "at least 6 MiB: the engine refuses less");
        }
        if self.limits.cpu_thousandths == Some(0) {
            fault("limits_cpus", "more than 0; leave it empty for no limit");
        }
        if self.grace_seconds > 3600 || self.drain_seconds > 3600 {
            fault("stop_grace_period", "at most 3600 seconds");
        }
        if self.keep_releases == 0 || self.keep_releases > 100 {
            fault("docker_images_to_keep", "between 1 and 100 releases");
        }
        if self.labels.keys().any(|label| label.starts_with("wharf.")) {
            fault("custom_labels", "labels that begin with wharf. are Wharf's own");
        }
        if self.labels.iter().any(|(label, value)| label.is_empty() || label.contains(['\0', '\n', '=']) || value.contains(['\0', '\n'])) {
            fault("custom_labels", "a label is one line, NAME=value");
        }
        if self.health.interval_seconds == 0 || self.health.timeout_seconds == 0 || self.health.interval_seconds > 3600 || self.health.timeout_seconds > 3600 {
            fault("health_check_interval", "interval and timeout are 1 to 3600 seconds");
        }
        if let crate::health::Probe::Http { path, status, .. } = &self.health.probe {
            if !path.starts_with('/') || path.len() > 2048 || path.chars().any(|c| c.is_control() || c.is_whitespace()) {
                fault("health_check_path", "a path begins with / and has no spaces");
            }
            if status.is_some_and(|status| !(100..=599).contains(&status)) {
                fault("health_check_return_code", "a status is 100 to 599");
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        if self.domains.iter().any(|domain| !seen.insert((domain.host.clone(), domain.path.clone()))) {
            fault("domains", "the same domain is listed twice");
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(text: &str) -> Settings {
        Settings::new(Source::Image { reference: text.parse().expect("valid"), credential: None }, BuildPack::Image)
    }

    #[test]
    fn default_settings_have_no_fault_and_survive_json() {
        let settings = image("nginx");
        assert_eq!(settings.faults(), []);
        let json = serde_json::to_string(&settings).expect("serialises");
        assert_eq!(serde_json::from_str::<Settings>(&json).expect("reads back"), settings);
    }

    #[test]
    fn contradictions_are_named_at_their_field() {
        let mut settings = image("nginx");
        settings.pack = BuildPack::Static(StaticPack::default());
        settings.replicas = 2;
        settings.port_mappings = vec!["8080:80".parse().expect("valid")];
        settings.labels.insert("wharf.team".into(), "x".into());
        settings.domains = ["a.b", "https://a.b"].map(|text| text.parse().expect("valid")).to_vec();
        let fields: Vec<_> = settings.faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["build_pack", "replicas", "custom_labels", "domains"]);
    }
}
