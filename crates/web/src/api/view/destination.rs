//! Destinations.

use crate::api::body::body;
use serde::Serialize;
use utoipa::ToSchema;

/// A destination.
#[derive(Serialize, ToSchema)]
pub(crate) struct Destination {
    /// Its number.
    id: i64,
    /// Its uuid.
    uuid: String,
    /// Its name.
    name: String,
    /// The engine's name of the network.
    network: String,
    /// Its kind; always `standalone`, a network of one engine.
    r#type: &'static str,
    /// The server's uuid.
    server_uuid: String,
    /// Whether it is the one its server began with, which cannot be deleted.
    is_protected: bool,
    /// When it was made.
    created_at: String,
    /// When it was changed last.
    updated_at: String,
}

impl From<model::Destination> for Destination {
    fn from(destination: model::Destination) -> Self {
        Self {
            id: destination.record.number,
            uuid: destination.id.into(),
            name: destination.name.into(),
            network: destination.network,
            r#type: STANDALONE,
            server_uuid: destination.server.into(),
            is_protected: destination.protected,
            created_at: destination.record.created.to_string(),
            updated_at: destination.record.updated.to_string(),
        }
    }
}

/// The kind of every destination.
pub(crate) const STANDALONE: &str = "standalone";

body! {
    /// A destination to be.
    NewDestination {
        /// Its name; the network's when absent.
        name: Option<String>,
        /// The engine's name of the network.
        network: String,
        /// Its kind; only `standalone` is possible now.
        r#type: Option<String>,
    }
}

body! {
    /// Another name for a destination.
    PatchDestination {
        /// The name; it stays when absent.
        name: Option<String>,
    }
}
