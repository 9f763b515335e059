//! The shapes of Coolify's API, for tests that hold answers against them: which fields an answer has, and of which kind.
//!
//! `name:kind`, where a kind is `string`, `integer`, `boolean`, `object`, `array`, `@shape` or `[@shape]`. `?` after it: Coolify says that it may be null.
//! `~` after it: it may be null or left out here, though Coolify says otherwise. Answers may have more fields than these.

use serde_json::Value;

const SHAPES: &[(&str, &str)] = &[
    (
        "application",
        "id:integer description:string? repository_project_id:integer? uuid:string name:string fqdn:string? noindex_domains:array? config_hash:string~ \
         git_repository:string~ git_branch:string~ git_commit_sha:string git_full_url:string? docker_registry_image_name:string? \
         docker_registry_image_tag:string? build_pack:string static_image:string install_command:string~ build_command:string~ start_command:string~ \
         ports_exposes:string~ ports_mappings:string? custom_network_aliases:string? base_directory:string publish_directory:string~ health_check_enabled:boolean \
         health_check_path:string~ health_check_port:string? health_check_host:string? health_check_method:string~ health_check_return_code:integer~ \
         health_check_scheme:string health_check_response_text:string? health_check_interval:integer health_check_timeout:integer health_check_retries:integer \
         health_check_start_period:integer health_check_type:string health_check_command:string? limits_memory:string limits_memory_swap:string \
         limits_memory_swappiness:integer limits_memory_reservation:string limits_cpus:string limits_cpuset:string? limits_cpu_shares:integer status:string \
         preview_url_template:string max_restart_count:integer destination_type:string destination_id:integer source_id:integer? private_key_id:integer? \
         environment_id:integer dockerfile:string? dockerfile_location:string~ custom_labels:string? dockerfile_target_build:string? \
         manual_webhook_secret_github:string? manual_webhook_secret_gitlab:string? manual_webhook_secret_bitbucket:string? manual_webhook_secret_gitea:string? \
         docker_compose_location:string~ docker_compose:string? docker_compose_raw:string? docker_compose_domains:string? \
         docker_compose_custom_start_command:string? docker_compose_custom_build_command:string? swarm_replicas:integer? swarm_placement_constraints:string? \
         custom_docker_run_options:string? post_deployment_command:string? post_deployment_command_container:string? pre_deployment_command:string? \
         pre_deployment_command_container:string? watch_paths:string? custom_healthcheck_found:boolean redirect:string? created_at:string updated_at:string \
         deleted_at:string? compose_parsing_version:string custom_nginx_configuration:string? is_http_basic_auth_enabled:boolean \
         http_basic_auth_username:string? http_basic_auth_password:string? settings:@application_setting",
    ),
    (
        "application_setting",
        "is_static:boolean is_git_submodules_enabled:boolean is_git_lfs_enabled:boolean is_auto_deploy_enabled:boolean is_force_https_enabled:boolean \
         is_debug_enabled:boolean is_preview_deployments_enabled:boolean is_log_drain_enabled:boolean is_gpu_enabled:boolean gpu_driver:string? \
         gpu_count:string? gpu_device_ids:string? gpu_options:string? is_include_timestamps:boolean is_swarm_only_worker_nodes:boolean \
         is_raw_compose_deployment_enabled:boolean is_build_server_enabled:boolean is_consistent_container_name_enabled:boolean is_gzip_enabled:boolean \
         is_stripprefix_enabled:boolean connect_to_docker_network:boolean custom_internal_name:string? is_container_label_escape_enabled:boolean \
         is_env_sorting_enabled:boolean is_container_label_readonly_enabled:boolean is_preserve_repository_enabled:boolean disable_build_cache:boolean \
         is_spa:boolean is_git_shallow_clone_enabled:boolean is_pr_deployments_public_enabled:boolean use_build_secrets:boolean \
         inject_build_args_to_dockerfile:boolean include_source_commit_in_build:boolean docker_images_to_keep:integer stop_grace_period:integer?",
    ),
    (
        "deployment",
        "id:integer application_id:string deployment_uuid:string pull_request_id:integer docker_registry_image_tag:string? configuration_hash:string? \
         configuration_snapshot:object? configuration_diff:object? force_rebuild:boolean commit:string status:string is_webhook:boolean is_api:boolean \
         created_at:string updated_at:string logs:string~ current_process_id:string~ restart_only:boolean git_type:string~ server_id:integer \
         application_name:string server_name:string deployment_url:string destination_id:string only_this_server:boolean rollback:boolean commit_message:string~",
    ),
    (
        "server",
        "id:integer uuid:string name:string description:string ip:string user:string port:integer proxy:object proxy_type:string \
         high_disk_usage_notification_sent:boolean unreachable_notification_sent:boolean unreachable_count:integer validation_logs:string~ \
         log_drain_notification_sent:boolean swarm_cluster:string~ settings:@server_setting",
    ),
    (
        "server_setting",
        "id:integer concurrent_builds:integer deployment_queue_limit:integer~ dynamic_timeout:integer~ force_disabled:boolean force_server_cleanup:boolean \
         is_build_server:boolean is_cloudflare_tunnel:boolean is_jump_server:boolean is_logdrain_axiom_enabled:boolean is_logdrain_custom_enabled:boolean \
         is_logdrain_highlight_enabled:boolean is_logdrain_newrelic_enabled:boolean is_metrics_enabled:boolean is_reachable:boolean is_sentinel_enabled:boolean \
         is_swarm_manager:boolean is_swarm_worker:boolean is_terminal_enabled:boolean is_usable:boolean logdrain_axiom_api_key:string~ \
         logdrain_axiom_dataset_name:string~ logdrain_custom_config:string~ logdrain_custom_config_parser:string~ logdrain_highlight_project_id:string~ \
         logdrain_newrelic_base_uri:string~ logdrain_newrelic_license_key:string~ sentinel_metrics_history_days:integer~ \
         sentinel_metrics_refresh_rate_seconds:integer~ sentinel_token:string~ docker_cleanup_frequency:string~ docker_cleanup_threshold:integer~ server_id:integer \
         wildcard_domain:string created_at:string updated_at:string delete_unused_volumes:boolean delete_unused_networks:boolean connection_timeout:integer~",
    ),
    ("project", "id:integer uuid:string name:string description:string"),
    ("environment", "id:integer name:string project_id:integer created_at:string updated_at:string description:string"),
    (
        "variable",
        "id:integer uuid:string resourceable_type:string resourceable_id:integer is_literal:boolean is_multiline:boolean is_preview:boolean is_runtime:boolean \
         is_buildtime:boolean is_shared:boolean is_shown_once:boolean key:string value:string~ real_value:string~ comment:string? version:string \
         created_at:string updated_at:string",
    ),
    (
        "key",
        "id:integer uuid:string name:string description:string private_key:string~ public_key:string fingerprint:string is_git_related:boolean team_id:integer \
         created_at:string updated_at:string",
    ),
    (
        "team",
        "id:integer name:string description:string personal_team:boolean created_at:string updated_at:string show_boarding:boolean custom_server_limit:string~ \
         members:[@person]",
    ),
    (
        "person",
        "id:integer name:string email:string email_verified_at:string~ created_at:string updated_at:string two_factor_confirmed_at:string~ \
         force_password_reset:boolean marketing_emails:boolean",
    ),
    ("destination", "uuid:string name:string network:string type:string server_uuid:string created_at:string updated_at:string"),
    ("tag", "uuid:string name:string created_at:string updated_at:string"),
    ("queued", "message:string deployment_uuid:string"),
    ("message", "message:string"),
    ("uuid", "uuid:string"),
    ("deployed", "deployments:[@deployed_one]"),
    ("deployed_one", "message:string resource_uuid:string deployment_uuid:string"),
    ("deployments", "count:integer deployments:[@deployment]"),
    ("resource", "id:integer uuid:string name:string type:string status:string created_at:string updated_at:string"),
    ("server_domains", "ip:string domains:array"),
    ("rollback_images", "current:string? images:[@rollback_image]"),
    ("rollback_image", "tag:string created_at:string is_current:boolean"),
    ("storages", "persistent_storages:array file_storages:array"),
    ("logs", "logs:string"),
    ("moved", "message:string uuid:string project_uuid:string environment_uuid:string"),
    ("cloned", "uuid:string message:string"),
    ("cancelled", "message:string deployment_uuid:string status:string"),
    ("conflict", "message:string warning:string conflicts:[@conflict_one]"),
    ("conflict_one", "domain:string resource_name:string resource_uuid:string? resource_type:string message:string"),
    ("refusal", "message:string errors:object"),
];

/// What keeps an answer from having this shape, by field; nothing where it has it.
///
/// # Panics
/// There is no such shape.
pub fn misfits(shape: &str, answer: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(shape, answer, shape, &mut found);
    found
}

/// Holds an answer against a shape.
///
/// # Panics
/// It does not have it.
pub fn fits(shape: &str, answer: &Value) {
    let misfits = misfits(shape, answer);
    assert!(misfits.is_empty(), "an answer is not Coolify's {shape}: {}\n{answer:#}", misfits.join(", "));
}

/// Holds each member of a list against a shape; there is at least one.
///
/// # Panics
/// One does not have it, or there is none.
pub fn all_fit(shape: &str, answer: &Value) {
    let members = answer.as_array().filter(|members| !members.is_empty()).unwrap_or_else(|| panic!("no list of {shape}: {answer:#}"));
    members.iter().for_each(|member| fits(shape, member));
}

fn compare(shape: &str, answer: &Value, place: &str, found: &mut Vec<String>) {
    let (_, fields) = SHAPES.iter().find(|(name, _)| *name == shape).unwrap_or_else(|| panic!("there is no shape {shape}"));
    let Value::Object(answer) = answer else {
        found.push(format!("{place} is no object"));
        return;
    };
    for field in fields.split_whitespace() {
        let (name, kind) = field.split_once(':').unwrap_or_else(|| panic!("{field} has no kind"));
        let place = format!("{place}.{name}");
        let bare = kind.trim_end_matches(['?', '~']);
        match answer.get(name) {
            None if kind.ends_with('~') => {}
            None => found.push(format!("{place} is missing")),
            Some(Value::Null) if bare == kind => found.push(format!("{place} is null")),
            Some(Value::Null) => {}
            Some(value) => compare_value(bare, value, &place, found),
        }
    }
}

fn compare_value(kind: &str, value: &Value, place: &str, found: &mut Vec<String>) {
    let fits = match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        _ => {
            if let Some(shape) = kind.strip_prefix('@') {
                compare(shape, value, place, found);
            } else if let (Some(shape), Some(members)) = (kind.strip_prefix("[@").and_then(|rest| rest.strip_suffix(']')), value.as_array()) {
                members.iter().enumerate().for_each(|(at, member)| compare(shape, member, &format!("{place}.{at}"), found));
            } else {
                found.push(format!("{place} is no {kind}"));
            }
            return;
        }
    };
    if !fits {
        found.push(format!("{place} is no {kind}: {value}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_missing_null_or_of_another_kind_is_named() {
        let deployment = json!({"deployments": [{"message": "m", "resource_uuid": null, "deployment_uuid": 7}]});
        let place = "deployed.deployments.0";
        assert_eq!(misfits("deployed", &deployment), [format!("{place}.resource_uuid is null"), format!("{place}.deployment_uuid is no string: 7")]);
        assert_eq!(misfits("rollback_images", &json!({"current": null})), ["rollback_images.images is missing"]);
        assert_eq!(misfits("tag", &json!([])), ["tag is no object"]);
    }

    #[test]
    fn every_shape_that_is_named_is_there() {
        for (_, fields) in SHAPES {
            for named in fields.split_whitespace().filter_map(|field| field.split_once('@')) {
                let name = named.1.trim_end_matches(['?', '~', ']']);
                assert!(SHAPES.iter().any(|(shape, _)| *shape == name), "{name}");
            }
        }
    }
}
