//! Settings of applications as answers say them: the words in which they are set.

use super::{application::joined, new_application::SETTINGS};
use base64::{Engine, engine::general_purpose::STANDARD};
use model::{
    BuildPack, Settings, Source,
    application::{Limits, RestartPolicy},
    domain::WwwRedirect,
    health::{HealthCheck, Probe},
};
use serde_json::{Map, Value, json};

/// What holds of a source and a pack until one is chosen that says otherwise.
const UNTIL_CHOSEN: &str = r#"{"base_directory": "/", "is_git_submodules_enabled": false, "is_spa": false, "use_build_secrets": false}"#;

/// Every setting by its name; null where it is not set.
pub(super) fn shown(settings: &Settings) -> Map<String, Value> {
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
    let mut shown: Map<String, Value> = SETTINGS.iter().map(|(name, ..)| ((*name).to_owned(), Value::Null)).collect();
    shown.extend(serde_json::from_str::<Map<String, Value>>(UNTIL_CHOSEN).unwrap_or_default());
    shown.extend(parts.flatten());
    shown.remove("name");
    shown.remove("description");
    shown
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_told() {
        let image = Source::Image { reference: "busybox".parse().expect("valid"), credential: None };
        let shown = shown(&Settings::new(image, BuildPack::Image));
        let untold: Vec<_> = SETTINGS.iter().map(|(name, ..)| *name).filter(|name| !shown.contains_key(*name)).collect();
        assert_eq!(untold, ["name", "description"]);
        let unknown: Vec<_> = shown.keys().filter(|name| !SETTINGS.iter().any(|(known, ..)| known == name)).collect();
        assert_eq!(unknown, Vec::<&String>::new());
    }
}
