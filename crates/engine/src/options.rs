//! How an engine is set up.

use model::InstanceId;
use std::path::{Path, PathBuf};
use store::Store;

/// How an engine is set up.
#[derive(Clone)]
pub struct EngineOptions {
    /// The folder of everything that is kept.
    pub data: PathBuf,
    /// The store.
    pub store: Store,
    /// Whose things on the engine are ours.
    pub instance: InstanceId,
    /// The container engine's socket.
    pub docker_socket: PathBuf,
    /// The port the edge listens on for HTTP.
    pub http_port: u16,
    /// The port the edge listens on for HTTPS.
    pub https_port: u16,
    /// Which repositories may be read.
    pub source_policy: source::SourcePolicy,
    /// Our own executable, a static one: edges and static sites are made of it.
    pub binary: PathBuf,
    /// Builds that run at a time.
    pub builds_at_once: usize,
    /// The version of this Wharf.
    pub version: String,
    /// The folder of the edge's state; `edge` in the data folder when absent.
    pub edge_state: Option<PathBuf>,
}

/// Builds that run at a time unless the options say otherwise.
pub const BUILDS_AT_ONCE: usize = 2;

impl EngineOptions {
    /// The folder of the edge's state.
    pub(crate) fn edge_state(&self) -> PathBuf {
        self.edge_state.clone().unwrap_or_else(|| self.data.join("edge"))
    }

    /// The folder of the repository caches.
    pub(crate) fn source_cache(&self) -> PathBuf {
        self.data.join("source")
    }

    /// Our own executable.
    pub(crate) fn binary(&self) -> &Path {
        &self.binary
    }
}
