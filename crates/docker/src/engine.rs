//! The connection to an engine, and what the engine says of itself.

use crate::{Error, Result};
use bollard::{API_DEFAULT_VERSION, ClientVersion, Docker};
use model::{ImageReference, InstanceId};
use std::{io::ErrorKind, path::Path, sync::Arc};

/// The oldest API that is spoken; engines from 25.0 on have it.
pub const MINIMUM_API: &ClientVersion = &ClientVersion { major_version: 1, minor_version: 44 };
/// How long the engine may take to begin an answer, in seconds.
pub(crate) const ANSWER_TIMEOUT_SECONDS: u64 = 120;

/// An engine, as one Wharf sees it. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(crate) docker: Docker,
    pub(crate) socket: Arc<Path>,
    pub(crate) instance: InstanceId,
}

/// What an engine says of itself and its machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its version.
    pub version: String,
    /// The newest API it speaks.
    pub api_version: String,
    /// The machine's operating system, as people know it.
    pub operating_system: String,
    /// The machine's architecture: `x86_64`, `aarch64`.
    pub architecture: String,
    /// How many processors the machine has.
    pub processors: u32,
    /// The machine's memory, in bytes.
    pub memory_bytes: u64,
    /// Where the engine keeps its data on the machine.
    pub root_directory: String,
    /// How it stores layers.
    pub storage_driver: String,
    /// How many containers run, ours or not.
    pub containers_running: u64,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engine").field("socket", &self.socket).field("instance", &self.instance).finish()
    }
}

impl Engine {
    /// Connects to the engine behind a unix socket and agrees on the API's version.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the socket is missing, may not be used or nobody answers; [`Error::TooOld`].
    pub async fn connect(socket: &Path, instance: InstanceId) -> Result<Self> {
        let path = socket.display().to_string();
        tokio::net::UnixStream::connect(socket).await.map_err(|error| Error::Unavailable {
            why: match error.kind() {
                ErrorKind::NotFound => format!("there is no socket at {path}: install Docker Engine and start it"),
                ErrorKind::PermissionDenied => format!("{path} may not be opened: run Wharf as root or as a member of the group docker"),
                ErrorKind::ConnectionRefused => format!("nobody answers at {path}: start Docker Engine"),
                _ => format!("{path}: {error}"),
            },
        })?;
        let docker = Docker::connect_with_unix(&path, ANSWER_TIMEOUT_SECONDS, API_DEFAULT_VERSION)?.negotiate_version().await?;
        let found = docker.client_version();
        if found < *MINIMUM_API {
            return Err(Error::TooOld { found: found.to_string(), needed: MINIMUM_API.to_string() });
        }
        Ok(Self { docker, socket: socket.into(), instance })
    }

    /// The instance this connection acts for.
    pub fn instance(&self) -> &InstanceId {
        &self.instance
    }

    /// Asks whether the engine answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<()> {
        self.docker.ping().await?;
        Ok(())
    }

    /// What the engine says of itself and its machine.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn facts(&self) -> Result<Facts> {
        let (info, version) = tokio::try_join!(self.docker.info(), self.docker.version())?;
        Ok(Facts {
            version: version.version.unwrap_or_default(),
            api_version: version.api_version.unwrap_or_default(),
            operating_system: info.operating_system.unwrap_or_default(),
            architecture: info.architecture.unwrap_or_default(),
            processors: info.ncpu.and_then(|count| count.try_into().ok()).unwrap_or_default(),
            memory_bytes: info.mem_total.and_then(|bytes| bytes.try_into().ok()).unwrap_or_default(),
            root_directory: info.docker_root_dir.unwrap_or_default(),
            storage_driver: info.driver.unwrap_or_default(),
            containers_running: info.containers_running.and_then(|count| count.try_into().ok()).unwrap_or_default(),
        })
    }
}

/// Checks the name of a container, network or volume. It becomes part of a path, so nothing else may pass.
pub(crate) fn checked_name(name: &str) -> Result<&str> {
    let first = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if first && name.len() <= 255 && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) {
        Ok(name)
    } else {
        Err(Error::Invalid { why: format!("{name:?} is no name for an object of the engine: letters, digits, _ . and - only") })
    }
}

/// Checks the reference of an image. It becomes part of a path, so nothing else may pass.
pub(crate) fn checked_image(reference: &str) -> Result<ImageReference> {
    reference.parse().map_err(|why: model::Invalid| Error::Invalid { why: format!("{reference:?}: {why}") })
}

/// Takes absence as an answer instead of a failure.
pub(crate) fn absent_is_none<T>(answer: std::result::Result<T, bollard::errors::Error>) -> Result<Option<T>> {
    match answer.map_err(Error::from) {
        Ok(value) => Ok(Some(value)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_leave_their_place_in_a_path_are_refused() {
        for bad in ["", "..", "a/../b", "a b", "a?x", "-a", "a%2f", "a\n"] {
            assert!(checked_name(bad).is_err(), "{bad}");
        }
        assert!(checked_name("web-abc_1.2").is_ok());
        assert!(checked_image("../x").is_err() && checked_image("wharf/abc:1").is_ok());
    }
}
