//! Applications.

use crate::api::body::{body, query};
use base64::{Engine, engine::general_purpose::STANDARD};
use model::{
    BuildPack, Settings, Source,
    application::{Limits, RestartPolicy},
    domain::WwwRedirect,
    health::{HealthCheck, Probe},
};
use ops::{ApplicationItem, HookSecrets, Status};
use serde::Serialize;
use serde_json::{Map, Value, json};
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

/// An application with its settings.
#[derive(Serialize, ToSchema)]
pub(crate) struct Application {
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
    /// The server's uuid.
    server_uuid: String,
    /// The destination's uuid.
    destination_uuid: String,
    /// When it was made.
    created_at: String,
    /// When its name, description or settings were changed last.
    updated_at: String,
    /// Its settings, in the words in which they are set.
    #[serde(flatten)]
    #[schema(value_type = super::ApplicationChanges)]
    settings: Map<String, Value>,
}

impl Application {
    /// Of an application, with the secrets of its webhooks where the caller may see them.
    pub(crate) fn new(item: ApplicationItem, hooks: Option<HookSecrets>) -> Self {
        let ApplicationItem { row, status, urls } = item;
        let application = row.application;
        let mut settings = settings(&application.settings);
        if let Some(hooks) = hooks {
            for (forge, secret) in [("github", hooks.github), ("gitlab", hooks.gitlab), ("gitea", hooks.gitea), ("bitbucket", hooks.bitbucket)] {
                settings.insert(format!("manual_webhook_secret_{forge}"), secret.map(|secret| secret.expose().to_owned()).into());
            }
        }
        Self {
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
            server_uuid: row.server.into(),
            destination_uuid: application.destination.into(),
            created_at: application.created.to_string(),
            updated_at: row.updated.to_string(),
            settings,
        }
    }
}

fn joined<T: Display>(members: &[T], between: &str) -> Option<String> {
    let texts: Vec<String> = members.iter().map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| texts.join(between))
}

fn settings(settings: &Settings) -> Map<String, Value> {
    let redirect = match settings.www {
        WwwRedirect::Both => "both",
        WwwRedirect::Www => "www",
        WwwRedirect::NonWww => "non-www",
    };
    let restart = match settings.restart {
        RestartPolicy::No => "no",
        RestartPolicy::OnFailure => "on-failure",
        RestartPolicy::UnlessStopped => "unless-stopped",
    };
    let labels: Vec<String> = settings.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let parts = [
        source(&settings.source),
        pack(&settings.pack),
        health(&settings.health),
        limits(settings.limits),
        json!({
            "ports_exposes": settings.exposed_port.map(|port| port.to_string()),
            "ports_mappings": joined(&settings.port_mappings, ","),
            "domains": joined(&settings.domains, ","),
            "redirect": redirect,
            "is_stripprefix_enabled": settings.strip_prefix,
            "replicas": settings.replicas,
            "entrypoint": settings.entrypoint,
            "start_command": settings.command,
            "pre_deployment_command": settings.pre_deployment,
            "post_deployment_command": settings.post_deployment,
            "stop_grace_period": settings.grace_seconds,
            "drain_seconds": settings.drain_seconds,
            "custom_labels": STANDARD.encode(labels.join("\n")),
            "restart": restart,
            "exclusive": settings.exclusive,
            "docker_images_to_keep": settings.keep_releases,
            "is_auto_deploy_enabled": settings.auto_deploy,
            "watch_paths": joined(&settings.watch_paths, "\n"),
            "git_commit_sha": settings.pinned_commit.as_ref().map_or("HEAD", |commit| commit.as_str()),
        }),
    ];
    let parts = parts.into_iter().filter_map(|part| if let Value::Object(fields) = part { Some(fields) } else { None });
    parts.flatten().collect()
}

fn source(source: &Source) -> Value {
    match source {
        Source::Git(git) => json!({
            "source": "git",
            "git_repository": git.url,
            "git_branch": match &git.reference {
                model::GitReference::Tag(name) => format!("refs/tags/{name}"),
                model::GitReference::Branch(name) => name.to_string(),
                model::GitReference::Commit(commit) => commit.to_string(),
            },
            "base_directory": format!("/{}", git.base_directory),
            "private_key_uuid": git.key,
            "is_git_submodules_enabled": git.submodules,
        }),
        Source::Dockerfile { content } => json!({"source": "dockerfile", "dockerfile": content}),
        Source::Image { reference, credential } => json!({
            "source": "image",
            "docker_registry_image_name": reference.repository(),
            "docker_registry_image_tag": reference.digest().or(reference.tag()),
            "registry_uuid": credential,
        }),
    }
}

fn pack(pack: &BuildPack) -> Value {
    match pack {
        BuildPack::Dockerfile(pack) => json!({
            "build_pack": "dockerfile",
            "is_static": false,
            "dockerfile_location": format!("/{}", pack.location),
            "dockerfile_target_build": pack.target,
            "use_build_secrets": pack.secrets,
        }),
        BuildPack::Static(pack) => json!({
            "build_pack": "static",
            "is_static": true,
            "publish_directory": format!("/{}", pack.publish_directory),
            "is_spa": pack.spa,
            "not_found_page": pack.not_found,
            "cache_seconds": pack.cache_seconds,
            "headers": pack.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n"),
        }),
        BuildPack::Image => json!({"build_pack": "dockerimage", "is_static": false}),
    }
}

fn health(check: &HealthCheck) -> Value {
    let mut fields = json!({
        "health_check_type": match check.probe { Probe::Tcp => "tcp", Probe::Http { .. } => "http", Probe::None => "none" },
        "health_check_enabled": matches!(check.probe, Probe::Http { .. }),
        "health_check_port": check.port.map(|port| port.to_string()),
        "health_check_interval": check.interval_seconds,
        "health_check_timeout": check.timeout_seconds,
        "health_check_retries": check.retries,
        "health_check_start_period": check.start_period_seconds,
    });
    if let Probe::Http { path, method, status, text } = &check.probe {
        fields["health_check_path"] = path.as_str().into();
        fields["health_check_method"] = json!(method);
        fields["health_check_return_code"] = json!(status);
        fields["health_check_response_text"] = json!(text);
    }
    fields
}

fn limits(limits: Limits) -> Value {
    let memory = limits.memory_bytes.map_or_else(|| "0".into(), |bytes| if bytes % (1 << 20) == 0 { format!("{}m", bytes >> 20) } else { bytes.to_string() });
    let processors = limits.cpu_thousandths.map_or_else(
        || "0".into(),
        |thousandths| {
            let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        },
    );
    json!({"limits_memory": memory, "limits_cpus": processors})
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
