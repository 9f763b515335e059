//! Private keys that Wharf holds to sign in to git hosts and servers.

use crate::{KeyId, Name, Record, TeamId};

/// A private key, without its private half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// Whose it is.
    pub team: TeamId,
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// The public half, in OpenSSH's one-line form.
    pub public: String,
    /// SHA-256 fingerprint as `ssh-keygen -l` prints it.
    pub fingerprint: String,
    /// Its number and times.
    pub record: Record,
}
