//! Servers, their destinations and what runs there.

use crate::api::body::body;
use ops::ApplicationItem;
use serde::Serialize;
use utoipa::ToSchema;

/// A server.
#[derive(Serialize, ToSchema)]
pub(crate) struct Server {
    /// Its uuid.
    uuid: String,
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// The address people and servers reach it by.
    ip: String,
    /// Who signs in over SSH.
    user: &'static str,
    /// The port of SSH.
    port: u16,
    /// The proxy; `edge` is Wharf's own.
    proxy_type: &'static str,
    /// How it is set up.
    settings: ServerSettings,
}

/// How a server is set up.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServerSettings {
    /// Applications get `<slug>.<wildcard_domain>` as their first domain.
    wildcard_domain: String,
    /// Whether terminals are allowed.
    is_terminal_enabled: bool,
    /// Whether it only builds.
    is_build_server: bool,
}

impl From<model::Server> for Server {
    fn from(server: model::Server) -> Self {
        let settings = ServerSettings { wildcard_domain: server.wildcard.into(), is_terminal_enabled: true, is_build_server: false };
        Self {
            uuid: server.id.into(),
            name: server.name.into(),
            description: server.description,
            ip: server.address,
            user: "root",
            port: 22,
            proxy_type: "edge",
            settings,
        }
    }
}

body! {
    /// Changes to a server; what is absent stays.
    PatchServer {
        /// The name.
        name: Option<String>,
        /// What it is for.
        description: Option<String>,
        /// Applications get `<slug>.<wildcard_domain>` as their first domain.
        wildcard_domain: Option<String>,
    }
}

/// A destination.
#[derive(Serialize, ToSchema)]
pub(crate) struct Destination {
    /// Its uuid.
    uuid: String,
    /// Its name.
    name: String,
    /// The engine's name of the network.
    network: String,
    /// Its kind.
    r#type: &'static str,
    /// The server's uuid.
    server_uuid: String,
}

impl From<model::Destination> for Destination {
    fn from(destination: model::Destination) -> Self {
        Self {
            uuid: destination.id.into(),
            name: destination.name.into(),
            network: destination.network,
            r#type: "standalone",
            server_uuid: destination.server.into(),
        }
    }
}

/// Something that runs.
#[derive(Serialize, ToSchema)]
pub(crate) struct Resource {
    /// Its uuid.
    uuid: String,
    /// Its name.
    name: String,
    /// Its kind.
    r#type: &'static str,
    /// How it is.
    status: String,
    /// When it was made.
    created_at: String,
    /// When it was changed last.
    updated_at: String,
}

impl From<ApplicationItem> for Resource {
    fn from(item: ApplicationItem) -> Self {
        let application = item.row.application;
        Self {
            uuid: application.id.into(),
            name: application.name.into(),
            r#type: "application",
            status: super::status_word(&item.status),
            created_at: application.created.to_string(),
            updated_at: item.row.updated.to_string(),
        }
    }
}

/// Domains that lead to a server.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServerDomains {
    /// The server's address.
    pub(crate) ip: String,
    /// The hosts.
    pub(crate) domains: Vec<String>,
}
