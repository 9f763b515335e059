//! Who may import whom, which crate is the door to which library, and what must not be in the tree at all.

use crate::program::Program;
use crate::tidy::Finding;
use crate::workspace;
use anyhow::{Context, Result};
use serde::Deserialize;

const EVERYTHING: &[&str] = &["*"];

/// The import table: a crate of ours and the crates of ours it may import.
const IMPORTS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("compose", &["model"]),
    ("buildpack", &["model", "compose"]),
    ("plan", &["model", "compose"]),
    ("store", &["model"]),
    ("host", &["model"]),
    ("docker", &["model", "host"]),
    ("cluster", &["model"]),
    ("source", &["model", "host"]),
    ("proxy", &["model", "host"]),
    ("edge", &["model"]),
    ("acme", &["model"]),
    ("notify", &["model"]),
    ("archive", &["model", "host"]),
    ("engine", &["model", "compose", "buildpack", "plan", "store", "host", "docker", "cluster", "source", "proxy", "acme", "notify", "archive"]),
    ("ops", &["model", "plan", "store", "engine", "source"]),
    ("web", &["model", "ops"]),
    ("wharf", EVERYTHING),
    ("testkit", EVERYTHING),
    ("xtask", &[]),
];

/// One door per outside library: the crates that may name it.
const DOORS: &[(&str, &[&str])] = &[
    ("bollard", &["docker"]),
    ("rusqlite", &["store"]),
    ("russh", &["host"]),
    ("kube", &["cluster"]),
    ("instant-acme", &["acme"]),
    ("reqwest", &["wharf", "testkit", "notify"]),
    ("ureq", &["xtask"]),
    ("maud", &["web"]),
    ("axum", &["web", "wharf"]),
];

/// What must not be built, and why.
const BANNED: &[(&str, &str)] = &[
    ("ring", "aws-lc-rs is the one crypto library"),
    ("openssl-sys", "aws-lc-rs is the one crypto library"),
    ("serde_yaml", "it is no longer maintained"),
    ("sqlx", "rusqlite is the one way to SQLite"),
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

/// Reads cargo's own account of the workspace and checks it.
pub fn check() -> Result<Vec<Finding>> {
    let text = cargo(&["metadata", "--format-version", "1", "--no-deps"])?;
    let metadata: Metadata = serde_json::from_str(&text).context("cargo metadata answers in another form than expected")?;
    let mut findings: Vec<Finding> = metadata.packages.iter().flat_map(check_package).collect();
    findings.extend(banned()?);
    Ok(findings)
}

fn check_package(package: &Package) -> Vec<Finding> {
    let manifest = if package.name == "xtask" { "xtask/Cargo.toml".to_owned() } else { format!("crates/{}/Cargo.toml", package.name) };
    let text = std::fs::read_to_string(workspace::root().join(&manifest)).unwrap_or_default();
    let line_of = |name: &str| text.lines().position(|line| line.starts_with(name)).map_or(1, |at| at + 1);
    let Some((_, allowed)) = IMPORTS.iter().find(|(name, _)| *name == package.name) else {
        return vec![Finding::new(&manifest, 1, format!("{} is not in the import table of xtask/src/tidy/imports.rs", package.name))];
    };
    let complaint = |dependency: &Dependency| Some(Finding::new(&manifest, line_of(&dependency.name), complaint(package, allowed, dependency)?));
    package.dependencies.iter().filter_map(complaint).collect()
}

fn complaint(package: &Package, allowed: &[&str], dependency: &Dependency) -> Option<String> {
    let name = dependency.name.as_str();
    if dependency.kind.as_deref() == Some("dev") {
        return None; // Tests may use any real part.
    }
    if dependency.path.is_some() {
        let listed = allowed.contains(&name) || (allowed == EVERYTHING && name != "testkit");
        return (!listed).then(|| format!("{} must not import {name}", package.name));
    }
    let (_, doors) = DOORS.iter().find(|(library, _)| *library == name)?;
    (!doors.contains(&package.name.as_str())).then(|| format!("{name} is imported by {} only", doors.join(", ")))
}

/// Asks `cargo tree`, which knows what is built; `cargo metadata` also lists what features that are off would bring.
fn banned() -> Result<Vec<Finding>> {
    let built = cargo(&["tree", "--workspace", "--target", "all", "--prefix", "none", "--format", "{p}"])?;
    let lock = std::fs::read_to_string(workspace::root().join("Cargo.lock")).unwrap_or_default();
    let finding = |(name, why): &(&str, &str)| {
        let version = built.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" v")?.split(' ').next())?;
        let line = lock.lines().position(|line| line == format!("name = \"{name}\"")).map_or(1, |at| at + 1);
        Some(Finding::new("Cargo.lock", line, format!("{name} {version} is in the tree: {why}")))
    };
    Ok(BANNED.iter().filter_map(finding).collect())
}

fn cargo(arguments: &[&str]) -> Result<String> {
    Program::new(env!("CARGO")).args(arguments).current_dir(&workspace::root()).text()
}
