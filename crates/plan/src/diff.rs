//! What changes between two releases, field by field, in words.
//!
//! Structures are taken apart without `..`, so that a new field does not compile until it is told of.

use model::{
    BuildPack, CommitSha, DockerfilePack, GitSource, HealthCheck, Settings, Source, Spec, StaticPack,
    application::{Limits, RestartPolicy},
    domain::WwwRedirect,
    health::{Probe, ProbeMethod},
    mount::{Mount, MountKind},
    variable::FrozenVariable,
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fmt::{self, Display},
};

/// What happened to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    /// It was not there.
    Added,
    /// It is no longer there.
    Removed,
    /// It has another value.
    Changed,
}

/// One difference between two releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What happened.
    pub sign: Sign,
    /// The field in plain words, such as `memory limit` or `variable DATABASE_URL`.
    pub field: String,
    /// The old value; none when there was none or it is secret.
    pub before: Option<String>,
    /// The new value; none when there is none or it is secret.
    pub after: Option<String>,
    /// Whether the value is secret and not told.
    pub secret: bool,
    /// Whether the image must be built anew.
    pub rebuilds: bool,
}

/// Every difference between two releases, in the order people read settings.
pub fn changes(old: &Spec, new: &Spec) -> Vec<Change> {
    let mut told = Told::default();
    let (Spec { slug, settings, variables, mounts }, Spec { slug: new_slug, settings: new_settings, variables: new_variables, mounts: new_mounts }) =
        (old, new);
    told.compare("slug", Some(slug.to_string()), Some(new_slug.to_string()), false);
    told.lists(settings_lines(settings), settings_lines(new_settings));
    let follows = |name: &str| follows_from_settings(name, settings, new_settings);
    told.variables(variables, new_variables, follows);
    told.mounts(mounts, new_mounts);
    told.0
}

/// Whether a variable that Wharf gives changes because a setting does, which is told itself.
fn follows_from_settings(name: &str, old: &Settings, new: &Settings) -> bool {
    match name {
        "WHARF_URL" | "WHARF_FQDN" => old.domains != new.domains,
        "WHARF_BRANCH" => old.source != new.source,
        "PORT" => old.exposed_port != new.exposed_port,
        _ => false,
    }
}

impl Display for Change {
    /// One line: `+ domain: https://example.com`, `~ replicas: 1 -> 2`, `- variable TOKEN`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.sign {
            Sign::Added => '+',
            Sign::Removed => '-',
            Sign::Changed => '~',
        };
        write!(formatter, "{sign} {}", self.field)?;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(formatter, ": {before} -> {after}"),
            (Some(value), None) | (None, Some(value)) => write!(formatter, ": {value}"),
            (None, None) => Ok(()),
        }
    }
}

/// A field with its value as people read it.
struct Line {
    field: String,
    value: String,
    /// One of several of the field: known by its value, never changed, only added and removed.
    member: bool,
    rebuilds: bool,
}

impl Line {
    fn same_field(&self, other: &Self) -> bool {
        self.field == other.field && (!self.member || self.value == other.value)
    }
}

/// The fields of a structure that have a value, in reading order.
#[derive(Default)]
struct Lines(Vec<Line>);

impl Lines {
    fn add(&mut self, field: &str, value: impl Display) {
        self.0.push(Line { field: field.to_owned(), value: value.to_string(), member: false, rebuilds: false });
    }
    fn add_some(&mut self, field: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.add(field, value);
        }
    }
    fn add_each(&mut self, field: &str, values: impl IntoIterator<Item = impl Display>) {
        let line = |value: String| Line { field: field.to_owned(), value, member: true, rebuilds: false };
        self.0.extend(values.into_iter().map(|value| line(value.to_string())));
    }
    fn add_map(&mut self, field: &str, values: &BTreeMap<String, String>) {
        values.iter().for_each(|(name, value)| self.add(&format!("{field} {name}"), value));
    }
    fn rebuild(mut self) -> Self {
        self.0.iter_mut().for_each(|line| line.rebuilds = true);
        self
    }
}

fn settings_lines(settings: &Settings) -> Lines {
    let Settings {
        source,
        pack,
        exposed_port,
        port_mappings,
        domains,
        www,
        strip_prefix,
        health,
        replicas,
        limits: Limits { memory_bytes, cpu_thousandths },
        entrypoint,
        command,
        pre_deployment,
        post_deployment,
        grace_seconds,
        drain_seconds,
        labels,
        restart,
        exclusive,
        keep_releases,
        auto_deploy,
        watch_paths,
        pinned_commit,
    } = settings;
    let mut lines = source_lines(source);
    lines.0.extend(pack_lines(pack).rebuild().0);
    lines.0.extend(pinned_lines(pinned_commit.as_ref()).rebuild().0);
    lines.add_some("port", *exposed_port);
    lines.add_each("port mapping", port_mappings);
    lines.add_each("domain", domains);
    lines.add("www", www_words(*www));
    lines.add("path removed from requests", yes_no(*strip_prefix));
    lines.0.extend(health_lines(health).0);
    lines.add("replicas", replicas);
    lines.add_some("memory limit", memory_bytes.map(bytes));
    lines.add_some("processor limit", cpu_thousandths.map(|thousandths| f64::from(thousandths) / 1000.0));
    lines.add_some("entrypoint", entrypoint.as_ref());
    lines.add_some("command", command.as_ref());
    lines.add_some("pre-deployment command", pre_deployment.as_ref());
    lines.add_some("post-deployment command", post_deployment.as_ref());
    lines.add("stop grace period", seconds(*grace_seconds));
    lines.add("drain limit", seconds(*drain_seconds));
    lines.add_map("label", labels);
    lines.add("restart policy", restart_words(*restart));
    lines.add("one copy at a time", yes_no(*exclusive));
    lines.add("releases kept", keep_releases);
    lines.add("deploy on push", yes_no(*auto_deploy));
    lines.add_each("watched path", watch_paths);
    lines
}

fn source_lines(source: &Source) -> Lines {
    let mut lines = Lines::default();
    match source {
        Source::Git(GitSource { url, reference, base_directory, key, submodules }) => {
            lines.add("source", "git repository");
            lines.add("repository", url);
            lines.add("branch, tag or commit", reference);
            lines.add("base directory", directory(base_directory.as_str()));
            lines.add("submodules", yes_no(*submodules));
            let mut lines = lines.rebuild();
            lines.add_some("deploy key", key.as_ref());
            lines
        }
        Source::Dockerfile { content } => {
            lines.add("source", "pasted Dockerfile");
            lines.add("Dockerfile", content);
            lines.rebuild()
        }
        Source::Image { reference, credential } => {
            lines.add("source", "image");
            lines.add("image", reference);
            let mut lines = lines.rebuild();
            lines.add_some("registry credential", credential.as_ref());
            lines
        }
    }
}

fn pinned_lines(commit: Option<&CommitSha>) -> Lines {
    let mut lines = Lines::default();
    lines.add_some("pinned commit", commit);
    lines
}

fn pack_lines(pack: &BuildPack) -> Lines {
    let mut lines = Lines::default();
    lines.add("build pack", pack.as_str());
    match pack {
        BuildPack::Dockerfile(DockerfilePack { location, target, secrets }) => {
            lines.add("Dockerfile location", location);
            lines.add_some("build stage", target.as_ref());
            lines.add("variables as build secrets", yes_no(*secrets));
        }
        BuildPack::Static(StaticPack { publish_directory, spa, not_found, cache_seconds, headers }) => {
            lines.add("publish directory", directory(publish_directory.as_str()));
            lines.add("single-page application", yes_no(*spa));
            lines.add_some("page for unknown paths", not_found.as_ref());
            lines.add("browser cache", seconds(*cache_seconds));
            lines.add_map("header", headers);
        }
        BuildPack::Image => {}
    }
    lines
}

fn health_lines(health: &HealthCheck) -> Lines {
    let HealthCheck { probe, port, interval_seconds, timeout_seconds, retries, start_period_seconds } = health;
    let mut lines = Lines::default();
    match probe {
        Probe::Tcp => lines.add("health check", "TCP connection"),
        Probe::None => lines.add("health check", "none"),
        Probe::Http { path, method, status, text } => {
            lines.add("health check", "HTTP request");
            lines.add("health check path", path);
            let method = match method {
                ProbeMethod::Get => "GET",
                ProbeMethod::Head => "HEAD",
                ProbeMethod::Post => "POST",
            };
            lines.add("health check method", method);
            lines.add_some("health check status", *status);
            lines.add_some("health check text", text.as_ref());
        }
    }
    lines.add_some("health check port", *port);
    lines.add("health check interval", seconds(*interval_seconds));
    lines.add("health check timeout", seconds(*timeout_seconds));
    lines.add("health check retries", retries);
    lines.add("health check start period", seconds(*start_period_seconds));
    lines
}

fn www_words(www: WwwRedirect) -> &'static str {
    match www {
        WwwRedirect::Both => "each domain answers for itself",
        WwwRedirect::Www => "redirected to www",
        WwwRedirect::NonWww => "redirected from www",
    }
}

fn restart_words(restart: RestartPolicy) -> &'static str {
    match restart {
        RestartPolicy::No => "never",
        RestartPolicy::OnFailure => "on failure",
        RestartPolicy::UnlessStopped => "unless stopped",
    }
}

fn yes_no(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

fn seconds(count: u32) -> String {
    if count == 1 { "1 second".to_owned() } else { format!("{count} seconds") }
}

fn directory(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

fn bytes(count: u64) -> String {
    match count {
        _ if count > 0 && count.is_multiple_of(1 << 30) => format!("{} GiB", count >> 30),
        _ if count > 0 && count.is_multiple_of(1 << 20) => format!("{} MiB", count >> 20),
        _ => format!("{count} bytes"),
    }
}

/// The changes told so far.
#[derive(Default)]
struct Told(Vec<Change>);

impl Told {
    fn compare(&mut self, field: &str, before: Option<String>, after: Option<String>, rebuilds: bool) {
        if before == after {
            return;
        }
        let sign = sign(&before, &after);
        self.0.push(Change { sign, field: field.to_owned(), before, after, secret: false, rebuilds });
    }

    /// Removed fields are told where they stood, before the field that follows them in the new order.
    fn lists(&mut self, old: Lines, new: Lines) {
        let mut told_until = 0;
        for line in &new.0 {
            let at = old.0.iter().position(|other| other.same_field(line));
            if let Some(at) = at {
                self.removed(&old.0[told_until.min(at)..at], &new);
                told_until = told_until.max(at + 1);
            }
            let before = at.map(|at| old.0[at].value.clone());
            self.compare(&line.field, before, Some(line.value.clone()), line.rebuilds);
        }
        self.removed(&old.0[told_until..], &new);
    }

    fn removed(&mut self, old: &[Line], new: &Lines) {
        for line in old.iter().filter(|line| !new.0.iter().any(|other| other.same_field(line))) {
            self.compare(&line.field, Some(line.value.clone()), None, line.rebuilds);
        }
    }

    fn variables(&mut self, old: &[FrozenVariable], new: &[FrozenVariable], follows: impl Fn(&str) -> bool) {
        let by_name = |variables: &[FrozenVariable]| -> BTreeMap<String, FrozenVariable> {
            variables.iter().map(|variable| (variable.name.to_string(), variable.clone())).collect()
        };
        let (old, new) = (by_name(old), by_name(new));
        let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            let (before, after) = (old.get(name), new.get(name));
            if before.into_iter().chain(after).all(|variable| variable.given) && follows(name) {
                continue;
            }
            let field = format!("variable {name}");
            let built = |variable: Option<&FrozenVariable>| variable.is_some_and(|variable| variable.build_time);
            if before.map(|variable| &variable.value) != after.map(|variable| &variable.value) {
                self.secret(field.clone(), sign(&before, &after), built(before) || built(after));
            }
            if let (Some(before), Some(after)) = (before, after) {
                let used = |FrozenVariable { name: _, value: _, build_time, run_time, given: _ }: &FrozenVariable| used_words(*build_time, *run_time);
                self.compare(&format!("{field} given to"), Some(used(before)), Some(used(after)), before.build_time != after.build_time);
            }
        }
    }

    fn mounts(&mut self, old: &[Mount], new: &[Mount]) {
        let by_path = |mounts: &[Mount]| -> BTreeMap<String, MountKind> {
            let taken = |Mount { id: _, path, what }: &Mount| (path.to_string(), what.clone());
            mounts.iter().map(taken).collect()
        };
        let (old, new) = (by_path(old), by_path(new));
        let paths: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for path in paths {
            let (before, after) = (old.get(path), new.get(path));
            let field = format!("mount {path}");
            self.compare(&field, before.map(mount_words), after.map(mount_words), false);
            if let (Some(MountKind::File { content, .. }), Some(MountKind::File { content: new, .. })) = (before, after)
                && content != new
            {
                self.secret(format!("content of {path}"), Sign::Changed, false);
            }
        }
    }

    fn secret(&mut self, field: String, sign: Sign, rebuilds: bool) {
        self.0.push(Change { sign, field, before: None, after: None, secret: true, rebuilds });
    }
}

fn sign<T>(before: &Option<T>, after: &Option<T>) -> Sign {
    match (before, after) {
        (None, _) => Sign::Added,
        (_, None) => Sign::Removed,
        _ => Sign::Changed,
    }
}

fn used_words(build_time: bool, run_time: bool) -> String {
    let words = match (build_time, run_time) {
        (true, true) => "build and container",
        (true, false) => "build",
        (false, true) => "container",
        (false, false) => "nothing",
    };
    words.to_owned()
}

/// What is mounted, without a file's content.
fn mount_words(mount: &MountKind) -> String {
    match mount {
        MountKind::Volume { name } => format!("volume {name}"),
        MountKind::File { content: _, mode } => format!("file with mode {mode:o}"),
        MountKind::Host { source, read_only: true } => format!("host path {source}, read only"),
        MountKind::Host { source, read_only: false } => format!("host path {source}"),
    }
}

#[cfg(test)]
mod tests;
