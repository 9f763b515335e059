//! Storage of applications.

use crate::api::body::body;
use model::{Secret, mount::MountKind};
use ops::{MountForm, MountView};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// What an application has mounted.
#[derive(Serialize, ToSchema, Default)]
pub(crate) struct Storages {
    /// Volumes and host paths.
    persistent_storages: Vec<PersistentStorage>,
    /// Files with content.
    file_storages: Vec<FileStorage>,
}

/// A volume, or a path of the host.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersistentStorage {
    /// Its uuid.
    uuid: String,
    /// The volume's name.
    name: Option<String>,
    /// Where in the container.
    mount_path: String,
    /// The host's path.
    host_path: Option<String>,
    /// Mounted for reading only.
    is_readonly: bool,
}

/// A file with content.
#[derive(Serialize, ToSchema)]
pub(crate) struct FileStorage {
    /// Its uuid.
    uuid: String,
    /// Where in the container.
    mount_path: String,
    /// The content; null where the token may not read secrets.
    content: Option<String>,
    /// Permission bits in octal.
    chmod: String,
    /// Whether it is a directory; none is.
    is_directory: bool,
}

impl Storages {
    /// Sorts mounts by their kind.
    pub(crate) fn new(mounts: Vec<MountView>) -> Self {
        let mut all = Self::default();
        for MountView { id, path, what, redacted } in mounts {
            let (uuid, mount_path) = (id.to_string(), path.to_string());
            let persistent =
                |name, host_path, is_readonly| PersistentStorage { uuid: uuid.clone(), name, mount_path: mount_path.clone(), host_path, is_readonly };
            match what {
                MountKind::Volume { name } => all.persistent_storages.push(persistent(Some(name.to_string()), None, false)),
                MountKind::Host { source, read_only } => all.persistent_storages.push(persistent(None, Some(source.to_string()), read_only)),
                MountKind::File { content, mode } => {
                    let content = (!redacted).then(|| content.expose().to_owned());
                    all.file_storages.push(FileStorage { uuid, mount_path, content, chmod: format!("{mode:o}"), is_directory: false });
                }
            }
        }
        all
    }
}

body! {
    /// Storage to be.
    NewStorage {
        /// `persistent` or `file`.
        #[schema(pattern = "^(persistent|file)$")]
        r#type: String,
        /// The volume's name; from the path when absent.
        name: Option<String>,
        /// Where in the container.
        mount_path: String,
        /// A path of the host instead of a volume; owners only.
        host_path: Option<String>,
        /// Mounted for reading only; host paths only.
        is_readonly: Option<bool>,
        /// A file's content.
        content: Option<String>,
        /// A file's permission bits in octal; 644 when absent.
        chmod: Option<String>,
        /// Whether it is a directory; only false is possible now.
        is_directory: Option<bool>,
        /// Where the file lies on the host; it is not asked for here.
        fs_path: Option<String>,
    }
}

body! {
    /// Changes to storage; what is absent stays.
    PatchStorage {
        /// Which.
        uuid: String,
        /// `persistent` or `file`; it cannot be changed.
        r#type: Option<String>,
        /// The volume's name.
        name: Option<String>,
        /// Where in the container.
        mount_path: Option<String>,
        /// The host's path.
        host_path: Option<String>,
        /// Mounted for reading only; host paths only.
        is_readonly: Option<bool>,
        /// A file's content.
        content: Option<String>,
        /// A file's permission bits in octal.
        chmod: Option<String>,
        /// Nothing here: previews have storage of their own.
        is_preview_suffix_enabled: Option<bool>,
    }
}

impl NewStorage {
    /// As a form; none where the type is neither.
    pub(crate) fn form(self) -> Option<MountForm> {
        match (self.r#type.as_str(), self.host_path) {
            ("persistent", Some(source)) if !source.is_empty() => Some(MountForm::Host { source, read_only: self.is_readonly.unwrap_or(false) }),
            ("persistent", _) => Some(MountForm::Volume { name: self.name.unwrap_or_default() }),
            ("file", _) => Some(MountForm::File { content: Some(Secret::new(self.content.unwrap_or_default())), mode: self.chmod.unwrap_or_default() }),
            _ => None,
        }
    }
}

impl PatchStorage {
    /// As a form over what is there.
    pub(crate) fn form(self, known: MountKind) -> MountForm {
        match known {
            MountKind::Volume { name } => MountForm::Volume { name: self.name.unwrap_or(name.into()) },
            MountKind::File { .. } => MountForm::File { content: self.content.map(Secret::new), mode: self.chmod.unwrap_or_default() },
            MountKind::Host { source, read_only } => {
                MountForm::Host { source: self.host_path.unwrap_or(source.into()), read_only: self.is_readonly.unwrap_or(read_only) }
            }
        }
    }
}

/// Storage of an application.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code)]
pub(crate) struct ByStorage {
    /// The application's uuid.
    uuid: String,
    /// The storage's uuid.
    storage_uuid: String,
}
