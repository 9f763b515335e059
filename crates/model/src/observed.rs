//! What is seen on an engine, as far as it is ours.

use crate::{ApplicationId, DeploymentId, ReleaseId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Something that may be there, may not be there, or cannot be seen now. What cannot be seen is not absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence<T> {
    /// Seen not to be there.
    Absent,
    /// Seen.
    Present(T),
    /// Not to be seen since then.
    Unknown {
        /// Since when.
        since: Timestamp,
        /// Why.
        why: String,
    },
}

/// What an engine holds of one application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// Its containers, stopped ones too, by name.
    pub containers: Vec<ObservedContainer>,
    /// Its images: our tags.
    pub images: Vec<String>,
    /// Networks of this instance on the engine.
    pub networks: Vec<String>,
    /// Its volumes.
    pub volumes: Vec<String>,
}

impl Observed {
    /// The container of this name.
    pub fn container(&self, name: &str) -> Option<&ObservedContainer> {
        self.containers.iter().find(|container| container.name == name)
    }
}

/// A container with our labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedContainer {
    /// The engine's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The application.
    pub application: ApplicationId,
    /// The release it runs.
    pub release: ReleaseId,
    /// The deployment that made it.
    pub deployment: DeploymentId,
    /// Its number among the release's containers, from 1.
    pub replica: u16,
    /// What it is for.
    pub kind: ContainerKind,
    /// Digest of the configuration it was made from; see `plan::configuration_digest`.
    pub configuration: String,
    /// The image it runs, as it was named at creation.
    pub image: String,
    /// What it does.
    pub state: ContainerState,
    /// Its address on the destination's network, while it runs.
    pub address: Option<IpAddr>,
    /// How often the engine started it again.
    pub restarts: u32,
    /// When it last started.
    pub started: Option<Timestamp>,
}

/// What a container is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContainerKind {
    /// Serves.
    Serve,
    /// Runs a pre-deployment command.
    Hook,
}

/// What a container does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum ContainerState {
    /// Made, never started.
    Created,
    /// Runs.
    Running,
    /// Is being started again by the engine.
    Restarting,
    /// Ended.
    Exited {
        /// Its exit code.
        code: i64,
        /// The kernel ended it for want of memory.
        out_of_memory: bool,
    },
    /// Anything else the engine says, in its own word.
    Other {
        /// That word.
        word: String,
    },
}

impl ContainerState {
    /// Whether it runs.
    pub fn running(&self) -> bool {
        matches!(self, Self::Running)
    }
}
