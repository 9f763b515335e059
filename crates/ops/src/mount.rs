//! Storage of applications: volumes, files, host paths.

use crate::{Error, Ops, error::Faults, permit};
use model::{
    ApplicationId, MountPath, Record, Role, Secret, StorageId,
    mount::{FILE_LENGTH_BYTES, Mount, MountKind},
};
use store::Scope;

/// A mount as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountView {
    /// Its id.
    pub id: StorageId,
    /// Where in the container.
    pub path: MountPath,
    /// What; a file's content is empty where the caller may not see secrets.
    pub what: MountKind,
    /// Whether a file's content was left out.
    pub redacted: bool,
    /// Its number and times.
    pub record: Record,
}

/// What a mount is to be, as typed.
#[derive(Debug, Clone)]
pub enum MountForm {
    /// A persistent volume.
    Volume {
        /// Its name; from the path when empty.
        name: String,
    },
    /// A file with content.
    File {
        /// The content; absent keeps what is there.
        content: Option<Secret>,
        /// Permission bits in octal, `644` when empty.
        mode: String,
    },
    /// A path of the host; owners only.
    Host {
        /// The host's path.
        source: String,
        /// Mounted for reading only.
        read_only: bool,
    },
}

impl Ops {
    /// An application's mounts by path.
    pub async fn mount_list(&self, scope: &Scope, application: ApplicationId) -> Result<Vec<MountView>, Error> {
        permit::read(scope)?;
        self.store.application_fetch(scope, application.clone()).await?;
        let shown = permit::sees_secrets(scope);
        let view = |(Mount { id, path, what }, record)| match what {
            MountKind::File { mode, .. } if !shown => {
                MountView { id, path, what: MountKind::File { content: Secret::default(), mode }, redacted: true, record }
            }
            what => MountView { id, path, what, redacted: false, record },
        };
        Ok(self.store.mount_list_recorded(scope, application).await?.into_iter().map(view).collect())
    }

    /// Adds a mount, or changes the one of this id. It is live after a deployment.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field; [`Error::Forbidden`] for a host path where the caller is no owner; [`Error::NotFound`] for an id that is not
    /// this application's.
    pub async fn mount_put(&self, scope: &Scope, application: ApplicationId, id: Option<StorageId>, path: &str, form: MountForm) -> Result<StorageId, Error> {
        permit::write(scope)?;
        self.store.application_fetch(scope, application.clone()).await?;
        let known = self.store.mount_list(scope, application.clone()).await?;
        let old = match &id {
            Some(id) => Some(known.iter().find(|mount| mount.id == *id).ok_or(Error::NotFound { kind: "storage" })?),
            None => None,
        };
        let is_host = |what: &MountKind| matches!(what, MountKind::Host { .. });
        if matches!(form, MountForm::Host { .. }) || old.is_some_and(|old| is_host(&old.what)) {
            permit::role(scope, Role::Owner)?;
        }
        let mut faults = Faults::default();
        let path = faults.parse::<MountPath>("mount_path", path);
        if path.as_ref().is_some_and(|path| known.iter().any(|mount| mount.path == *path && Some(&mount.id) != id.as_ref())) {
            faults.add("mount_path", "another mount has this path: choose another");
        }
        let what = what(form, path.as_ref(), old, &mut faults);
        if let Some(MountKind::Volume { name }) = &what
            && known.iter().any(|mount| Some(&mount.id) != id.as_ref() && matches!(&mount.what, MountKind::Volume { name: other } if other == name))
        {
            faults.add("name", "another mount has a volume of this name: choose another");
        }
        let (path, what) = faults.give(path.zip(what))?;
        let id = id.unwrap_or_else(|| self.id(StorageId::from_chance));
        self.store.mount_put(scope, application, Mount { id: id.clone(), path, what }, self.now()).await?;
        Ok(id)
    }

    /// Removes a mount. The volume behind it stays on the engine until the application is deleted with its volumes.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a host path where the caller is no owner.
    pub async fn mount_delete(&self, scope: &Scope, application: ApplicationId, id: StorageId) -> Result<(), Error> {
        permit::write(scope)?;
        let known = self.store.mount_list(scope, application.clone()).await?;
        if known.iter().any(|mount| mount.id == id && matches!(mount.what, MountKind::Host { .. })) {
            permit::role(scope, Role::Owner)?;
        }
        Ok(self.store.mount_delete(scope, application, id, self.now()).await?)
    }
}

fn what(form: MountForm, path: Option<&MountPath>, old: Option<&Mount>, faults: &mut Faults) -> Option<MountKind> {
    match form {
        MountForm::Volume { name } => {
            let named = if name.trim().is_empty() { path.map(|path| path.as_str().trim_matches('/').replace('/', "-"))? } else { name };
            faults.parse("name", &named).map(|name| MountKind::Volume { name })
        }
        MountForm::File { content, mode } => {
            let kept = old.and_then(|old| if let MountKind::File { content, mode } = &old.what { Some((content.clone(), *mode)) } else { None });
            let content = content.or_else(|| kept.as_ref().map(|(content, _)| content.clone())).unwrap_or_default();
            if content.expose().len() > FILE_LENGTH_BYTES {
                faults.add("content", "a file has at most 1 MiB");
            }
            let mode = match mode.trim() {
                "" => Some(kept.map_or(0o644, |(_, mode)| mode)),
                text => u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777),
            };
            if mode.is_none() {
                faults.add("mode", "permissions look like 644");
            }
            mode.map(|mode| MountKind::File { content, mode })
        }
        MountForm::Host { source, read_only } => faults.parse("host_path", &source).map(|source| MountKind::Host { source, read_only }),
    }
}
