//! Applications to be, and changes to them: every setting in the word it is read back in.

use super::fields::{self, Field, Kind};
use crate::api::body::{Fields, Reader};
use base64::{Engine, engine::general_purpose::STANDARD};
use ops::ApplicationPatch;
use serde_json::Value;
use std::{borrow::Cow, marker::PhantomData};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

/// Where an application belongs and how it begins; the same for every kind.
const PLACE: &[Field<'_>] = &[
    ("project_uuid", Kind::Text, "The project's uuid."),
    ("environment_name", Kind::Text, "The environment's name; this or its uuid."),
    ("environment_uuid", Kind::Text, "The environment's uuid; this or its name."),
    ("server_uuid", Kind::Text, "The server's uuid; the first one when absent."),
    ("destination_uuid", Kind::Text, "The destination's uuid; the server's first one when absent."),
    ("instant_deploy", Kind::Flag, "Whether it is deployed at once; takes the ability to deploy."),
    ("autogenerate_domain", Kind::Flag, "Whether it gets a domain of the server's wildcard where none is given; true when absent."),
    ("tags", Kind::Texts, "Tags to put on it."),
];

/// Settings, as [`ApplicationPatch`] has them.
pub(super) const SETTINGS: &[Field<'_>] = &[
    ("name", Kind::Text, "The name; from the repository or the image when absent."),
    ("description", Kind::Text, "What it is for."),
    ("source", Kind::Text, "git, dockerfile or image."),
    ("git_repository", Kind::Text, "Address of the repository over https or ssh."),
    ("git_branch", Kind::Text, "Branch, refs/tags/x for a tag, or a full commit id."),
    ("git_commit_sha", Kind::Text, "A commit to stay at; HEAD for the newest."),
    ("private_key_uuid", Kind::Text, "Uuid of the deploy key."),
    ("is_git_submodules_enabled", Kind::Flag, "Whether submodules are fetched."),
    ("base_directory", Kind::Text, "The directory taken as the source tree."),
    ("build_pack", Kind::Text, "dockerfile, static or dockerimage."),
    ("is_static", Kind::Flag, "True chooses the static pack."),
    ("dockerfile", Kind::Text, "A Dockerfile, as it is or in base64."),
    ("dockerfile_location", Kind::Text, "The Dockerfile of the tree."),
    ("dockerfile_target_build", Kind::Text, "The stage to build."),
    ("use_build_secrets", Kind::Flag, "Whether build-time variables are given as build secrets."),
    ("publish_directory", Kind::Text, "The directory that the static pack serves."),
    ("is_spa", Kind::Flag, "Whether unknown paths answer with /index.html."),
    ("not_found_page", Kind::Text, "The page for unknown paths."),
    ("cache_seconds", Kind::Number, "Seconds that browsers may keep files whose names carry a content hash."),
    ("headers", Kind::Text, "Headers of the static pack, one Name: value on a line."),
    ("docker_registry_image_name", Kind::Text, "The image, with or without its tag."),
    ("docker_registry_image_tag", Kind::Text, "The image's tag or digest."),
    ("registry_uuid", Kind::Text, "Uuid of the registry credential."),
    ("ports_exposes", Kind::Text, "The port it listens on."),
    ("ports_mappings", Kind::Text, "Ports published on the host, with commas between: 8080:80."),
    ("domains", Kind::Text, "Where visitors reach it, with commas between: https://app.example.com."),
    ("redirect", Kind::Text, "both, www or non-www."),
    ("is_stripprefix_enabled", Kind::Flag, "Whether a domain's path is removed before the application sees it."),
    ("health_check_type", Kind::Text, "http, tcp or none."),
    ("health_check_enabled", Kind::Flag, "True chooses the HTTP check, false the TCP one."),
    ("health_check_path", Kind::Text, "The path asked for."),
    ("health_check_port", Kind::Text, "The port asked."),
    ("health_check_method", Kind::Text, "GET, HEAD or POST."),
    ("health_check_return_code", Kind::Number, "The status expected."),
    ("health_check_response_text", Kind::Text, "The text expected."),
    ("health_check_interval", Kind::Number, "Seconds between questions."),
    ("health_check_timeout", Kind::Number, "Seconds to wait for an answer."),
    ("health_check_retries", Kind::Number, "Failed questions that make a release unhealthy."),
    ("health_check_start_period", Kind::Number, "Seconds in which failures do not count."),
    ("replicas", Kind::Number, "How many containers serve."),
    ("limits_memory", Kind::Text, "Memory of each container: 512m, 1.5g; 0 for no limit."),
    ("limits_cpus", Kind::Text, "Processors of each container: 0.5; 0 for no limit."),
    ("entrypoint", Kind::Text, "Replaces the image's entrypoint."),
    ("start_command", Kind::Text, "Replaces the image's command."),
    ("pre_deployment_command", Kind::Text, "Runs before a new release starts."),
    ("post_deployment_command", Kind::Text, "Runs once a new release serves."),
    ("stop_grace_period", Kind::Number, "Seconds between SIGTERM and SIGKILL."),
    ("drain_seconds", Kind::Number, "Seconds that requests in flight may take."),
    ("custom_labels", Kind::Text, "Labels, one NAME=value on a line, as they are or in base64."),
    ("restart", Kind::Text, "no, on-failure or unless-stopped."),
    ("exclusive", Kind::Flag, "Whether two copies must not run at once."),
    ("docker_images_to_keep", Kind::Number, "Releases kept for rollback."),
    ("is_auto_deploy_enabled", Kind::Flag, "Whether a push deploys."),
    ("watch_paths", Kind::Text, "Paths that make a push deploy, one pattern on a line."),
];

/// What Coolify takes and Wharf has no choice about: what the values may be besides null and nothing, and what to do instead of others. Clients that send
/// every field they know are served.
const FIXED: &[Fixed] = &[
    ("build_command", Kind::Text, &[], "no build pack here runs it: put it into a Dockerfile"),
    ("connect_to_docker_network", Kind::Flag, &["true", "false"], "an application is always on its destination's network"),
    ("custom_docker_run_options", Kind::Text, &[], "options of the engine have settings of their own here"),
    ("custom_internal_name", Kind::Text, &[], "an application answers to its slug on its network"),
    ("disable_build_cache", Kind::Flag, &["false"], "deploy with force=true to build without cache"),
    ("docker_compose_custom_build_command", Kind::Text, &[], PACKS),
    ("docker_compose_custom_start_command", Kind::Text, &[], PACKS),
    ("docker_compose_domains", Kind::Texts, &[], PACKS),
    ("docker_compose_location", Kind::Text, &[], PACKS),
    ("docker_compose_raw", Kind::Text, &[], PACKS),
    ("force_domain_override", Kind::Flag, &["true", "false"], "a domain belongs to one application: what is taken is refused with 409 all the same"),
    ("github_app_uuid", Kind::Text, &[], "there are no GitHub apps yet: use a deploy key"),
    ("gpu_count", Kind::Text, &[], GPUS),
    ("gpu_device_ids", Kind::Text, &[], GPUS),
    ("gpu_driver", Kind::Text, &["nvidia"], GPUS),
    ("gpu_options", Kind::Text, &[], GPUS),
    ("health_check_host", Kind::Text, &["localhost", "127.0.0.1"], "the container's own address is asked"),
    ("health_check_scheme", Kind::Text, &["http"], "the container is asked over plain HTTP"),
    ("http_basic_auth_password", Kind::Text, &[], BASIC_AUTH),
    ("http_basic_auth_username", Kind::Text, &[], BASIC_AUTH),
    ("include_source_commit_in_build", Kind::Flag, &["false"], "the commit would make every build a new one"),
    ("inject_build_args_to_dockerfile", Kind::Flag, &["true", "false"], "a Dockerfile names the arguments it takes"),
    ("install_command", Kind::Text, &[], "no build pack here runs it: put it into a Dockerfile"),
    ("is_consistent_container_name_enabled", Kind::Flag, &["false"], "a container's name comes from its deployment, so that old and new run beside each other"),
    ("is_container_label_escape_enabled", Kind::Flag, &["true", "false"], "labels are taken as they are"),
    ("is_env_sorting_enabled", Kind::Flag, &["true", "false"], "variables keep the order in which they were added"),
    ("is_force_https_enabled", Kind::Flag, &["true"], "give the domain as http:// where plain HTTP is wanted"),
    ("is_git_lfs_enabled", Kind::Flag, &["true", "false"], "content is not fetched from LFS; a deployment names the files that lack theirs"),
    ("is_git_shallow_clone_enabled", Kind::Flag, &["true", "false"], "a repository is cached, and only what is new is fetched"),
    ("is_gpu_enabled", Kind::Flag, &["false"], GPUS),
    ("is_gzip_enabled", Kind::Flag, &["true", "false"], "static sites are compressed, applications answer as they do"),
    ("is_http_basic_auth_enabled", Kind::Flag, &["false"], BASIC_AUTH),
    ("is_log_drain_enabled", Kind::Flag, &["false"], "there are no log drains yet"),
    ("is_pr_deployments_public_enabled", Kind::Flag, &["false"], PREVIEWS),
    ("is_preserve_repository_enabled", Kind::Flag, &["false"], "the tree of a repository does not stay on the server"),
    ("is_preview_deployments_enabled", Kind::Flag, &["false"], PREVIEWS),
    ("is_raw_compose_deployment_enabled", Kind::Flag, &["false"], PACKS),
    ("limits_cpu_shares", Kind::Number, &["0", "1024"], "limit processors with limits_cpus"),
    ("limits_cpuset", Kind::Text, &["0"], "limit processors with limits_cpus"),
    ("limits_memory_reservation", Kind::Text, &["0"], "limit memory with limits_memory"),
    ("limits_memory_swap", Kind::Text, &["0"], "limit memory with limits_memory"),
    ("limits_memory_swappiness", Kind::Number, &["60"], "limit memory with limits_memory"),
    ("max_restart_count", Kind::Number, &["0", "10"], "choose a restart policy: on-failure tries ten times"),
    ("noindex_domains", Kind::Texts, &[], "answer with a header of X-Robots-Tag, or with /robots.txt"),
    ("post_deployment_command_container", Kind::Text, &[], "an application has one kind of container"),
    ("pre_deployment_command_container", Kind::Text, &[], "an application has one kind of container"),
    ("preview_url_template", Kind::Text, &["{{pr_id}}.{{domain}}"], PREVIEWS),
    ("static_image", Kind::Text, &["nginx:alpine"], "the static pack serves files by itself"),
    ("use_build_server", Kind::Flag, &["false"], "there are no build servers yet"),
];

/// A name, what it looks like, the values it may have, and why or what else to do.
type Fixed = (&'static str, Kind, &'static [&'static str], &'static str);

const PACKS: &str = "there is no compose build pack yet: choose dockerfile, static or dockerimage";
const GPUS: &str = "containers get no GPU yet";
const BASIC_AUTH: &str = "the edge asks for no passwords yet";
const PREVIEWS: &str = "there are no previews yet";

/// The same as fields of a body.
fn fixed() -> Vec<(&'static str, Kind, String)> {
    let field = |(name, kind, values, why): &Fixed| {
        let may = if values.is_empty() { "Only null or nothing".to_owned() } else { format!("Only {}", values.join(" or ")) };
        (*name, *kind, format!("{may}: {why}."))
    };
    FIXED.iter().map(field).collect()
}

/// A value as it is typed into a setting; none for what holds other values.
fn typed(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Array(members) if members.is_empty() => Some(String::new()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// A text that some clients send in base64.
fn plain(field: &str, text: String) -> String {
    let sign = match field {
        "custom_labels" => "=",
        "dockerfile" => "FROM ",
        _ => return text,
    };
    let decoded = STANDARD.decode(text.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.filter(|decoded| decoded.to_uppercase().contains(sign) && !text.contains('\n')).unwrap_or(text)
}

/// Takes the settings out of what is left of a body.
fn patch(fields: &mut Reader) -> ApplicationPatch {
    let mut patch = ApplicationPatch::default();
    for (name, value) in fields.rest() {
        let fixed = FIXED.iter().find(|(fixed, ..)| *fixed == name);
        let Some(text) = typed(&value) else {
            let fault = format!("The {} field must be a string, a number or true or false.", name.replace('_', " "));
            fields.fault(&name, fixed.map_or(fault, |(.., why)| format!("Leave it out: {why}.")));
            continue;
        };
        match fixed {
            Some((_, _, values, _)) if text.is_empty() || values.contains(&text.as_str()) => {}
            Some((.., why)) => fields.fault(&name, format!("Leave it out: {why}.")),
            None if patch.set(&name, plain(&name, text)) => {}
            None => fields.fault(&name, "This field is not allowed."),
        }
    }
    patch
}

/// An application to be.
pub(crate) struct NewApplication {
    /// The project's uuid.
    pub(crate) project_uuid: String,
    /// The environment's uuid or name.
    pub(crate) environment: String,
    /// The server's uuid.
    pub(crate) server_uuid: Option<String>,
    /// The destination's uuid.
    pub(crate) destination_uuid: Option<String>,
    /// Whether it is deployed at once.
    pub(crate) instant_deploy: bool,
    /// Whether it gets a domain where none is given.
    pub(crate) autogenerate_domain: bool,
    /// Tags to put on it.
    pub(crate) tags: Vec<String>,
    /// Secrets of webhooks, by forge.
    pub(crate) hooks: Vec<(&'static str, String)>,
    /// Its settings.
    pub(crate) settings: ApplicationPatch,
}

/// What kind of application is to be made.
pub(crate) trait Makes {
    /// The fields that it cannot be without.
    const REQUIRED: &[&str];
}

/// An application to be, of a kind that cannot be without some fields.
pub(crate) struct New<M>(pub(crate) NewApplication, PhantomData<M>);

impl<M: Makes> Fields for New<M> {
    fn read(fields: &mut Reader) -> Option<Self> {
        let new = NewApplication::read(fields, M::REQUIRED)?;
        Some(Self(new, PhantomData))
    }
}

impl NewApplication {
    fn read(fields: &mut Reader, required: &[&str]) -> Option<Self> {
        let project_uuid = fields.take("project_uuid");
        let (by_uuid, by_name) = (fields.take::<Option<String>>("environment_uuid"), fields.take::<Option<String>>("environment_name"));
        let environment = by_uuid.flatten().filter(|text| !text.is_empty()).or(by_name.flatten());
        if environment.is_none() {
            fields.fault("environment_name", "You need to provide at least one of environment_name or environment_uuid.");
        }
        let server_uuid = fields.take::<Option<String>>("server_uuid");
        let destination_uuid = fields.take::<Option<String>>("destination_uuid");
        let instant_deploy = fields.take::<Option<bool>>("instant_deploy");
        let autogenerate_domain = fields.take::<Option<bool>>("autogenerate_domain");
        let tags = fields.take::<Option<Vec<String>>>("tags");
        let hooks = hooks(fields);
        let settings = patch(fields);
        let absent = |field: &&&str| **field != "project_uuid" && settings.get(field).is_none_or(|text| text.trim().is_empty());
        for field in required.iter().filter(absent) {
            fields.fault(field, format!("The {} field is required.", field.replace('_', " ")));
        }
        Some(Self {
            project_uuid: project_uuid?,
            environment: environment?,
            server_uuid: server_uuid?.filter(|text| !text.is_empty()),
            destination_uuid: destination_uuid?.filter(|text| !text.is_empty()),
            instant_deploy: instant_deploy?.unwrap_or(false),
            autogenerate_domain: autogenerate_domain?.unwrap_or(true),
            tags: tags?.unwrap_or_default(),
            hooks,
            settings,
        })
    }
}

/// The forges whose webhooks have a secret.
const FORGES: [&str; 4] = ["github", "gitlab", "gitea", "bitbucket"];

pub(super) const HOOKS: &[Field<'_>] = &[
    ("manual_webhook_secret_github", Kind::Text, "Signs what GitHub sends; takes the ability root."),
    ("manual_webhook_secret_gitlab", Kind::Text, "Comes along with what GitLab sends; takes the ability root."),
    ("manual_webhook_secret_gitea", Kind::Text, "Signs what Gitea and Forgejo send; takes the ability root."),
    ("manual_webhook_secret_bitbucket", Kind::Text, "Signs what Bitbucket sends; takes the ability root."),
];

/// Takes the secrets of webhooks out of a body, by forge.
fn hooks(fields: &mut Reader) -> Vec<(&'static str, String)> {
    let mut hooks = Vec::new();
    for forge in FORGES {
        let field = format!("manual_webhook_secret_{forge}");
        hooks.extend(fields.take::<Option<String>>(&field).flatten().map(|secret| (forge, secret)));
    }
    hooks
}

/// Where an application is; a change can only repeat it.
const PLACES: [&str; 5] = ["project_uuid", "environment_uuid", "environment_name", "server_uuid", "destination_uuid"];

/// Changes to an application.
pub(crate) struct PatchApplication {
    /// Settings; what is absent stays.
    pub(crate) settings: ApplicationPatch,
    /// Secrets of webhooks, by forge.
    pub(crate) hooks: Vec<(&'static str, String)>,
    /// Whether it is deployed at once.
    pub(crate) instant_deploy: bool,
    /// Where the caller takes it to be, by field.
    pub(crate) places: Vec<(&'static str, String)>,
}

impl Fields for PatchApplication {
    fn read(fields: &mut Reader) -> Option<Self> {
        let instant_deploy = fields.take::<Option<bool>>("instant_deploy");
        let place = |field| Some((field, fields.take::<Option<String>>(field).flatten()?));
        let places = PLACES.into_iter().filter_map(place).collect();
        Some(Self { hooks: hooks(fields), settings: patch(fields), instant_deploy: instant_deploy?.unwrap_or(false), places })
    }
}

macro_rules! documented {
    ($($name:ident: $description:literal, $tables:expr, $required:expr;)+) => {$(
        #[doc = $description]
        pub(crate) struct $name;
        impl Makes for $name {
            const REQUIRED: &[&str] = $required;
        }
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let fixed = fixed();
                let fixed: Vec<Field<'_>> = fixed.iter().map(|(name, kind, may)| (*name, *kind, may.as_str())).collect();
                let mut tables: Vec<&[Field<'_>]> = Vec::from($tables);
                tables.push(&fixed);
                fields::taken($description, &tables, Self::REQUIRED)
            }
        }
        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+};
}

documented! {
    PublicApplication: "An application from a public repository.", [PLACE, SETTINGS, HOOKS], &["project_uuid", "git_repository"];
    DeployKeyApplication: "An application from a repository that a deploy key opens.", [PLACE, SETTINGS, HOOKS], &["project_uuid", "git_repository", "private_key_uuid"];
    DockerfileApplication: "An application from a Dockerfile.", [PLACE, SETTINGS, HOOKS], &["project_uuid", "dockerfile"];
    DockerImageApplication: "An application from an image.", [PLACE, SETTINGS, HOOKS], &["project_uuid", "docker_registry_image_name"];
    ApplicationChanges: "Changes to an application; what is absent stays, null or an empty text clears.", [SETTINGS, HOOKS, &PLACE[..6]], &[];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_documented_and_every_documented_one_is_read() {
        let mut documented: Vec<&str> = SETTINGS.iter().map(|(name, ..)| *name).collect();
        let mut known = ApplicationPatch::FIELDS.to_vec();
        documented.sort_unstable();
        known.sort_unstable();
        assert_eq!(documented, known);
    }

    #[test]
    fn base64_is_taken_apart_only_where_it_is_meant() {
        assert_eq!(plain("dockerfile", STANDARD.encode("FROM busybox\n")), "FROM busybox\n");
        assert_eq!(plain("dockerfile", "FROM busybox".into()), "FROM busybox");
        assert_eq!(plain("name", STANDARD.encode("a=b")), STANDARD.encode("a=b"));
        assert_eq!(plain("custom_labels", STANDARD.encode("a=b")), "a=b");
        assert_eq!(plain("custom_labels", "a=b".into()), "a=b");
    }
}
