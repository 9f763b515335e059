//! The fields of settings, in groups. A group is the same on the settings page and in the form of a new application.

use crate::{
    component::{Field, card, field},
    form::Typed,
};
use maud::{Markup, html};

/// A choice of a select: value and label.
pub type Choice = (String, String);

/// A field of the form: value and fault come from what was typed.
pub fn of<'a>(typed: &'a Typed, name: &'a str, label: &'a str, hint: &'a str) -> Field<'a> {
    Field { name, label, hint, value: typed.get(name), error: typed.fault(name), ..Field::default() }
}

fn choices(pairs: &[(&str, &str)]) -> Vec<Choice> {
    pairs.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
}

fn group(id: &str, title: &str, lead: &str, fields: Markup) -> Markup {
    card(id, title, html! { span .small.faint { (lead) } }, html! { div .body.form-grid { (fields) } })
}

/// Where the code or image comes from.
pub fn source(typed: &Typed, keys: &[Choice], registries: &[Choice]) -> Markup {
    let mut keys_or_none = choices(&[("", "None")]);
    keys_or_none.extend_from_slice(keys);
    let mut registries_or_none = choices(&[("", "None: a public image")]);
    registries_or_none.extend_from_slice(registries);
    match typed.get("source") {
        "image" => group(
            "source",
            "Image",
            "what runs",
            html! {
                (field::text(&Field { mono: true, required: true, example: "registry.example.com/team/app:1.4", ..of(typed, "docker_registry_image_name", "Image", "A tag or, to stay at exactly one image, a digest.") }))
                (field::select(&of(typed, "registry_uuid", "Credential", "Signs in to the registry to pull."), &registries_or_none))
            },
        ),
        "dockerfile" => group(
            "source",
            "Dockerfile",
            "built with an empty context",
            html! {
                (field::area(&Field { wide: true, required: true, example: "FROM nginx:1.27", ..of(typed, "dockerfile", "Dockerfile", "Nothing can be copied from the context; RUN and ADD from an address work.") }, 14))
            },
        ),
        _ => group(
            "source",
            "Repository",
            "where the code comes from",
            html! {
                (field::text(&Field { mono: true, required: true, wide: true, example: "https://example.com/owner/name.git", ..of(typed, "git_repository", "Repository", "Over https, or ssh with a deploy key.") }))
                (field::text(&Field { mono: true, ..of(typed, "git_branch", "Branch, tag or commit", "A tag is written refs/tags/v1.2, a commit in full.") }))
                (field::text(&Field { mono: true, ..of(typed, "base_directory", "Base directory", "The source tree begins here.") }))
                (field::select(&of(typed, "private_key_uuid", "Deploy key", "Signs in to the git host over ssh."), &keys_or_none))
                (field::switch(&of(typed, "is_git_submodules_enabled", "Fetch submodules", "Over the same access as the repository."), typed.on("is_git_submodules_enabled")))
            },
        ),
    }
}

/// How the source becomes an image.
pub fn build(typed: &Typed) -> Markup {
    if typed.get("source") == "image" {
        return html! { input type="hidden" name="build_pack" value="dockerimage"; };
    }
    let packs = choices(if typed.get("source") == "dockerfile" {
        &[("dockerfile", "Dockerfile")]
    } else {
        &[("dockerfile", "Dockerfile"), ("static", "Static files")]
    });
    group(
        "build",
        "Build",
        "how the source becomes an image",
        html! {
            (field::select(&of(typed, "build_pack", "Build pack", ""), &packs))
            div .all data-when="build_pack=dockerfile" { div .form-grid {
                @if typed.get("source") != "dockerfile" {
                    (field::text(&Field { mono: true, example: "/Dockerfile", ..of(typed, "dockerfile_location", "Dockerfile", "Below the base directory.") }))
                }
                (field::text(&Field { mono: true, ..of(typed, "dockerfile_target_build", "Target stage", "Empty builds the last stage.") }))
                (field::switch(&of(typed, "use_build_secrets", "Give build variables as secrets", "RUN --mount=type=secret,id=NAME reads one; build arguments stay in the image's history."), typed.on("use_build_secrets")))
            } }
            @if typed.get("source") != "dockerfile" {
                div .all data-when="build_pack=static" { div .form-grid {
                    (field::text(&Field { mono: true, example: "/", ..of(typed, "publish_directory", "Publish directory", "Below the base directory.") }))
                    (field::text(&Field { mono: true, example: "/404.html", ..of(typed, "not_found_page", "Page for unknown paths", "Empty takes 404.html where there is one.") }))
                    (field::text(&Field { kind: "number", unit: "seconds", ..of(typed, "cache_seconds", "Browsers keep hashed files for", "Files without a content hash in their name are always asked for again.") }))
                    (field::switch(&of(typed, "is_spa", "Single-page application", "Unknown paths answer with /index.html."), typed.on("is_spa")))
                    (field::area(&Field { wide: true, example: "X-Frame-Options: DENY", ..of(typed, "headers", "Response headers", "One a line, added to every answer.") }, 3))
                } }
            }
        },
    )
}

/// How it runs.
pub fn run(typed: &Typed) -> Markup {
    let restart = choices(&[("unless-stopped", "Always, unless it was stopped"), ("on-failure", "When it exits with an error, ten times"), ("no", "Never")]);
    html! {
        (group("run", "Run", "the container", html! {
            (field::text(&Field { example: "asked of the image", ..of(typed, "ports_exposes", "Port it listens on", "Routes and the health check use it. Empty asks the image.") }))
            (field::text(&Field { kind: "number", ..of(typed, "replicas", "Replicas", "Containers that share the requests.") }))
            (field::text(&Field { mono: true, ..of(typed, "entrypoint", "Entrypoint", "Replaces the image's own. No shell reads it.") }))
            (field::text(&Field { mono: true, ..of(typed, "start_command", "Command", "Replaces the image's own. For a shell write sh -c \"...\".") }))
            (field::select(&of(typed, "restart", "Start again", ""), &restart))
            (field::area(&Field { example: "8080:80", ..of(typed, "ports_mappings", "Ports on the host", "One a line. With one, a deployment stops the old release before the new one starts.") }, 2))
            (field::switch(&of(typed, "exclusive", "Never two copies at once", "A deployment stops the old release first; requests wait meanwhile."), typed.on("exclusive")))
            (field::area(&Field { example: "com.example.role=web", ..of(typed, "custom_labels", "Container labels", "NAME=value, one a line.") }, 2))
        }))
        (group("limits", "Limits", "of each container; empty is no limit", html! {
            (field::text(&Field { example: "512 MB", ..of(typed, "limits_memory", "Memory", "The kernel ends a container that takes more.") }))
            (field::text(&Field { example: "1.5", ..of(typed, "limits_cpus", "Processors", "") }))
        }))
    }
}

/// How a new release proves itself.
pub fn health(typed: &Typed) -> Markup {
    let probes = choices(&[("tcp", "A TCP connection"), ("http", "An HTTP request"), ("none", "Nothing: running is enough")]);
    let methods = choices(&[("GET", "GET"), ("HEAD", "HEAD"), ("POST", "POST")]);
    group(
        "health",
        "Health check",
        "asked from outside the container; nothing is needed in the image",
        html! {
            (field::select(&of(typed, "health_check_type", "Ask by", ""), &probes))
            div .all data-when="health_check_type=http" { div .form-grid {
                (field::text(&Field { mono: true, example: "/healthz", ..of(typed, "health_check_path", "Path", "") }))
                (field::select(&of(typed, "health_check_method", "Method", ""), &methods))
                (field::text(&Field { example: "200 to 399", ..of(typed, "health_check_return_code", "Expected status", "") }))
                (field::text(&Field { ..of(typed, "health_check_response_text", "Expected text", "The body must hold it.") }))
            } }
            div .all data-when="health_check_type=tcp|http" { div .form-grid {
                (field::text(&Field { example: "the port it listens on", ..of(typed, "health_check_port", "Port", "") }))
                (field::text(&Field { kind: "number", unit: "seconds", ..of(typed, "health_check_interval", "Between questions", "") }))
                (field::text(&Field { kind: "number", unit: "seconds", ..of(typed, "health_check_timeout", "Wait for one answer", "") }))
                (field::text(&Field { kind: "number", ..of(typed, "health_check_retries", "Failed questions allowed", "") }))
                (field::text(&Field { kind: "number", unit: "seconds", ..of(typed, "health_check_start_period", "Failures do not count for", "") }))
            } }
        },
    )
}

/// How one release follows another.
pub fn rollout(typed: &Typed) -> Markup {
    html! {
        (group("rollout", "Deployments", "how one release follows another", html! {
            @if typed.get("source") == "git" {
                (field::switch(&of(typed, "is_auto_deploy_enabled", "Deploy on push", "Needs a webhook at the git host."), typed.on("is_auto_deploy_enabled")))
                (field::area(&Field { example: "src/**", ..of(typed, "watch_paths", "Only when these paths change", "Globs, one a line; ! in front excludes. Empty is every path.") }, 3))
                (field::text(&Field { mono: true, ..of(typed, "git_commit_sha", "Stay at commit", "Whatever the branch says. Empty follows it.") }))
            }
            (field::text(&Field { kind: "number", ..of(typed, "docker_images_to_keep", "Releases kept for rollback", "Their images too.") }))
            (field::text(&Field { kind: "number", unit: "seconds", ..of(typed, "drain_seconds", "Requests in flight may take", "Then the old release is stopped all the same.") }))
            (field::text(&Field { kind: "number", unit: "seconds", ..of(typed, "stop_grace_period", "Between SIGTERM and SIGKILL", "") }))
        }))
        (group("hooks", "Commands", "run in the new image, never in a shell", html! {
            (field::text(&Field { mono: true, wide: true, example: "npm run migrate", ..of(typed, "pre_deployment_command", "Before it starts", "In a container of its own. If it fails, the deployment fails and nothing changes.") }))
            (field::text(&Field { mono: true, wide: true, ..of(typed, "post_deployment_command", "Once it serves", "In a new container of the release. If it fails, that is reported and nothing changes.") }))
        }))
    }
}

/// Every group of the settings page.
pub fn groups(typed: &Typed, keys: &[Choice], registries: &[Choice]) -> Markup {
    html! { (source(typed, keys, registries)) (build(typed)) (run(typed)) (health(typed)) (rollout(typed)) }
}
