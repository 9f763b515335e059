//! The plan that makes a release live: by a deploy, a restart, a start or a rollback.

use crate::{
    digest::{commit, configuration_digest, image_tag},
    names::{container_name, hook_name, volume_name},
    retention::{BuiltRelease, keep},
};
use model::{
    ContainerState, DeploymentId, Observed, ObservedContainer, Operation, Plan, Release, ReleaseId, Settings, Source, Step, mount::MountKind,
    observed::ContainerKind, plan::PlannedContainer,
};

/// Seconds that requests in flight may take while new ones are held: those that wait must not wait for a stream that never ends.
const HELD_DRAIN_LIMIT_SECONDS: u32 = 5;

/// What a deployment is planned from.
#[derive(Debug, Clone, Copy)]
pub struct DeployInput<'a> {
    /// The deployment; it names what is made.
    pub deployment: &'a DeploymentId,
    /// Deploy, restart, start or rollback.
    pub operation: Operation,
    /// Build without cache and replace containers though nothing changed.
    pub force: bool,
    /// The release to make live.
    pub release: &'a Release,
    /// The live release, if there is one; after a stop, the one that was.
    pub previous: Option<&'a Release>,
    /// Names of the containers that the routes point at now, as the last switch set them. Only these may be kept; all others of the application are
    /// replaced.
    pub serving: &'a [String],
    /// What the engine holds of the application.
    pub observed: &'a Observed,
    /// The destination's network.
    pub network: &'a str,
    /// The application's releases that have an image, newest first.
    pub releases: &'a [BuiltRelease],
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// The caller resolves the reference first.
    #[error("the commit of release {number} is not known yet: resolve its branch or tag before planning")]
    CommitUnknown {
        /// The release's number.
        number: i64,
    },
    /// A stop and a delete have plans of their own.
    #[error("a {} does not make a release live: plan it as what it is", operation.as_str())]
    NotADeployment {
        /// What was asked for.
        operation: Operation,
    },
}

/// Plans how a release goes live.
///
/// Containers that serve and already have the release's configuration stay, unless the deployment is forced or a restart. New containers start beside
/// the old ones and must be healthy before the routes switch; where two copies cannot coexist, requests are held while the old ones stop first. The
/// pre- and post-deployment commands belong to a deploy or rollback that replaces every container; a restart, a start or a change of the replica count
/// runs neither.
///
/// # Errors
/// [`Error::CommitUnknown`] when a git source must be built and its commit is not resolved; [`Error::NotADeployment`] for a stop or a delete.
pub fn deploy(input: &DeployInput) -> Result<Plan, Error> {
    if matches!(input.operation, Operation::Stop | Operation::Delete) {
        return Err(Error::NotADeployment { operation: input.operation });
    }
    let image = image(input);
    let cast = Cast::of(input, &image);
    let mut prepare = image_steps(input, &image)?;
    prepare.extend(ground_steps(input));
    let hook = if cast.runs_hooks(input) { hook_steps(input, &image) } else { None };
    prepare.extend(hook.clone());
    let stop_first = settings(input).stop_first() && !cast.start.is_empty() && cast.old.iter().any(|old| active(old));
    let switch = Step::SwitchRoutes { release: Some(input.release.id.clone()), containers: cast.serves() };
    let cutover = if stop_first {
        stop_first_cutover(input, &cast, switch)
    } else {
        prepare.extend(start_steps(input, &cast));
        vec![switch]
    };
    Ok(Plan {
        summary: summary(input, &cast, stop_first),
        prepare,
        cutover,
        cleanup: cleanup_steps(input, &cast, &image, hook.as_ref(), stop_first),
        undo: undo_steps(input, &cast, hook.as_ref(), stop_first),
    })
}

fn settings<'a>(input: &DeployInput<'a>) -> &'a Settings {
    &input.release.spec.settings
}

/// The settings of what runs now: they say how long it may take to end.
fn previous_settings<'a>(input: &DeployInput<'a>) -> &'a Settings {
    &input.previous.unwrap_or(input.release).spec.settings
}

/// Whether a container runs or may run again in a moment.
pub(crate) fn active(container: &ObservedContainer) -> bool {
    !matches!(container.state, ContainerState::Created | ContainerState::Exited { .. })
}

/// Who plays: containers that stay, that come and that go.
struct Cast<'a> {
    kept: Vec<&'a ObservedContainer>,
    start: Vec<PlannedContainer>,
    /// Serving containers that go, earlier attempts' strays included.
    old: Vec<&'a ObservedContainer>,
    /// Containers of earlier pre-deployment commands.
    old_hooks: Vec<&'a ObservedContainer>,
}

impl<'a> Cast<'a> {
    fn of(input: &DeployInput<'a>, image: &str) -> Self {
        let configuration = configuration_digest(&input.release.spec, image);
        let replaces_all = input.force || input.operation == Operation::Restart;
        let (hooks, serve): (Vec<_>, Vec<_>) = input.observed.containers.iter().partition(|container| container.kind == ContainerKind::Hook);
        let mut cast = Self { kept: Vec::new(), start: Vec::new(), old: Vec::new(), old_hooks: hooks };
        let fit = |container: &ObservedContainer, replica| {
            !replaces_all
                && container.replica == replica
                && container.state.running()
                && container.configuration == configuration
                && input.serving.contains(&container.name)
        };
        for replica in 1..=settings(input).replicas {
            match serve.iter().find(|container| fit(container, replica)) {
                Some(container) => cast.kept.push(container),
                None => cast.start.push(planned(input, image, replica, &configuration)),
            }
        }
        let stays = |name: &String| cast.kept.iter().any(|kept| &kept.name == name) || cast.start.iter().any(|start| &start.name == name);
        cast.old = serve.into_iter().filter(|container| !stays(&container.name)).collect();
        let own_hook = hook_name(&input.release.spec.slug, input.deployment);
        cast.old_hooks.retain(|container| container.name != own_hook);
        cast
    }

    fn runs_hooks(&self, input: &DeployInput) -> bool {
        self.kept.is_empty() && matches!(input.operation, Operation::Deploy | Operation::Rollback)
    }

    /// Names of the containers that serve in the end, by replica.
    fn serves(&self) -> Vec<String> {
        let mut serves: Vec<(u16, &String)> = self.kept.iter().map(|container| (container.replica, &container.name)).collect();
        serves.extend(self.start.iter().map(|container| (container.replica, &container.name)));
        serves.sort();
        serves.into_iter().map(|(_, name)| name.clone()).collect()
    }
}

fn planned(input: &DeployInput, image: &str, replica: u16, configuration: &str) -> PlannedContainer {
    let Release { spec, id, application, .. } = input.release;
    PlannedContainer {
        name: container_name(&spec.slug, input.deployment, replica),
        release: id.clone(),
        replica,
        image: image.to_owned(),
        network: input.network.to_owned(),
        aliases: vec![spec.slug.to_string(), application.to_string()],
        port_mappings: spec.settings.port_mappings.clone(),
        configuration: configuration.to_owned(),
    }
}

/// The image the release runs: the one it was once built into while that is there, so that a later way of naming images does not build it again.
fn image(input: &DeployInput) -> String {
    let recorded = input.release.image.as_ref().filter(|image| input.observed.images.contains(image));
    recorded.cloned().unwrap_or_else(|| image_tag(input.release))
}

fn image_steps(input: &DeployInput, tag: &str) -> Result<Vec<Step>, Error> {
    if input.operation != Operation::Deploy && input.observed.images.iter().any(|image| image == tag) {
        return Ok(Vec::new());
    }
    let release = input.release;
    let fresh = input.force && input.operation == Operation::Deploy;
    let build = Step::BuildImage { release: release.id.clone(), tag: tag.to_owned(), fresh };
    Ok(match &settings(input).source {
        Source::Git(source) => {
            let commit = commit(release).ok_or(Error::CommitUnknown { number: release.number })?.clone();
            vec![Step::FetchSource { source: source.clone(), commit }, build]
        }
        Source::Dockerfile { .. } => vec![build],
        Source::Image { reference, credential } => {
            let pinned = release.image.as_ref().and_then(|image| image.parse().ok()).filter(|image: &model::ImageReference| image.digest().is_some());
            let reference = pinned.unwrap_or_else(|| reference.clone());
            vec![Step::PullImage { reference, credential: credential.clone(), tag: tag.to_owned() }]
        }
    })
}

/// The network and the volumes.
fn ground_steps(input: &DeployInput) -> Vec<Step> {
    let mut steps = vec![Step::EnsureNetwork { network: input.network.to_owned() }];
    let mut seen = Vec::new();
    for mount in &input.release.spec.mounts {
        if let MountKind::Volume { name } = &mount.what
            && !seen.contains(&name)
        {
            seen.push(name);
            steps.push(Step::EnsureVolume { volume: volume_name(&input.release.application, name), name: name.clone() });
        }
    }
    steps
}

/// The hook's container answers to no name and publishes no port: no request must reach it.
fn hook_steps(input: &DeployInput, image: &str) -> Option<Step> {
    let command = settings(input).pre_deployment.clone()?;
    let configuration = configuration_digest(&input.release.spec, image);
    let name = hook_name(&input.release.spec.slug, input.deployment);
    let container = PlannedContainer { name, aliases: Vec::new(), port_mappings: Vec::new(), ..planned(input, image, 1, &configuration) };
    Some(Step::RunBefore { container, command })
}

fn start_steps(input: &DeployInput, cast: &Cast) -> Vec<Step> {
    let Settings { health, exposed_port, .. } = settings(input);
    let starts = cast.start.iter().map(|container| Step::StartContainer { container: container.clone() });
    let port = health.port.or(*exposed_port);
    let gates = cast.start.iter().map(|container| Step::AwaitHealthy { container: container.name.clone(), port, check: health.clone() });
    starts.chain(gates).collect()
}

fn stop_first_cutover(input: &DeployInput, cast: &Cast, switch: Step) -> Vec<Step> {
    let Settings { grace_seconds, drain_seconds, .. } = *previous_settings(input);
    let mut steps = vec![Step::HoldRequests];
    steps.extend(drain(input, cast, drain_seconds.min(HELD_DRAIN_LIMIT_SECONDS)));
    let running = cast.old.iter().filter(|old| active(old));
    steps.extend(running.map(|old| Step::StopContainer { container: old.name.clone(), grace_seconds }));
    steps.extend(start_steps(input, cast));
    steps.push(switch);
    steps
}

fn drain(input: &DeployInput, cast: &Cast, limit_seconds: u32) -> Option<Step> {
    let containers: Vec<String> = cast.old.iter().filter(|old| active(old) && input.serving.contains(&old.name)).map(|old| old.name.clone()).collect();
    if containers.is_empty() { None } else { Some(Step::Drain { containers, limit_seconds }) }
}

fn cleanup_steps(input: &DeployInput, cast: &Cast, image: &str, hook: Option<&Step>, stop_first: bool) -> Vec<Step> {
    let Settings { grace_seconds, drain_seconds, .. } = *previous_settings(input);
    let mut steps = Vec::new();
    if !stop_first {
        steps.extend(drain(input, cast, drain_seconds));
    }
    let gone = cast.old.iter().chain(&cast.old_hooks).map(|container| container.name.clone());
    steps.extend(gone.map(|container| Step::RemoveContainer { container, grace_seconds }));
    steps.extend(remove_hook(hook));
    if let (true, Some(command), Some(first)) = (cast.runs_hooks(input), &settings(input).post_deployment, cast.start.first()) {
        steps.push(Step::RunAfter { container: first.name.clone(), command: command.clone() });
    }
    let tags = images_no_longer_kept(input, image);
    if !tags.is_empty() {
        steps.push(Step::RemoveImages { tags });
    }
    steps
}

fn remove_hook(hook: Option<&Step>) -> Option<Step> {
    match hook {
        Some(Step::RunBefore { container, .. }) => Some(Step::RemoveContainer { container: container.name.clone(), grace_seconds: 0 }),
        _ => None,
    }
}

fn images_no_longer_kept(input: &DeployInput, image: &str) -> Vec<String> {
    let mut releases = input.releases.to_vec();
    if !releases.iter().any(|release| release.id == input.release.id) {
        releases.insert(0, BuiltRelease { id: input.release.id.clone(), image: image.to_owned() });
    }
    let never: Vec<&ReleaseId> = std::iter::once(&input.release.id).chain(input.previous.map(|previous| &previous.id)).collect();
    let runs = |release: &Release, tag: &String| release.image.as_ref() == Some(tag) || *tag == image_tag(release);
    let needed = |tag: &String| tag == image || input.previous.is_some_and(|previous| runs(previous, tag));
    let removed = keep(&releases, &never, settings(input).keep_releases).removed_tags;
    removed.into_iter().filter(|tag| input.observed.images.contains(tag) && !needed(tag)).collect()
}

/// The routes go back first: a switch that failed may have reached the edge all the same. Where the old containers were stopped, requests wait until
/// they run again.
fn undo_steps(input: &DeployInput, cast: &Cast, hook: Option<&Step>, stop_first: bool) -> Vec<Step> {
    let Settings { grace_seconds, .. } = *settings(input);
    let new = cast.start.iter().map(|container| Step::RemoveContainer { container: container.name.clone(), grace_seconds });
    let removals: Vec<Step> = new.chain(remove_hook(hook)).collect();
    if !stop_first {
        return std::iter::once(switch_back(input.previous, input.serving, input.observed)).chain(removals).collect();
    }
    let again = cast.old.iter().filter(|old| active(old) && input.serving.contains(&old.name));
    let again = again.map(|old| Step::StartAgain { container: old.name.clone() });
    let switch = switch_back(input.previous, input.serving, input.observed);
    std::iter::once(Step::HoldRequests).chain(removals).chain(again).chain([switch]).collect()
}

/// Points the routes at what serves now of the live release, which stays the live one though nothing of it runs.
pub(crate) fn switch_back(live: Option<&Release>, serving: &[String], observed: &Observed) -> Step {
    let serving: Vec<&ObservedContainer> = serving.iter().filter_map(|name| observed.container(name)).filter(|container| active(container)).collect();
    let release = live.map(|live| &live.id).or(serving.first().map(|first| &first.release)).cloned();
    Step::SwitchRoutes { release, containers: serving.into_iter().map(|container| container.name.clone()).collect() }
}

/// `1 container` or `3 containers`.
pub(crate) fn containers(count: usize) -> String {
    if count == 1 { "1 container".to_owned() } else { format!("{count} containers") }
}

fn summary(input: &DeployInput, cast: &Cast, stop_first: bool) -> String {
    let number = input.release.number;
    let (start, kept, old) = (cast.start.len(), cast.kept.len(), cast.old.len());
    if kept > 0 {
        let stays = containers(kept);
        return match (start, old) {
            (0, 0) => format!("Nothing to replace: {stays} of this configuration {} already.", if kept == 1 { "runs" } else { "run" }),
            (0, _) => format!("Release {number} keeps {stays} and removes {old}."),
            (_, 0) => format!("Release {number} keeps {stays} and starts {start}."),
            _ => format!("Release {number} keeps {stays}, starts {start} and removes {old}."),
        };
    }
    let other = input.previous.filter(|previous| previous.id != input.release.id).map(|previous| previous.number);
    let act = match (input.operation, other) {
        (Operation::Rollback, Some(other)) => format!("takes the place of release {other} again"),
        (Operation::Start, _) => "starts again".to_owned(),
        (_, Some(other)) => format!("replaces release {other}"),
        (_, None) if input.previous.is_some() => "starts anew".to_owned(),
        (_, None) => "goes live".to_owned(),
    };
    let held = if stop_first { " Requests wait while the old stops and the new starts." } else { "" };
    format!("Release {number} {act} in {}.{held}", containers(start))
}
