//! Settings as form fields, and form fields as a patch. The names are those of the patch, which are Coolify's where it has the setting.

use crate::{form::Typed, unit};
use model::{
    BuildPack, GitReference, Settings, Source,
    application::RestartPolicy,
    domain::WwwRedirect,
    health::{Probe, ProbeMethod},
};
use std::collections::BTreeMap;

/// The fields that show these settings.
pub fn typed(settings: &Settings) -> Typed {
    let typed = pack(source(Typed::default(), &settings.source), &settings.pack);
    let typed = typed
        .with("ports_exposes", optional(&settings.exposed_port))
        .with("ports_mappings", lines(&settings.port_mappings))
        .with("domains", lines(&settings.domains))
        .with("redirect", www_word(settings.www))
        .with("is_stripprefix_enabled", settings.strip_prefix)
        .with("replicas", settings.replicas)
        .with("limits_memory", settings.limits.memory_bytes.map(memory).unwrap_or_default())
        .with("limits_cpus", settings.limits.cpu_thousandths.map(unit::processors).unwrap_or_default())
        .with("entrypoint", optional(&settings.entrypoint))
        .with("start_command", optional(&settings.command))
        .with("pre_deployment_command", optional(&settings.pre_deployment))
        .with("post_deployment_command", optional(&settings.post_deployment))
        .with("stop_grace_period", settings.grace_seconds)
        .with("drain_seconds", settings.drain_seconds)
        .with("custom_labels", pairs(&settings.labels, "="))
        .with("restart", restart_word(settings.restart))
        .with("exclusive", settings.exclusive)
        .with("docker_images_to_keep", settings.keep_releases)
        .with("is_auto_deploy_enabled", settings.auto_deploy)
        .with("watch_paths", settings.watch_paths.join("\n"))
        .with("git_commit_sha", optional(&settings.pinned_commit));
    health(typed, settings)
}

fn source(typed: Typed, source: &Source) -> Typed {
    match source {
        Source::Git(git) => typed
            .with("source", "git")
            .with("git_repository", &git.url)
            .with("git_branch", reference(&git.reference))
            .with("base_directory", format!("/{}", git.base_directory))
            .with("private_key_uuid", optional(&git.key))
            .with("is_git_submodules_enabled", git.submodules),
        Source::Dockerfile { content } => typed.with("source", "dockerfile").with("dockerfile", content),
        Source::Image { reference, credential } => {
            typed.with("source", "image").with("docker_registry_image_name", reference).with("registry_uuid", optional(credential))
        }
    }
}

/// A reference as it is typed back: tags keep their full form.
fn reference(reference: &GitReference) -> String {
    match reference {
        GitReference::Branch(branch) => branch.to_string(),
        GitReference::Tag(tag) => format!("refs/tags/{tag}"),
        GitReference::Commit(commit) => commit.to_string(),
    }
}

fn pack(typed: Typed, pack: &BuildPack) -> Typed {
    let typed = typed.with("build_pack", pack.as_str());
    match pack {
        BuildPack::Dockerfile(pack) => typed
            .with("dockerfile_location", format!("/{}", pack.location))
            .with("dockerfile_target_build", pack.target.clone().unwrap_or_default())
            .with("use_build_secrets", pack.secrets),
        BuildPack::Static(pack) => typed
            .with("publish_directory", format!("/{}", pack.publish_directory))
            .with("is_spa", pack.spa)
            .with("not_found_page", pack.not_found.as_ref().map(|path| format!("/{path}")).unwrap_or_default())
            .with("cache_seconds", pack.cache_seconds)
            .with("headers", pairs(&pack.headers, ": ")),
        BuildPack::Image => typed,
    }
}

fn health(typed: Typed, settings: &Settings) -> Typed {
    let health = &settings.health;
    let typed = typed
        .with("health_check_port", optional(&health.port))
        .with("health_check_interval", health.interval_seconds)
        .with("health_check_timeout", health.timeout_seconds)
        .with("health_check_retries", health.retries)
        .with("health_check_start_period", health.start_period_seconds);
    match &health.probe {
        Probe::Tcp => typed.with("health_check_type", "tcp"),
        Probe::None => typed.with("health_check_type", "none"),
        Probe::Http { path, method, status, text } => typed
            .with("health_check_type", "http")
            .with("health_check_path", path)
            .with("health_check_method", method_word(*method))
            .with("health_check_return_code", optional(status))
            .with("health_check_response_text", text.clone().unwrap_or_default()),
    }
}

/// Memory as it is typed back, exact: the largest unit that divides it.
fn memory(bytes: u64) -> String {
    const MB: u64 = 1024 * 1024;
    match bytes {
        _ if bytes.is_multiple_of(1024 * MB) => format!("{} GB", bytes / (1024 * MB)),
        _ if bytes.is_multiple_of(MB) => format!("{} MB", bytes / MB),
        _ => bytes.to_string(),
    }
}

fn optional<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map(T::to_string).unwrap_or_default()
}

fn lines<T: ToString>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join("\n")
}

fn pairs(values: &BTreeMap<String, String>, sign: &str) -> String {
    values.iter().map(|(name, value)| format!("{name}{sign}{value}")).collect::<Vec<_>>().join("\n")
}

fn www_word(www: WwwRedirect) -> &'static str {
    match www {
        WwwRedirect::Both => "both",
        WwwRedirect::Www => "www",
        WwwRedirect::NonWww => "non-www",
    }
}

fn restart_word(restart: RestartPolicy) -> &'static str {
    match restart {
        RestartPolicy::No => "no",
        RestartPolicy::OnFailure => "on-failure",
        RestartPolicy::UnlessStopped => "unless-stopped",
    }
}

fn method_word(method: ProbeMethod) -> &'static str {
    match method {
        ProbeMethod::Get => "GET",
        ProbeMethod::Head => "HEAD",
        ProbeMethod::Post => "POST",
    }
}
