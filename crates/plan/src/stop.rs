//! The plans that take an application away: a stop, which a start reverses, and a delete, which nothing does.

use crate::deploy::{active, containers, switch_back};
use model::{Observed, Plan, Release, Step, observed::ContainerKind};

/// Seconds for what has no release that says otherwise.
const DEFAULT_SECONDS: u32 = 30;

/// What a stop or a delete is planned from.
#[derive(Debug, Clone, Copy)]
pub struct StopInput<'a> {
    /// The live release, if there is one.
    pub release: Option<&'a Release>,
    /// Names of the containers that the routes point at now, as the last switch set them.
    pub serving: &'a [String],
    /// What the engine holds of the application.
    pub observed: &'a Observed,
}

/// Plans a stop: routes away, drain, remove the containers. Images and volumes stay, so that a start makes the same containers again. The release stays
/// the live one, with no container to serve it: visitors are told that the application is stopped.
pub fn stop(input: &StopInput) -> Plan {
    let away = Step::SwitchRoutes { release: input.release.map(|live| live.id.clone()), containers: Vec::new() };
    let gone = serving_count(input.observed);
    let summary =
        if gone == 0 { "Nothing runs: the routes are taken away.".to_owned() } else { format!("Stops {}; a start makes them anew.", containers(gone)) };
    Plan {
        summary,
        prepare: Vec::new(),
        cutover: vec![away],
        cleanup: container_steps(input),
        undo: vec![switch_back(input.release, input.serving, input.observed)],
    }
}

/// Plans a delete: routes away, containers, images and, when asked for, volumes removed, the application forgotten. All of it comes before the point of
/// no return, so that nothing is forgotten while something of it is left; nothing of it can be undone, and what failed is finished by deleting again.
pub fn delete(input: &StopInput, with_volumes: bool) -> Plan {
    let Observed { containers: found, images, networks: _, volumes } = input.observed;
    let mut cutover = vec![Step::SwitchRoutes { release: None, containers: Vec::new() }];
    cutover.extend(container_steps(input));
    if !images.is_empty() {
        cutover.push(Step::RemoveImages { tags: images.clone() });
    }
    if with_volumes {
        cutover.extend(volumes.iter().map(|volume| Step::RemoveVolume { volume: volume.clone() }));
    }
    cutover.push(Step::Forget);
    let fate = match (volumes.len(), with_volumes) {
        (0, _) => String::new(),
        (1, true) => ", 1 volume and what is in it".to_owned(),
        (count, true) => format!(", {count} volumes and what is in them"),
        (1, false) => "; 1 volume stays".to_owned(),
        (count, false) => format!("; {count} volumes stay"),
    };
    let images = if images.len() == 1 { "1 image".to_owned() } else { format!("{} images", images.len()) };
    let summary = format!("Deletes the application with {}, {images}{fate}. This cannot be undone.", containers(found.len()));
    Plan { summary, prepare: Vec::new(), cutover, cleanup: Vec::new(), undo: Vec::new() }
}

fn serving_count(observed: &Observed) -> usize {
    observed.containers.iter().filter(|container| container.kind == ContainerKind::Serve).count()
}

fn container_steps(input: &StopInput) -> Vec<Step> {
    let (grace_seconds, limit_seconds) =
        input.release.map_or((DEFAULT_SECONDS, DEFAULT_SECONDS), |release| (release.spec.settings.grace_seconds, release.spec.settings.drain_seconds));
    let found = &input.observed.containers;
    let drained: Vec<String> =
        found.iter().filter(|container| active(container) && input.serving.contains(&container.name)).map(|container| container.name.clone()).collect();
    let mut steps = Vec::new();
    if !drained.is_empty() {
        steps.push(Step::Drain { containers: drained, limit_seconds });
    }
    steps.extend(found.iter().map(|container| Step::RemoveContainer { container: container.name.clone(), grace_seconds }));
    steps
}
