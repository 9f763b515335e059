//! What survives a container: volumes, files and host paths mounted into it.

use crate::{Invalid, MountPath, Secret, StorageId, parsed_text};
use serde::{Deserialize, Serialize};

parsed_text!(
    /// The name of a persistent volume within its application.
    VolumeName,
    |text| {
        let text = text.trim();
        let first = text.chars().next().is_some_and(|c| c.is_ascii_alphanumeric());
        if first && text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) {
            Ok(text.to_owned())
        } else {
            Err(Invalid::new("a volume's name has up to 64 letters, digits, dots, hyphens and underscores"))
        }
    }
);

/// Largest content of a file mount, in bytes.
pub const FILE_LENGTH_BYTES: usize = 1024 * 1024;

/// Something mounted into the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Its id.
    pub id: StorageId,
    /// Where in the container.
    pub path: MountPath,
    /// What.
    pub what: MountKind,
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum MountKind {
    /// A persistent volume that outlives releases.
    Volume {
        /// Its name within the application.
        name: VolumeName,
    },
    /// A file with this content, written into each new container before it starts.
    File {
        /// The content.
        content: Secret,
        /// Permission bits, such as 0o644.
        mode: u32,
    },
    /// A path of the host; only an owner may set one.
    Host {
        /// The host's path.
        source: MountPath,
        /// Mounted for reading only.
        read_only: bool,
    },
}
