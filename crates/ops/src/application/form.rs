//! Applications as people and programs type them: every setting a text, in Coolify's words where it has one.

use model::{DestinationId, EnvironmentId, Secret};
use serde::{Deserialize, Deserializer, de::Error};

/// What was typed: a text as it is, `true` and numbers as their text, null as empty, which clears a setting.
fn typed<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match serde_json::Value::deserialize(from)? {
        serde_json::Value::Null => Ok(Some(String::new())),
        serde_json::Value::Bool(flag) => Ok(Some(flag.to_string())),
        serde_json::Value::Number(number) => Ok(Some(number.to_string())),
        serde_json::Value::String(text) => Ok(Some(text)),
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => Err(D::Error::custom("a text, a number or true or false is wanted")),
    }
}

macro_rules! patch {
    ($($(#[$meta:meta])* $field:ident),+ $(,)?) => {
        /// Changes to an application's settings, as typed. What is absent stays; an empty text clears what may be absent.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
        #[serde(default)]
        pub struct ApplicationPatch {
            $($(#[$meta])* #[serde(deserialize_with = "typed")] pub $field: Option<String>,)+
        }

        impl ApplicationPatch {
            /// The names of all fields.
            pub const FIELDS: &[&str] = &[$(stringify!($field)),+];

            /// Sets a field by its name; false where there is no such field. For forms.
            pub fn set(&mut self, field: &str, text: impl Into<String>) -> bool {
                match field {
                    $(stringify!($field) => self.$field = Some(text.into()),)+
                    _ => return false,
                }
                true
            }

            /// What was typed into a field. For forms that come back.
            pub fn get(&self, field: &str) -> Option<&str> {
                match field {
                    $(stringify!($field) => self.$field.as_deref(),)+
                    _ => None,
                }
            }
        }
    };
}

patch! {
    /// The name.
    name,
    /// What it is for.
    description,
    /// `git`, `dockerfile` or `image`; told by the other fields when absent.
    source,
    /// Address of the repository.
    git_repository,
    /// Branch, `refs/tags/x` for a tag, or a full commit id.
    git_branch,
    /// A commit to stay at; `HEAD` or empty for the newest.
    git_commit_sha,
    /// Id of the deploy key.
    private_key_uuid,
    /// Whether submodules are fetched.
    is_git_submodules_enabled,
    /// The directory taken as the source tree.
    base_directory,
    /// `dockerfile`, `static` or `dockerimage`.
    build_pack,
    /// `true` chooses the static pack.
    is_static,
    /// A Dockerfile pasted in, as plain text.
    dockerfile,
    /// The Dockerfile of the tree.
    dockerfile_location,
    /// The stage to build.
    dockerfile_target_build,
    /// Whether build-time variables are given as build secrets.
    use_build_secrets,
    /// The directory that the static pack serves.
    publish_directory,
    /// Whether unknown paths answer with `/index.html`.
    is_spa,
    /// The page for unknown paths.
    not_found_page,
    /// Seconds that browsers may keep files whose names carry a content hash.
    cache_seconds,
    /// Headers of the static pack, one `Name: value` on a line.
    headers,
    /// The image, with or without its tag.
    docker_registry_image_name,
    /// The image's tag or digest.
    docker_registry_image_tag,
    /// Id of the registry credential.
    registry_uuid,
    /// The port it listens on.
    ports_exposes,
    /// Ports published on the host, with commas between.
    ports_mappings,
    /// Where visitors reach it, with commas between.
    domains,
    /// `both`, `www` or `non-www`.
    redirect,
    /// Whether a domain's path is removed before the application sees it.
    is_stripprefix_enabled,
    /// `http`, `tcp` or `none`.
    health_check_type,
    /// `true` chooses the HTTP check, `false` the TCP one.
    health_check_enabled,
    /// The path asked for.
    health_check_path,
    /// The port asked.
    health_check_port,
    /// `GET`, `HEAD` or `POST`.
    health_check_method,
    /// The status expected.
    health_check_return_code,
    /// The text expected.
    health_check_response_text,
    /// Seconds between questions.
    health_check_interval,
    /// Seconds to wait for an answer.
    health_check_timeout,
    /// Failed questions that make a release unhealthy.
    health_check_retries,
    /// Seconds in which failures do not count.
    health_check_start_period,
    /// How many containers serve.
    replicas,
    /// Memory of each: `512m`, `1.5g`; `0` for no limit.
    limits_memory,
    /// Processors of each: `0.5`; `0` for no limit.
    limits_cpus,
    /// Replaces the image's entrypoint.
    entrypoint,
    /// Replaces the image's command.
    start_command,
    /// Runs before a new release starts.
    pre_deployment_command,
    /// Runs once a new release serves.
    post_deployment_command,
    /// Seconds between SIGTERM and SIGKILL.
    stop_grace_period,
    /// Seconds that requests in flight may take.
    drain_seconds,
    /// Labels, one `NAME=value` on a line.
    custom_labels,
    /// `no`, `on-failure` or `unless-stopped`.
    restart,
    /// Whether two copies must not run at once.
    exclusive,
    /// Releases kept for rollback.
    docker_images_to_keep,
    /// Whether a push deploys.
    is_auto_deploy_enabled,
    /// Paths that make a push deploy, one pattern on a line.
    watch_paths,
}

/// An application to be, as typed.
#[derive(Debug, Clone)]
pub struct NewApplicationForm {
    /// The environment it belongs to.
    pub environment: EnvironmentId,
    /// Where it runs; see [`crate::Ops::destination_choose`].
    pub destination: DestinationId,
    /// Everything else. The name may be absent: it is taken from the repository or the image.
    pub settings: ApplicationPatch,
    /// Whether it gets `<slug>.<wildcard>` when no domain is given.
    pub generate_domain: bool,
    /// Whether the repository is looked at before anything is saved.
    pub look: bool,
    /// Secrets of webhooks by forge, as typed; the others are made.
    pub hooks: Vec<(&'static str, Secret)>,
}
