//! Private keys and registry credentials.

use crate::api::body::body;
use model::key::Key;
use ops::RegistryRow;
use serde::Serialize;
use utoipa::ToSchema;

/// A private key.
#[derive(Serialize, ToSchema)]
pub(crate) struct PrivateKey {
    /// Its number.
    id: i64,
    /// Its uuid.
    uuid: String,
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// The private half; only for one key, and only where the token may read secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    private_key: Option<String>,
    /// The public half, in OpenSSH's one-line form.
    public_key: String,
    /// SHA-256 fingerprint.
    fingerprint: String,
    /// Whether it signs in to git hosts.
    is_git_related: bool,
    /// The team's number.
    team_id: i64,
    /// When it was made.
    created_at: String,
    /// When it was changed last.
    updated_at: String,
}

impl PrivateKey {
    /// Of a key of the team of this number, with its private half where the caller may see it.
    pub(crate) fn new(key: Key, team: i64, private: Option<String>) -> Self {
        Self {
            id: key.record.number,
            team_id: team,
            created_at: key.record.created.to_string(),
            updated_at: key.record.updated.to_string(),
            uuid: key.id.into(),
            name: key.name.into(),
            description: key.description,
            private_key: private,
            public_key: key.public,
            fingerprint: key.fingerprint,
            is_git_related: true,
        }
    }
}

body! {
    /// A key to be.
    NewKey {
        /// The name; from the public half when absent.
        name: Option<String>,
        /// What it is for.
        description: Option<String>,
        /// The private half in OpenSSH's form; a new Ed25519 key is made when it is absent.
        private_key: Option<String>,
    }
}

body! {
    /// Changes to a key; what is absent stays.
    PatchKey {
        /// Which; only where the address does not say it.
        uuid: Option<String>,
        /// The name.
        name: Option<String>,
        /// What it is for.
        description: Option<String>,
        /// Another private half, which replaces the key.
        private_key: Option<String>,
    }
}

/// A registry credential.
#[derive(Serialize, ToSchema)]
pub(crate) struct Registry {
    /// Its uuid.
    uuid: String,
    /// Its name.
    name: String,
    /// Host and port of the registry.
    host: String,
    /// Who signs in.
    username: String,
}

impl From<RegistryRow> for Registry {
    fn from(row: RegistryRow) -> Self {
        Self { uuid: row.id.into(), name: row.name.into(), host: row.host, username: row.username }
    }
}

body! {
    /// A registry credential to be.
    NewRegistry {
        /// The name; the host when absent.
        name: Option<String>,
        /// Host and port of the registry; Docker Hub when absent.
        host: Option<String>,
        /// Who signs in.
        username: String,
        /// The password or token.
        password: String,
    }
}
