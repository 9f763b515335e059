//! Plans: printed, stored lists of steps that leave no choice open.
//!
//! A plan holds no secret: what a step needs of values it takes from the sealed release at the time it runs.

use crate::{
    CommitSha, GitSource, HealthCheck, ImageReference, Port, PortMapping, RegistryId, ReleaseId, command::CommandLine, git::GitReference, mount::VolumeName,
};
use serde::{Deserialize, Serialize};

/// What a deployment will do, in three phases, and how it is undone before the point of no return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// One sentence: what changes.
    pub summary: String,
    /// Everything that visitors do not notice. Failure unwinds.
    pub prepare: Vec<Step>,
    /// The switch. Its last step is the point of no return.
    pub cutover: Vec<Step>,
    /// What is left to tidy. Never fails a deployment.
    pub cleanup: Vec<Step>,
    /// How prepare and cutover are undone, in order. Each step is harmless where there is nothing to undo.
    pub undo: Vec<Step>,
}

/// A part of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Before visitors notice anything.
    Prepare,
    /// The switch.
    Cutover,
    /// After it.
    Cleanup,
    /// Instead of it, when something failed.
    Undo,
}

impl Phase {
    /// The word people read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Cutover => "cutover",
            Self::Cleanup => "cleanup",
            Self::Undo => "undo",
        }
    }
}

impl Plan {
    /// The steps of the way forward in order, numbered from 0 through all three phases.
    pub fn forward(&self) -> impl Iterator<Item = (usize, Phase, &Step)> {
        let phases = [(Phase::Prepare, &self.prepare), (Phase::Cutover, &self.cutover), (Phase::Cleanup, &self.cleanup)];
        phases
            .into_iter()
            .flat_map(|(phase, steps)| steps.iter().map(move |step| (phase, step)))
            .enumerate()
            .map(|(number, (phase, step))| (number, phase, step))
    }
    /// The steps of the way back, numbered after the way forward.
    pub fn backward(&self) -> impl Iterator<Item = (usize, Phase, &Step)> {
        let from = self.prepare.len() + self.cutover.len() + self.cleanup.len();
        self.undo.iter().enumerate().map(move |(at, step)| (from + at, Phase::Undo, step))
    }
    /// The number of the first step after the point of no return.
    pub fn point_of_no_return(&self) -> usize {
        self.prepare.len() + self.cutover.len()
    }
}

/// A container as a plan names it. Its variables, files and limits come from the release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedContainer {
    /// Its name on the engine, which makes running a step twice harmless.
    pub name: String,
    /// The release it runs.
    pub release: ReleaseId,
    /// Its number, from 1.
    pub replica: u16,
    /// The image it runs.
    pub image: String,
    /// The network it joins.
    pub network: String,
    /// Names it answers to on that network.
    pub aliases: Vec<String>,
    /// Ports published on the host.
    pub port_mappings: Vec<PortMapping>,
    /// Digest of the configuration, kept as a label.
    pub configuration: String,
}

/// One step. Each can be run twice with the effect of once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Brings the commit into the repository cache.
    FetchSource {
        /// The repository.
        source: GitSource,
        /// The commit, resolved before the plan was made.
        commit: CommitSha,
    },
    /// Builds the image, unless it is there.
    BuildImage {
        /// The release whose settings say how.
        release: ReleaseId,
        /// The tag the image gets; it carries a digest of all inputs.
        tag: String,
        /// Without cache, though the tag is there.
        fresh: bool,
    },
    /// Pulls the image, unless a pinned one is there.
    PullImage {
        /// Which.
        reference: ImageReference,
        /// The credential.
        credential: Option<RegistryId>,
        /// Our tag for what was pulled, so that it can be kept for rollback.
        tag: String,
    },
    /// Makes the network, unless it is there.
    EnsureNetwork {
        /// Its name.
        network: String,
    },
    /// Makes the volume, unless it is there.
    EnsureVolume {
        /// Its name on the engine.
        volume: String,
        /// Its name within the application.
        name: VolumeName,
    },
    /// Runs the pre-deployment command in a container of the new image. Never run blindly a second time: the container remembers.
    RunBefore {
        /// The container.
        container: PlannedContainer,
        /// What runs.
        command: CommandLine,
    },
    /// Makes and starts a container beside what runs.
    StartContainer {
        /// Which.
        container: PlannedContainer,
    },
    /// Asks for health from outside until it is there or the check gives up.
    AwaitHealthy {
        /// The container's name.
        container: String,
        /// The port asked.
        port: Option<Port>,
        /// The check.
        check: HealthCheck,
    },
    /// Holds new requests at the edge while two copies cannot run at once.
    HoldRequests,
    /// Stops old containers within the cutover, keeping them for the undo.
    StopContainer {
        /// Its name.
        container: String,
        /// Seconds between SIGTERM and SIGKILL.
        grace_seconds: u32,
    },
    /// Starts a stopped container again; only in undos and starts.
    StartAgain {
        /// Its name.
        container: String,
    },
    /// Points the application's routes at these containers, and waits for the edge's acknowledgement. Sets the live release.
    SwitchRoutes {
        /// The release that is live from now on, also when no container of it serves yet or any more; none takes the routes away.
        release: Option<ReleaseId>,
        /// The containers that serve.
        containers: Vec<String>,
    },
    /// Waits until no request is in flight on these containers.
    Drain {
        /// Their names.
        containers: Vec<String>,
        /// Seconds to wait at most.
        limit_seconds: u32,
    },
    /// Stops and removes a container.
    RemoveContainer {
        /// Its name.
        container: String,
        /// Seconds between SIGTERM and SIGKILL.
        grace_seconds: u32,
    },
    /// Runs the post-deployment command in a serving container.
    RunAfter {
        /// The container's name.
        container: String,
        /// What runs.
        command: CommandLine,
    },
    /// Removes images of releases that are no longer kept.
    RemoveImages {
        /// Their tags.
        tags: Vec<String>,
    },
    /// Removes a volume and what is in it; only when an application is deleted and the person asked for it.
    RemoveVolume {
        /// Its name on the engine.
        volume: String,
    },
    /// Forgets the application; the last step of a delete.
    Forget,
}

impl Step {
    /// The kind's name, as the journal and the tests know it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::FetchSource { .. } => "fetch_source",
            Self::BuildImage { .. } => "build_image",
            Self::PullImage { .. } => "pull_image",
            Self::EnsureNetwork { .. } => "ensure_network",
            Self::EnsureVolume { .. } => "ensure_volume",
            Self::RunBefore { .. } => "run_before",
            Self::StartContainer { .. } => "start_container",
            Self::AwaitHealthy { .. } => "await_healthy",
            Self::HoldRequests => "hold_requests",
            Self::StopContainer { .. } => "stop_container",
            Self::StartAgain { .. } => "start_again",
            Self::SwitchRoutes { .. } => "switch_routes",
            Self::Drain { .. } => "drain",
            Self::RemoveContainer { .. } => "remove_container",
            Self::RunAfter { .. } => "run_after",
            Self::RemoveImages { .. } => "remove_images",
            Self::RemoveVolume { .. } => "remove_volume",
            Self::Forget => "forget",
        }
    }

    /// What it does, as people read it before, during and after.
    pub fn title(&self) -> String {
        match self {
            Self::FetchSource { commit, .. } => format!("Fetch commit {}", commit.short()),
            Self::BuildImage { .. } => "Build the image".into(),
            Self::PullImage { reference, .. } => format!("Pull {reference}"),
            Self::EnsureNetwork { network } => format!("Network {network}"),
            Self::EnsureVolume { name, .. } => format!("Volume {name}"),
            Self::RunBefore { command, .. } => format!("Run {command} before"),
            Self::StartContainer { container } => format!("Start {}", container.name),
            Self::AwaitHealthy { container, .. } => format!("Wait until {container} is healthy"),
            Self::HoldRequests => "Hold new requests".into(),
            Self::StopContainer { container, .. } => format!("Stop {container}"),
            Self::StartAgain { container } => format!("Start {container} again"),
            Self::SwitchRoutes { release: None, .. } => "Take the routes away".into(),
            Self::SwitchRoutes { containers, .. } if containers.is_empty() => "Leave the routes without a container".into(),
            Self::SwitchRoutes { containers, .. } => format!("Switch routes to {}", containers.join(", ")),
            Self::Drain { .. } => "Let requests in flight finish".into(),
            Self::RemoveContainer { container, .. } => format!("Remove {container}"),
            Self::RunAfter { command, .. } => format!("Run {command} after"),
            Self::RemoveImages { tags } if tags.len() == 1 => "Remove 1 image no longer kept".into(),
            Self::RemoveImages { tags } => format!("Remove {} images no longer kept", tags.len()),
            Self::RemoveVolume { volume } => format!("Remove volume {volume} and what is in it"),
            Self::Forget => "Forget the application".into(),
        }
    }
}

/// The state of a step in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Begun.
    Running,
    /// Done.
    Done,
    /// Was so already.
    Skipped,
    /// Failed.
    Failed,
}

impl StepState {
    /// The word in the store and on pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for StepState {
    type Err = crate::Invalid;
    fn from_str(text: &str) -> Result<Self, crate::Invalid> {
        [Self::Waiting, Self::Running, Self::Done, Self::Skipped, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| crate::Invalid::new("a step is waiting, running, done, skipped or failed"))
    }
}

/// What is resolved of a reference before a plan is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// What was asked for.
    pub reference: GitReference,
    /// The commit it names now.
    pub commit: CommitSha,
}
