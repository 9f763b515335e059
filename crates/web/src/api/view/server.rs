//! Servers and what runs there.

use super::fields::{self, Constant, Kind, answered};
use crate::api::body::body;
use model::Record;
use ops::ApplicationItem;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A server.
#[derive(Serialize, ToSchema)]
pub(crate) struct Server {
    /// Its number.
    id: i64,
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
    /// Whether its engine answers.
    is_reachable: bool,
    /// The same: what answers can be used.
    is_usable: bool,
    /// How it is set up.
    settings: ServerSettings,
    /// When it was made.
    created_at: String,
    /// When it was changed last.
    updated_at: String,
    /// What Coolify says besides.
    #[serde(flatten)]
    #[schema(value_type = ServerFields)]
    fields: Map<String, Value>,
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
    /// The server's number, which is its settings' too.
    id: i64,
    /// The same.
    server_id: i64,
    /// Whether its engine answers.
    is_reachable: bool,
    /// The same: what answers can be used.
    is_usable: bool,
    /// How many builds run at once.
    concurrent_builds: usize,
    /// When it was made.
    created_at: String,
    /// When the server was changed last.
    updated_at: String,
    /// What Coolify says besides.
    #[serde(flatten)]
    #[schema(value_type = ServerSettingFields)]
    fields: Map<String, Value>,
}

/// What Coolify says of a server that is the same for all here.
pub(super) const CONSTANTS: &[Constant] = &[
    ("high_disk_usage_notification_sent", Kind::Flag, "false", "there are no notifications yet."),
    ("log_drain_notification_sent", Kind::Flag, "false", "there are no notifications yet."),
    ("proxy", Kind::Object, "{\"type\": \"EDGE\"}", "the proxy is Wharf's own."),
    ("swarm_cluster", Kind::Text, "null", "there are no swarms yet."),
    ("unreachable_count", Kind::Number, "0", "the server's page tells since when it cannot be reached."),
    ("unreachable_notification_sent", Kind::Flag, "false", "there are no notifications yet."),
    ("validation_logs", Kind::Text, "null", "the server's page tells what was found."),
];

/// The same of its settings.
pub(super) const SETTING_CONSTANTS: &[Constant] = &[
    ("connection_timeout", Kind::Number, "null", "the engine is on this machine."),
    ("delete_unused_networks", Kind::Flag, "true", "what is ours and belongs to nothing goes."),
    ("delete_unused_volumes", Kind::Flag, "false", "volumes go with their application only."),
    ("deployment_queue_limit", Kind::Number, "null", "the queue is bounded for each application."),
    ("docker_cleanup_frequency", Kind::Text, "null", "a reconciler cleans up all the time."),
    ("docker_cleanup_threshold", Kind::Number, "null", "a reconciler cleans up all the time."),
    ("dynamic_timeout", Kind::Number, "null", "each step has a bound of its own."),
    ("force_disabled", Kind::Flag, "false", "servers are not disabled."),
    ("force_server_cleanup", Kind::Flag, "false", "a reconciler cleans up all the time."),
    ("is_cloudflare_tunnel", Kind::Flag, "false", "there are no tunnels yet."),
    ("is_jump_server", Kind::Flag, "false", "the server is this machine."),
    ("is_logdrain_axiom_enabled", Kind::Flag, "false", "there are no log drains yet."),
    ("is_logdrain_custom_enabled", Kind::Flag, "false", "there are no log drains yet."),
    ("is_logdrain_highlight_enabled", Kind::Flag, "false", "there are no log drains yet."),
    ("is_logdrain_newrelic_enabled", Kind::Flag, "false", "there are no log drains yet."),
    ("is_metrics_enabled", Kind::Flag, "true", "applications are measured."),
    ("is_sentinel_enabled", Kind::Flag, "false", "there is no agent."),
    ("is_swarm_manager", Kind::Flag, "false", "there are no swarms yet."),
    ("is_swarm_worker", Kind::Flag, "false", "there are no swarms yet."),
    ("logdrain_axiom_api_key", Kind::Text, "null", "there are no log drains yet."),
    ("logdrain_axiom_dataset_name", Kind::Text, "null", "there are no log drains yet."),
    ("logdrain_custom_config", Kind::Text, "null", "there are no log drains yet."),
    ("logdrain_custom_config_parser", Kind::Text, "null", "there are no log drains yet."),
    ("logdrain_highlight_project_id", Kind::Text, "null", "there are no log drains yet."),
    ("logdrain_newrelic_base_uri", Kind::Text, "null", "there are no log drains yet."),
    ("logdrain_newrelic_license_key", Kind::Text, "null", "there are no log drains yet."),
    ("sentinel_metrics_history_days", Kind::Number, "null", "there is no agent."),
    ("sentinel_metrics_refresh_rate_seconds", Kind::Number, "null", "there is no agent."),
    ("sentinel_token", Kind::Text, "null", "there is no agent."),
];

answered!(ServerFields: "What Coolify says besides.", &[], CONSTANTS);
answered!(ServerSettingFields: "What Coolify says besides.", &[], SETTING_CONSTANTS);

impl Server {
    /// A server whose engine answers or does not, and builds so many things at once.
    pub(crate) fn new(server: model::Server, reachable: bool, builds: usize) -> Self {
        let Record { number, created, updated } = server.record;
        let (created, updated) = (created.to_string(), updated.to_string());
        let settings = ServerSettings {
            wildcard_domain: server.wildcard.into(),
            is_terminal_enabled: true,
            is_build_server: false,
            id: number,
            server_id: number,
            is_reachable: reachable,
            is_usable: reachable,
            concurrent_builds: builds,
            created_at: created.clone(),
            updated_at: updated.clone(),
            fields: fields::values(SETTING_CONSTANTS),
        };
        Self {
            id: number,
            is_reachable: reachable,
            is_usable: reachable,
            created_at: created,
            updated_at: updated,
            fields: fields::values(CONSTANTS),
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

/// Something that runs.
#[derive(Serialize, ToSchema)]
pub(crate) struct Resource {
    /// Its number among its kind.
    id: i64,
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
            id: item.row.number,
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
