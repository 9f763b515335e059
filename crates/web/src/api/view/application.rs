//! Applications.

use super::{
    fields::{self, Constant, Kind, answered},
    new_application::{HOOKS, SETTINGS},
    settings,
};
use crate::api::body::{body, query};
use model::{Source, key::Key};
use ops::{ApplicationItem, HookSecrets, Status};
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt::Display;
use utoipa::ToSchema;

/// How an application is, in Coolify's words.
pub(crate) fn status_word(status: &Status) -> String {
    let word = match status {
        Status::Running => "running:healthy",
        Status::Degraded { .. } => "degraded:unhealthy",
        Status::Starting => "starting:unknown",
        Status::Restarting { .. } => "restarting:unhealthy",
        Status::NeverDeployed | Status::Stopped | Status::Exited { .. } => "exited:unhealthy",
        Status::Unknown { .. } => "unknown:unknown",
    };
    word.to_owned()
}

/// What Coolify says of an application that is the same for all here.
pub(super) const CONSTANTS: &[Constant] = &[
    ("build_command", Kind::Text, "null", "no build pack here runs one."),
    ("compose_parsing_version", Kind::Text, "\"0\"", "there is no compose build pack yet."),
    ("config_hash", Kind::Text, "null", "/applications/{uuid}/changes tells what is not live yet."),
    ("custom_docker_run_options", Kind::Text, "null", "options of the engine have settings of their own."),
    ("custom_healthcheck_found", Kind::Flag, "false", "health is asked from outside, whatever an image says."),
    ("custom_network_aliases", Kind::Text, "null", "an application answers to its slug and its uuid."),
    ("custom_nginx_configuration", Kind::Text, "null", "the static pack serves files by itself."),
    ("deleted_at", Kind::Text, "null", "what is deleted is gone."),
    ("destination_type", Kind::Text, "\"standalone\"", "every destination is a network of one engine."),
    ("docker_compose", Kind::Text, "null", "there is no compose build pack yet."),
    ("docker_compose_custom_build_command", Kind::Text, "null", "there is no compose build pack yet."),
    ("docker_compose_custom_start_command", Kind::Text, "null", "there is no compose build pack yet."),
    ("docker_compose_domains", Kind::Text, "null", "there is no compose build pack yet."),
    ("docker_compose_location", Kind::Text, "null", "there is no compose build pack yet."),
    ("docker_compose_raw", Kind::Text, "null", "there is no compose build pack yet."),
    ("health_check_command", Kind::Text, "null", "health is asked from outside."),
    ("health_check_host", Kind::Text, "\"localhost\"", "the container's own address is asked."),
    ("health_check_scheme", Kind::Text, "\"http\"", "the container is asked over plain HTTP."),
    ("http_basic_auth_password", Kind::Text, "null", "the edge asks for no passwords yet."),
    ("http_basic_auth_username", Kind::Text, "null", "the edge asks for no passwords yet."),
    ("install_command", Kind::Text, "null", "no build pack here runs one."),
    ("is_http_basic_auth_enabled", Kind::Flag, "false", "the edge asks for no passwords yet."),
    ("limits_cpu_shares", Kind::Number, "1024", "processors are limited by limits_cpus."),
    ("limits_cpuset", Kind::Text, "null", "processors are limited by limits_cpus."),
    ("limits_memory_reservation", Kind::Text, "\"0\"", "memory is limited by limits_memory."),
    ("limits_memory_swap", Kind::Text, "\"0\"", "memory is limited by limits_memory."),
    ("limits_memory_swappiness", Kind::Number, "60", "memory is limited by limits_memory."),
    ("max_restart_count", Kind::Number, "10", "as often the restart policy on-failure tries."),
    ("noindex_domains", Kind::Texts, "null", "applications tell search engines themselves."),
    ("post_deployment_command_container", Kind::Text, "null", "an application has one kind of container."),
    ("pre_deployment_command_container", Kind::Text, "null", "an application has one kind of container."),
    ("preview_url_template", Kind::Text, "\"{{pr_id}}.{{domain}}\"", "there are no previews yet."),
    ("repository_project_id", Kind::Number, "null", "there are no GitHub apps yet."),
    ("source_id", Kind::Number, "null", "there are no GitHub apps yet."),
    ("static_image", Kind::Text, "\"nginx:alpine\"", "the static pack serves files by itself."),
    ("swarm_placement_constraints", Kind::Text, "null", "there are no swarms yet."),
    ("swarm_replicas", Kind::Number, "1", "replicas says how many containers serve."),
];

/// The same of its settings.
pub(super) const SETTING_CONSTANTS: &[Constant] = &[
    ("connect_to_docker_network", Kind::Flag, "true", "an application is always on its destination's network."),
    ("custom_internal_name", Kind::Text, "null", "an application answers to its slug."),
    ("disable_build_cache", Kind::Flag, "false", "force=true builds without cache."),
    ("gpu_count", Kind::Text, "null", "containers get no GPU yet."),
    ("gpu_device_ids", Kind::Text, "null", "containers get no GPU yet."),
    ("gpu_driver", Kind::Text, "null", "containers get no GPU yet."),
    ("gpu_options", Kind::Text, "null", "containers get no GPU yet."),
    ("include_source_commit_in_build", Kind::Flag, "false", "the commit would make every build a new one."),
    ("inject_build_args_to_dockerfile", Kind::Flag, "false", "a Dockerfile names the arguments it takes."),
    ("is_build_server_enabled", Kind::Flag, "false", "there are no build servers yet."),
    ("is_consistent_container_name_enabled", Kind::Flag, "false", "a container's name comes from its deployment."),
    ("is_container_label_escape_enabled", Kind::Flag, "false", "labels are taken as they are."),
    ("is_container_label_readonly_enabled", Kind::Flag, "true", "Wharf's own labels cannot be changed."),
    ("is_debug_enabled", Kind::Flag, "false", "logs hide no lines."),
    ("is_env_sorting_enabled", Kind::Flag, "false", "variables keep their order."),
    ("is_force_https_enabled", Kind::Flag, "true", "a domain of https is asked for over TLS."),
    ("is_git_lfs_enabled", Kind::Flag, "false", "content is not fetched from LFS."),
    ("is_git_shallow_clone_enabled", Kind::Flag, "true", "only what is new is fetched."),
    ("is_gpu_enabled", Kind::Flag, "false", "containers get no GPU yet."),
    ("is_gzip_enabled", Kind::Flag, "false", "applications answer as they do; static sites are compressed."),
    ("is_include_timestamps", Kind::Flag, "false", "logs have times where they are asked for."),
    ("is_log_drain_enabled", Kind::Flag, "false", "there are no log drains yet."),
    ("is_pr_deployments_public_enabled", Kind::Flag, "false", "there are no previews yet."),
    ("is_preserve_repository_enabled", Kind::Flag, "false", "the tree of a repository does not stay on the server."),
    ("is_preview_deployments_enabled", Kind::Flag, "false", "there are no previews yet."),
    ("is_raw_compose_deployment_enabled", Kind::Flag, "false", "there is no compose build pack yet."),
    ("is_swarm_only_worker_nodes", Kind::Flag, "true", "there are no swarms yet."),
];

/// What of the settings Coolify's clients look for in an object of their own.
const SETTING_NAMES: [&str; 8] = [
    "docker_images_to_keep",
    "is_auto_deploy_enabled",
    "is_git_submodules_enabled",
    "is_spa",
    "is_static",
    "is_stripprefix_enabled",
    "stop_grace_period",
    "use_build_secrets",
];

answered!(ApplicationFields: "Settings, in the words in which they are set, and what Coolify says besides.", &[SETTINGS, HOOKS], CONSTANTS);
answered!(ApplicationSetting: "Some settings once more, where Coolify has them.", &[&setting_fields()], SETTING_CONSTANTS);

fn setting_fields() -> Vec<fields::Field<'static>> {
    SETTINGS.iter().filter(|(name, ..)| SETTING_NAMES.contains(name)).copied().collect()
}

/// An application with its settings.
#[derive(Serialize, ToSchema)]
pub(crate) struct Application {
    /// Its number.
    id: i64,
    /// Its uuid.
    uuid: String,
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// Its name on networks and in generated domains.
    slug: String,
    /// How it is: `running:healthy`, `degraded:unhealthy`, `starting:unknown`, `restarting:unhealthy`, `exited:unhealthy` or `unknown:unknown`.
    status: String,
    /// The same in words: `never deployed`, `stopped`, `exited (1)`, `exited (out of memory, limit 512 MB)`, `restarting (1)`, ...
    status_text: String,
    /// Its domains, with commas between.
    fqdn: Option<String>,
    /// Where visitors reach it, with the port of the edge where it is not the usual one.
    urls: Vec<String>,
    /// The project's uuid.
    project_uuid: String,
    /// The project's name.
    project_name: String,
    /// The environment's uuid.
    environment_uuid: String,
    /// The environment's name.
    environment_name: String,
    /// The environment's number.
    environment_id: i64,
    /// The server's uuid.
    server_uuid: String,
    /// The destination's uuid.
    destination_uuid: String,
    /// The destination's number.
    destination_id: i64,
    /// The number of its deploy key.
    private_key_id: Option<i64>,
    /// The address of its repository.
    git_full_url: Option<String>,
    /// When it was made.
    created_at: String,
    /// When its name, description or settings were changed last.
    updated_at: String,
    /// Some settings once more.
    #[schema(value_type = ApplicationSetting)]
    settings: Map<String, Value>,
    /// Its settings, in the words in which they are set.
    #[serde(flatten)]
    #[schema(value_type = ApplicationFields)]
    fields: Map<String, Value>,
}

impl Application {
    /// Of an application, with these keys of the team's, and the secrets of its webhooks where the caller may see them.
    pub(crate) fn new(item: ApplicationItem, keys: &[Key], hooks: Option<HookSecrets>) -> Self {
        let ApplicationItem { row, status, urls } = item;
        let application = row.application;
        let shown = settings::shown(&application.settings);
        let mut fields = fields::values(CONSTANTS);
        let hooks = hooks.unwrap_or_default();
        for (forge, secret) in [("github", hooks.github), ("gitlab", hooks.gitlab), ("gitea", hooks.gitea), ("bitbucket", hooks.bitbucket)] {
            fields.insert(format!("manual_webhook_secret_{forge}"), secret.map(|secret| secret.expose().to_owned()).into());
        }
        let mut settings = fields::values(SETTING_CONSTANTS);
        settings.extend(SETTING_NAMES.iter().map(|name| ((*name).to_owned(), shown[*name].clone())));
        let git = if let Source::Git(git) = &application.settings.source { Some(git) } else { None };
        let key = git.and_then(|git| keys.iter().find(|key| Some(&key.id) == git.key.as_ref()));
        fields.extend(shown);
        Self {
            id: row.number,
            private_key_id: key.map(|key| key.record.number),
            git_full_url: git.map(|git| git.url.to_string()),
            uuid: application.id.into(),
            name: application.name.into(),
            description: application.description,
            slug: application.slug.into(),
            status: status_word(&status),
            status_text: status.word(),
            fqdn: joined(&application.settings.domains, ","),
            urls,
            project_uuid: application.project.into(),
            project_name: row.project_name.into(),
            environment_uuid: application.environment.into(),
            environment_name: row.environment_name.into(),
            environment_id: row.environment_number,
            server_uuid: row.server.into(),
            destination_uuid: application.destination.into(),
            destination_id: row.destination_number,
            created_at: application.created.to_string(),
            updated_at: row.updated.to_string(),
            settings,
            fields,
        }
    }
}

pub(super) fn joined<T: Display>(members: &[T], between: &str) -> Option<String> {
    let texts: Vec<String> = members.iter().map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| texts.join(between))
}

query! {
    /// Which applications.
    ApplicationsQuery {
        /// Only those that have this tag.
        tag: Option<String>,
    }
}

query! {
    /// What goes with an application.
    DeleteQuery {
        /// Its volumes, with what is in them; true when absent.
        delete_volumes: Option<bool>,
        /// Its settings; they always go.
        delete_configurations: Option<bool>,
        /// Its images; they always go.
        docker_cleanup: Option<bool>,
        /// Its networks; they always go.
        delete_connected_networks: Option<bool>,
    }
}

/// An application that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeApplication {
    /// Its uuid.
    pub(crate) uuid: String,
    /// Its domains, with commas between.
    pub(crate) domains: Option<String>,
}

impl From<model::Application> for MadeApplication {
    fn from(application: model::Application) -> Self {
        Self { domains: joined(&application.settings.domains, ","), uuid: application.id.into() }
    }
}

/// A deletion that was asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Deleting {
    /// What happened.
    pub(crate) message: &'static str,
    /// The deployment that removes it.
    pub(crate) deployment_uuid: String,
}

body! {
    /// Where to move it.
    MoveBody {
        /// The environment's uuid.
        environment_uuid: String,
    }
}

/// What was moved.
#[derive(Serialize, ToSchema)]
pub(crate) struct Moved {
    /// What happened.
    pub(crate) message: &'static str,
    /// The application.
    pub(crate) uuid: String,
    /// Its project.
    pub(crate) project_uuid: String,
    /// Its environment.
    pub(crate) environment_uuid: String,
}

body! {
    /// How to copy it.
    CloneBody {
        /// Where the copy runs; where the original does when absent.
        destination_uuid: Option<String>,
        /// The environment of the copy; that of the original when absent.
        environment_uuid: Option<String>,
        /// The copy's name.
        name: Option<String>,
        /// Whether variables are copied; true when absent.
        clone_variables: Option<bool>,
        /// Whether what is in volumes is copied; only false is possible now.
        clone_volumes: Option<bool>,
    }
}

/// A copy that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct Cloned {
    /// The copy.
    pub(crate) uuid: String,
    /// What happened.
    pub(crate) message: &'static str,
}

/// What of an application is not live yet.
#[derive(Serialize, ToSchema)]
pub(crate) struct Changes {
    /// What a deployment would make live.
    pub(crate) changes: Vec<Change>,
    /// Why it could not be deployed as it is set up now, by field.
    pub(crate) faults: Vec<Fault>,
}

/// One difference; secret values are not told.
#[derive(Serialize, ToSchema)]
pub(crate) struct Change {
    /// The field in plain words.
    field: String,
    /// The live value; null where there is none or it is secret.
    before: Option<String>,
    /// The new value; null where there is none or it is secret.
    after: Option<String>,
    /// Whether the value is secret.
    is_secret: bool,
    /// Whether the image must be built anew.
    rebuilds: bool,
}

impl From<ops::Change> for Change {
    fn from(change: ops::Change) -> Self {
        Self { field: change.field, before: change.before, after: change.after, is_secret: change.secret, rebuilds: change.rebuilds }
    }
}

/// Why it could not be deployed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Fault {
    /// The field.
    pub(crate) field: String,
    /// The sentence.
    pub(crate) sentence: String,
}
