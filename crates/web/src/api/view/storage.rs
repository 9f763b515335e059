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
    /// Its number.
    id: i64,
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
    /// Whether previews get storage of their own; there are none yet.
    is_preview_suffix_enabled: bool,
    /// What it belongs to; always an application.
    resource_type: &'static str,
    /// The application's number.
    resource_id: i64,
    /// When it was made.
    created_at: String,
    /// When it was changed last.
    updated_at: String,
}

/// A file with content.
#[derive(Serialize, ToSchema)]
pub(crate) struct FileStorage {
    /// Its number.
    id: i64,
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
    /// Where it lies on the host; it is copied into the container instead.
    fs_path: Option<String>,
    /// Whether it comes from the repository; none does.
    is_based_on_git: bool,
    /// Whether previews get storage of their own; there are none yet.
    is_preview_suffix_enabled: bool,
    /// What it belongs to; always an application.
    resource_type: &'static str,
    /// The application's number.
    resource_id: i64,
    /// When it was made.
    created_at: String,
    /// When it was changed last.
    updated_at: String,
}

/// Storage of either kind.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Storage {
    /// A volume, or a path of the host.
    Persistent(PersistentStorage),
    /// A file.
    File(FileStorage),
}

impl Storage {
    /// A mount of the application of this number.
    pub(crate) fn new(mount: MountView, application: i64) -> Self {
        let MountView { id, path, what, redacted, record } = mount;
        let (uuid, mount_path) = (id.to_string(), path.to_string());
        let (created_at, updated_at) = (record.created.to_string(), record.updated.to_string());
        let (name, host_path, is_readonly) = match what {
            MountKind::Volume { name } => (Some(name.to_string()), None, false),
            MountKind::Host { source, read_only } => (None, Some(source.to_string()), read_only),
            MountKind::File { content, mode } => {
                return Self::File(FileStorage {
                    id: record.number,
                    uuid,
                    mount_path,
                    content: (!redacted).then(|| content.expose().to_owned()),
                    chmod: format!("{mode:o}"),
                    is_directory: false,
                    fs_path: None,
                    is_based_on_git: false,
                    is_preview_suffix_enabled: false,
                    resource_type: RESOURCE,
                    resource_id: application,
                    created_at,
                    updated_at,
                });
            }
        };
        Self::Persistent(PersistentStorage {
            id: record.number,
            uuid,
            name,
            mount_path,
            host_path,
            is_readonly,
            is_preview_suffix_enabled: false,
            resource_type: RESOURCE,
            resource_id: application,
            created_at,
            updated_at,
        })
    }
}

/// What storage belongs to.
const RESOURCE: &str = "application";

impl Storages {
    /// Sorts mounts of the application of this number by their kind.
    pub(crate) fn new(mounts: Vec<MountView>, application: i64) -> Self {
        let mut all = Self::default();
        for mount in mounts {
            match Storage::new(mount, application) {
                Storage::Persistent(storage) => all.persistent_storages.push(storage),
                Storage::File(storage) => all.file_storages.push(storage),
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
        uuid: Option<String>,
        /// Which, by its number; where there is no uuid.
        id: Option<i64>,
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
    /// Whether it means this one: by its uuid, or by its number where there is none.
    pub(crate) fn names(&self, mount: &MountView) -> bool {
        self.uuid.as_ref().map_or(self.id == Some(mount.record.number), |uuid| uuid == mount.id.as_str())
    }

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
