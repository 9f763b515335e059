//! What many operations share: uuids, messages, names.

use crate::api::body::body;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// What was made or changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Uuid {
    /// Its uuid.
    pub(crate) uuid: String,
}

impl Uuid {
    /// Of this id.
    pub(crate) fn new(id: impl Into<String>) -> Self {
        Self { uuid: id.into() }
    }
}

/// A sentence.
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    /// What happened.
    pub(crate) message: String,
}

impl Message {
    /// This sentence.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// Something with a name.
#[derive(Serialize, ToSchema)]
pub(crate) struct Named {
    /// Its uuid.
    pub(crate) uuid: String,
    /// Its name.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) description: String,
}

body! {
    /// A name, and what the thing is for.
    NewNamed {
        /// The name.
        name: String,
        /// What it is for.
        description: Option<String>,
    }
}

body! {
    /// Another name or description; what is absent stays.
    PatchNamed {
        /// The name.
        name: Option<String>,
        /// What it is for.
        description: Option<String>,
    }
}

/// The thing asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code)]
pub(crate) struct ByUuid {
    /// Its uuid.
    uuid: String,
}

/// The environment asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code)]
pub(crate) struct ByEnvironment {
    /// The project's uuid.
    uuid: String,
    /// The environment's name or uuid.
    environment_name_or_uuid: String,
}
