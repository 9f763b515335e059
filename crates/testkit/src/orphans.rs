//! What no test may leave behind: things of nobody on the engine, and work that is not done.

use crate::TestEngine;
use anyhow::Result;
use serde_json::Value;
use std::path::Path;

/// What carries the label of an instance and belongs to no deployment, or to an application that the store does not know.
///
/// # Errors
/// The engine does not answer, or the store cannot be read.
pub(crate) async fn orphans(engine: &TestEngine, label: &str, data: &Path) -> Result<Vec<String>> {
    let known = store::Store::open(data)?.application_ids().await?;
    let mut orphans = orphans_among(&engine.containers(label).await?);
    for (words, application) in engine.kept(label).await? {
        if !application.is_empty() && !known.iter().any(|known| known.as_str() == application) {
            orphans.push(format!("{words} of {application}, which is not known"));
        }
    }
    Ok(orphans)
}

/// Deployments that run still, in words.
///
/// # Errors
/// The store cannot be read.
pub(crate) async fn unfinished(data: &Path) -> Result<Vec<String>> {
    let interrupted = store::Store::open(data)?.work_interrupted().await?;
    Ok(interrupted.iter().map(|work| format!("the {} {}, which runs still", work.deployment.operation.as_str(), work.deployment.id)).collect())
}

/// Removes the tags that the applications of a store gave to images they pulled: these carry no label.
///
/// # Errors
/// The engine does not answer, or the store cannot be read.
pub(crate) async fn remove_pulled(engine: &TestEngine, data: &Path) -> Result<()> {
    let known = store::Store::open(data)?.application_ids().await?;
    engine.remove_tags(|repository| repository.strip_prefix("wharf/").is_some_and(|id| known.iter().any(|known| known.as_str() == id))).await
}

fn orphans_among(containers: &[Value]) -> Vec<String> {
    let label = |container: &Value, name: &str| container["Labels"][name].as_str().unwrap_or_default().to_owned();
    let name = |container: &Value| container["Names"][0].as_str().unwrap_or_default().trim_start_matches('/').to_owned();
    let serving = |container: &&Value| label(container, "wharf.kind") == "serve";
    let mut orphans = Vec::new();
    for container in containers {
        // An edge that was being made when Wharf was killed is the next start's to tidy.
        let never_started = container["State"] == "created" && label(container, "wharf.kind") != "edge";
        if label(container, "wharf.kind") == "hook" || never_started {
            orphans.push(format!("container {} ({} {})", name(container), label(container, "wharf.kind"), container["State"].as_str().unwrap_or_default()));
        }
        let resource = label(container, "wharf.resource");
        let release = label(container, "wharf.release");
        let rival = containers.iter().filter(serving).find(|other| label(other, "wharf.resource") == resource && label(other, "wharf.release") < release);
        if let Some(rival) = rival.filter(|_| serving(&container)) {
            orphans.push(format!("containers {} and {} of two releases", name(rival), name(container)));
        }
    }
    orphans
}

#[cfg(test)]
mod tests {
    use super::orphans_among;
    use serde_json::json;

    #[test]
    fn two_releases_of_one_application_and_what_never_started_are_orphans() {
        let container = |name: &str, kind: &str, release: &str, state: &str| json!({"Names": [format!("/{name}")], "State": state, "Labels": {"wharf.kind": kind, "wharf.resource": "app", "wharf.release": release}});
        let live = || container("live", "serve", "r2", "running");
        assert!(orphans_among(&[live(), container("live-2", "serve", "r2", "running"), container("edge", "edge", "", "running")]).is_empty());
        assert_eq!(orphans_among(&[live(), container("old", "serve", "r1", "running")]), ["containers old and live of two releases"]);
        assert_eq!(orphans_among(&[live(), container("next", "serve", "r2", "created")]), ["container next (serve created)"]);
        assert_eq!(orphans_among(&[live(), container("migrate", "hook", "r2", "exited")]), ["container migrate (hook exited)"]);
    }
}
