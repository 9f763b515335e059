//! Releases: frozen, numbered desired states of an application.

use crate::{ApplicationId, CommitSha, ReleaseId, Secret, Settings, Slug, mount::Mount, variable::FrozenVariable};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A frozen desired state. Once made it never changes but for what a deployment finds out: the commit and the image.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// The application.
    pub application: ApplicationId,
    /// Its number within the application, from 1.
    pub number: i64,
    /// Everything that was frozen.
    pub spec: Spec,
    /// The commit, once resolved.
    pub commit: Option<CommitSha>,
    /// First line of the commit's message, once fetched.
    pub commit_message: Option<String>,
    /// The image that was built or pulled: a tag of ours, or a reference pinned by digest.
    pub image: Option<String>,
    /// When it was made.
    pub created: Timestamp,
}

/// What a release freezes. It holds secrets (values of variables, contents of files): the store seals it as one record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// The application's slug at that time.
    pub slug: Slug,
    /// The application's settings at that time.
    pub settings: Settings,
    /// Variables, references resolved, Wharf's own included.
    pub variables: Vec<FrozenVariable>,
    /// Mounts.
    pub mounts: Vec<Mount>,
}

impl Spec {
    /// The values that logs must not show: those of every variable but the ones Wharf gives itself, which are names and addresses.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.variables.iter().filter(|variable| !variable.given).map(|variable| &variable.value)
    }
}
