//! Typed settings to parsed ones: every fault at its field, all of them at once.

use super::{form::ApplicationPatch, units};
use crate::error::Faults;
use model::{
    BuildPack, DockerfilePack, GitSource, Invalid, RelativePath, Settings, Source, StaticPack,
    application::RestartPolicy,
    domain::WwwRedirect,
    git::GitTransport,
    health::{Probe, ProbeMethod},
};
use std::str::FromStr;

/// Largest text of a form, in bytes; a pasted Dockerfile has a bound of its own.
const TEXT_LENGTH_BYTES: usize = 64 * 1024;

/// Applies a patch to settings, or makes settings from one. None where a fault was noted.
pub(super) fn settings(current: Option<&Settings>, patch: &ApplicationPatch, faults: &mut Faults) -> Option<Settings> {
    for field in ApplicationPatch::FIELDS.iter().filter(|field| **field != "dockerfile") {
        if patch.get(field).is_some_and(|text| text.len() > TEXT_LENGTH_BYTES) {
            faults.add(*field, "this is too long");
            return None;
        }
    }
    let mut reader = Reader { patch, faults };
    let source = reader.source(current.map(|settings| &settings.source));
    let pack = reader.pack(current.map(|settings| &settings.pack), source.as_ref());
    let complete = source.is_some() && pack.is_some();
    let source = source.or_else(|| current.map(|settings| settings.source.clone())).unwrap_or(Source::Dockerfile { content: "FROM scratch".into() });
    let pack = pack.unwrap_or(BuildPack::Dockerfile(DockerfilePack::default()));
    let mut settings = match current {
        Some(current) => Settings { source, pack, ..current.clone() },
        None => Settings::new(source, pack),
    };
    reader.routing(&mut settings);
    reader.health(&mut settings);
    reader.containers(&mut settings);
    reader.deploying(&mut settings);
    for (field, why) in settings.faults() {
        if complete || !["build_pack", "dockerfile"].contains(&field) {
            reader.faults.add(field, why.0);
        }
    }
    complete.then_some(settings)
}

struct Reader<'a> {
    patch: &'a ApplicationPatch,
    faults: &'a mut Faults,
}

impl<'a> Reader<'a> {
    fn get(&self, field: &'static str) -> Option<&'a str> {
        self.patch.get(field).map(str::trim)
    }

    /// What was typed, where it is not empty.
    fn filled(&self, field: &'static str) -> Option<&'a str> {
        self.get(field).filter(|text| !text.is_empty())
    }

    /// Sets a value by a rule; an empty text leaves it.
    fn set<T>(&mut self, field: &'static str, target: &mut T, rule: impl Fn(&str) -> Result<T, Invalid>) {
        if let Some(value) = self.filled(field).and_then(|text| self.faults.keep(field, rule(text))) {
            *target = value;
        }
    }

    /// Sets a value by a rule that knows the empty text.
    fn set_all<T>(&mut self, field: &'static str, target: &mut T, rule: impl Fn(&str) -> Result<T, Invalid>) {
        if let Some(value) = self.get(field).and_then(|text| self.faults.keep(field, rule(text))) {
            *target = value;
        }
    }

    /// Sets what may be absent; an empty text clears it.
    fn set_some<T: FromStr<Err = Invalid>>(&mut self, field: &'static str, target: &mut Option<T>) {
        self.set_all(field, target, |text| if text.is_empty() { Ok(None) } else { text.parse().map(Some) });
    }

    fn source(&mut self, current: Option<&Source>) -> Option<Source> {
        let told = |field| self.filled(field).is_some();
        let kind = match (self.filled("source"), current) {
            (Some(word), _) => word,
            (None, Some(Source::Git(_))) => "git",
            (None, Some(Source::Dockerfile { .. })) => "dockerfile",
            (None, Some(Source::Image { .. })) => "image",
            (None, None) if told("git_repository") => "git",
            (None, None) if told("dockerfile") => "dockerfile",
            (None, None) if told("docker_registry_image_name") => "image",
            (None, None) => "git",
        };
        match kind {
            "git" => self.git(if let Some(Source::Git(git)) = current { Some(git) } else { None }),
            "dockerfile" => {
                let known = if let Some(Source::Dockerfile { content }) = current { content.clone() } else { String::new() };
                Some(Source::Dockerfile { content: self.patch.dockerfile.clone().unwrap_or(known) })
            }
            "image" => self.image(current),
            _ => {
                self.faults.add("source", "a source is git, dockerfile or image");
                None
            }
        }
    }

    fn git(&mut self, current: Option<&GitSource>) -> Option<Source> {
        let url = match (self.filled("git_repository"), current) {
            (Some(text), _) => self.faults.parse("git_repository", text),
            (None, Some(git)) => Some(git.url.clone()),
            (None, None) => {
                self.faults.add("git_repository", "the address of a repository is needed");
                None
            }
        };
        let reference = match (self.filled("git_branch"), current) {
            (Some(text), _) => self.faults.parse("git_branch", text),
            (None, Some(git)) => Some(git.reference.clone()),
            (None, None) => {
                // What cannot be looked at has no branch to tell.
                if url.is_some() && !self.faults.has("git_repository") && !self.faults.has("private_key_uuid") {
                    self.faults.add("git_branch", "a branch is needed");
                }
                None
            }
        };
        let mut base_directory = current.map_or_else(RelativePath::root, |git| git.base_directory.clone());
        self.set_all("base_directory", &mut base_directory, str::parse);
        let mut key = current.and_then(|git| git.key.clone());
        self.set_some("private_key_uuid", &mut key);
        let mut submodules = current.is_some_and(|git| git.submodules);
        self.set_all("is_git_submodules_enabled", &mut submodules, units::flag);
        let (url, reference) = url.zip(reference)?;
        if url.transport() == GitTransport::Ssh && key.is_none() {
            self.faults.add("private_key_uuid", "a repository over ssh needs a deploy key: choose one, or use its https address");
        }
        Some(Source::Git(GitSource { url, reference, base_directory, key, submodules }))
    }

    fn image(&mut self, current: Option<&Source>) -> Option<Source> {
        let (known, mut credential) = match current {
            Some(Source::Image { reference, credential }) => (Some(reference), credential.clone()),
            _ => (None, None),
        };
        self.set_some("registry_uuid", &mut credential);
        let name = self.filled("docker_registry_image_name");
        let Some(named) = name.map(str::to_owned).or_else(|| known.map(|known| known.repository().to_owned())) else {
            self.faults.add("docker_registry_image_name", "an image is needed, such as nginx:1.27");
            return None;
        };
        let tag = self.get("docker_registry_image_tag");
        let text = match (tag, known) {
            (Some(""), _) => named,
            (Some(tag), _) => tagged(&named, tag),
            (None, Some(known)) if name.is_none_or(|name| name == known.repository()) => known.to_string(),
            (None, _) => named,
        };
        let field = if name.is_some() || tag.is_none() { "docker_registry_image_name" } else { "docker_registry_image_tag" };
        let reference = self.faults.parse(field, &text)?;
        Some(Source::Image { reference, credential })
    }

    fn pack(&mut self, current: Option<&BuildPack>, source: Option<&Source>) -> Option<BuildPack> {
        let mut is_static = false;
        self.set_all("is_static", &mut is_static, units::flag);
        let word = match (self.filled("build_pack"), source, current) {
            (Some(word), ..) => word,
            (None, Some(Source::Git(_)), _) if is_static => "static",
            (None, Some(Source::Git(_)), Some(current)) if *current != BuildPack::Image => current.as_str(),
            (None, Some(Source::Image { .. }), _) => "dockerimage",
            (None, None, Some(current)) => current.as_str(),
            (None, ..) => "dockerfile",
        };
        match word {
            "dockerfile" => Some(self.dockerfile_pack(current)),
            "static" => Some(self.static_pack(current)),
            "dockerimage" => Some(BuildPack::Image),
            other => {
                self.faults.add("build_pack", format!("{other} is no build pack of this version: choose dockerfile, static or dockerimage"));
                None
            }
        }
    }

    fn dockerfile_pack(&mut self, current: Option<&BuildPack>) -> BuildPack {
        let mut pack = if let Some(BuildPack::Dockerfile(pack)) = current { pack.clone() } else { DockerfilePack::default() };
        self.set("dockerfile_location", &mut pack.location, str::parse);
        self.set_all("dockerfile_target_build", &mut pack.target, stage);
        self.set_all("use_build_secrets", &mut pack.secrets, units::flag);
        BuildPack::Dockerfile(pack)
    }

    fn static_pack(&mut self, current: Option<&BuildPack>) -> BuildPack {
        let mut pack = if let Some(BuildPack::Static(pack)) = current { pack.clone() } else { StaticPack::default() };
        self.set_all("publish_directory", &mut pack.publish_directory, str::parse);
        self.set_all("is_spa", &mut pack.spa, units::flag);
        self.set_some("not_found_page", &mut pack.not_found);
        self.set("cache_seconds", &mut pack.cache_seconds, units::number);
        self.set_all("headers", &mut pack.headers, units::headers);
        BuildPack::Static(pack)
    }

    fn routing(&mut self, settings: &mut Settings) {
        self.set_all("ports_exposes", &mut settings.exposed_port, |text| match units::members(text)?.as_slice() {
            [] => Ok(None),
            [one] => one.parse().map(Some),
            _ => Err(Invalid::new("one port: a domain reaches another one as https://app.example.com:8081")),
        });
        self.set_all("ports_mappings", &mut settings.port_mappings, |text| units::members(text)?.into_iter().map(str::parse).collect());
        self.set_all("domains", &mut settings.domains, |text| {
            let domain = |text: &str| text.parse().map_err(|why: Invalid| Invalid::new(format!("{text}: {why}")));
            units::members(text)?.into_iter().map(domain).collect()
        });
        self.set("redirect", &mut settings.www, |text| match text {
            "both" => Ok(WwwRedirect::Both),
            "www" => Ok(WwwRedirect::Www),
            "non-www" => Ok(WwwRedirect::NonWww),
            _ => Err(Invalid::new("a redirect is both, www or non-www")),
        });
        self.set_all("is_stripprefix_enabled", &mut settings.strip_prefix, units::flag);
    }

    fn health(&mut self, settings: &mut Settings) {
        let health = &mut settings.health;
        let enabled = self.filled("health_check_enabled").and_then(|text| self.faults.keep("health_check_enabled", units::flag(text)));
        let is_http = matches!(health.probe, Probe::Http { .. });
        let http = || Probe::Http { path: "/".into(), method: ProbeMethod::Get, status: None, text: None };
        match (self.filled("health_check_type"), enabled) {
            (Some("http"), _) | (None, Some(true)) if !is_http => health.probe = http(),
            (Some("tcp"), _) => health.probe = Probe::Tcp,
            (Some("none"), _) => health.probe = Probe::None,
            (None, Some(false)) if is_http => health.probe = Probe::Tcp,
            (None, None) if !is_http && self.filled("health_check_path").is_some() => health.probe = http(),
            (Some("http"), _) | (None, _) => {}
            (Some(_), _) => self.faults.add("health_check_type", "a health check is http, tcp or none"),
        }
        if let Probe::Http { path, method, status, text } = &mut health.probe {
            self.set("health_check_path", path, request_path);
            self.set("health_check_method", method, |text| match text.to_ascii_uppercase().as_str() {
                "GET" => Ok(ProbeMethod::Get),
                "HEAD" => Ok(ProbeMethod::Head),
                "POST" => Ok(ProbeMethod::Post),
                _ => Err(Invalid::new("a method is GET, HEAD or POST")),
            });
            self.set_all("health_check_return_code", status, |text| if text.is_empty() { Ok(None) } else { units::number(text).map(Some) });
            self.set_all("health_check_response_text", text, |text| Ok((!text.is_empty()).then(|| text.to_owned())));
        }
        self.set_some("health_check_port", &mut health.port);
        self.set("health_check_interval", &mut health.interval_seconds, units::number);
        self.set("health_check_timeout", &mut health.timeout_seconds, units::number);
        self.set("health_check_retries", &mut health.retries, |text| units::between(text, 1, 1000));
        self.set("health_check_start_period", &mut health.start_period_seconds, |text| units::between(text, 0, 3600));
    }

    fn containers(&mut self, settings: &mut Settings) {
        self.set("replicas", &mut settings.replicas, units::number);
        self.set_all("limits_memory", &mut settings.limits.memory_bytes, units::memory);
        self.set_all("limits_cpus", &mut settings.limits.cpu_thousandths, units::processors);
        self.set_some("entrypoint", &mut settings.entrypoint);
        self.set_some("start_command", &mut settings.command);
        self.set_all("custom_labels", &mut settings.labels, units::labels);
        self.set("restart", &mut settings.restart, |text| match text {
            "no" => Ok(RestartPolicy::No),
            "on-failure" => Ok(RestartPolicy::OnFailure),
            "unless-stopped" | "always" => Ok(RestartPolicy::UnlessStopped),
            _ => Err(Invalid::new("a restart policy is no, on-failure or unless-stopped")),
        });
        self.set_all("exclusive", &mut settings.exclusive, units::flag);
        self.set("stop_grace_period", &mut settings.grace_seconds, units::number);
        self.set("drain_seconds", &mut settings.drain_seconds, units::number);
    }

    fn deploying(&mut self, settings: &mut Settings) {
        self.set_some("pre_deployment_command", &mut settings.pre_deployment);
        self.set_some("post_deployment_command", &mut settings.post_deployment);
        self.set_all("git_commit_sha", &mut settings.pinned_commit, |text| match text {
            "" | "HEAD" => Ok(None),
            text => text.parse().map(Some),
        });
        self.set("docker_images_to_keep", &mut settings.keep_releases, units::number);
        self.set_all("is_auto_deploy_enabled", &mut settings.auto_deploy, units::flag);
        self.set_all("watch_paths", &mut settings.watch_paths, |text| {
            let patterns = units::lines(text)?;
            source::wants::check_watch_paths(&patterns)?;
            Ok(patterns)
        });
    }
}

fn tagged(name: &str, tag: &str) -> String {
    let name = name.parse::<model::ImageReference>().map_or_else(|_| name.to_owned(), |reference| reference.repository().to_owned());
    let is_hash = tag.len() == 64 && tag.bytes().all(|b| b.is_ascii_hexdigit());
    match tag {
        tag if tag.starts_with("sha256:") => format!("{name}@{tag}"),
        tag if is_hash => format!("{name}@sha256:{tag}"),
        tag => format!("{name}:{tag}"),
    }
}

/// The path, with its query, that a health check asks for.
fn request_path(text: &str) -> Result<String, Invalid> {
    let plain = text.chars().all(|c| c.is_ascii_graphic() && c != '#');
    if text.starts_with('/') && plain { Ok(text.to_owned()) } else { Err(Invalid::new("a path begins with / and has no spaces: /healthz")) }
}

fn stage(text: &str) -> Result<Option<String>, Invalid> {
    let plain = text.len() <= 128 && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    match text {
        "" => Ok(None),
        text if plain && !text.starts_with('-') => Ok(Some(text.to_owned())),
        _ => Err(Invalid::new("a stage has letters, digits, dots, hyphens and underscores")),
    }
}
