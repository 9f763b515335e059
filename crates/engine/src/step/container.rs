//! Containers: made and started beside what runs, stopped, started again, removed.

use super::{Context, Done};
use crate::Error;
use docker::{ContainerMount, ContainerSpec, FileToPut, Labels};
use model::{ContainerState, EnvName, Release, Secret, mount::Mount, mount::MountKind, observed::ContainerKind, plan::PlannedContainer};

/// The variable that holds the commit.
const COMMIT_VARIABLE: &str = "WHARF_COMMIT";

pub(super) async fn start(context: &Context<'_>, planned: &PlannedContainer) -> Result<Done, Error> {
    let docker = context.docker("container_inspect")?;
    if docker.container_inspect(&planned.name).await?.is_some_and(|found| found.state.running()) {
        return Ok(Done::already("It runs already"));
    }
    let release = context.release(&planned.release)?;
    make(context, release, planned, ContainerKind::Serve, |_| {}).await?;
    context.docker("container_start")?.container_start(&planned.name).await?;
    context.engine.parts.seen.look_at(&docker, &planned.name).await?;
    Ok(Done::plain())
}

/// Makes a container with its files, not yet started.
pub(super) async fn make(
    context: &Context<'_>,
    release: &Release,
    planned: &PlannedContainer,
    kind: ContainerKind,
    adjust: impl FnOnce(&mut ContainerSpec),
) -> Result<(), Error> {
    let mut spec = spec(context, release, planned, kind);
    adjust(&mut spec);
    context.docker("container_create")?.container_create(&spec).await?;
    let files: Vec<_> = release.spec.mounts.iter().filter_map(file).collect();
    if !files.is_empty() {
        context.docker("container_put_files")?.container_put_files(&planned.name, &files).await?;
    }
    Ok(())
}

fn spec(context: &Context<'_>, release: &Release, planned: &PlannedContainer, kind: ContainerKind) -> ContainerSpec {
    let (application, settings) = (&context.work.application, &release.spec.settings);
    let labels = Labels {
        team: application.team.clone(),
        project: application.project.clone(),
        environment: application.environment.clone(),
        application: application.id.clone(),
        kind,
        release: release.id.clone(),
        deployment: context.work.deployment.id.clone(),
        replica: planned.replica,
        configuration: planned.configuration.clone(),
    };
    ContainerSpec {
        name: planned.name.clone(),
        image: planned.image.clone(),
        labels,
        extra_labels: settings.labels.clone(),
        network: planned.network.clone(),
        aliases: planned.aliases.clone(),
        variables: variables(release),
        mounts: release.spec.mounts.iter().filter_map(|mount| mounted(context, mount)).collect(),
        port_mappings: planned.port_mappings.clone(),
        exposed: settings.exposed_port.into_iter().collect(),
        entrypoint: settings.entrypoint.as_ref().map(model::CommandLine::argv),
        command: settings.command.as_ref().map(model::CommandLine::argv),
        limits: settings.limits,
        restart: settings.restart,
        grace_seconds: settings.grace_seconds,
    }
}

/// What the release froze for the container, and the commit it was built from, which was not known when it was frozen. The same commit is the same
/// image, so a container that is kept has its own.
fn variables(release: &Release) -> Vec<(EnvName, Secret)> {
    let own = release.spec.variables.iter().filter(|variable| variable.run_time);
    let mut given: Vec<_> = own.map(|variable| (variable.name.clone(), variable.value.clone())).collect();
    if let (Some(commit), Ok(name)) = (&release.commit, COMMIT_VARIABLE.parse::<EnvName>())
        && !given.iter().any(|(known, _)| *known == name)
    {
        given.push((name, Secret::new(commit.as_str())));
    }
    given
}

fn mounted(context: &Context<'_>, mount: &Mount) -> Option<ContainerMount> {
    match &mount.what {
        MountKind::Volume { name } => Some(ContainerMount::Volume { name: plan::volume_name(&context.work.application.id, name), path: mount.path.clone() }),
        MountKind::Host { source, read_only } => Some(ContainerMount::Host { source: source.clone(), path: mount.path.clone(), read_only: *read_only }),
        MountKind::File { .. } => None,
    }
}

fn file(mount: &Mount) -> Option<FileToPut> {
    match &mount.what {
        MountKind::File { content, mode } => Some(FileToPut { path: mount.path.clone(), mode: *mode, content: content.clone() }),
        MountKind::Volume { .. } | MountKind::Host { .. } => None,
    }
}

pub(super) async fn stop(context: &Context<'_>, name: &str, grace_seconds: u32) -> Result<Done, Error> {
    let docker = context.docker("container_inspect")?;
    let ended = |state: &ContainerState| matches!(state, ContainerState::Exited { .. } | ContainerState::Created);
    if docker.container_inspect(name).await?.is_none_or(|found| ended(&found.state)) {
        return Ok(Done::already("It does not run"));
    }
    context.docker("container_stop")?.container_stop(name, grace_seconds).await?;
    context.engine.parts.seen.look_at(&docker, name).await?;
    Ok(Done::plain())
}

pub(super) async fn start_again(context: &Context<'_>, name: &str) -> Result<Done, Error> {
    let docker = context.docker("container_inspect")?;
    match docker.container_inspect(name).await? {
        None => Ok(Done::already("It is gone")),
        Some(found) if found.state.running() => Ok(Done::already("It runs")),
        Some(_) => {
            context.docker("container_start")?.container_start(name).await?;
            context.engine.parts.seen.look_at(&docker, name).await?;
            Ok(Done::plain())
        }
    }
}

pub(super) async fn remove(context: &Context<'_>, name: &str, grace_seconds: u32) -> Result<Done, Error> {
    let docker = context.docker("container_inspect")?;
    if docker.container_inspect(name).await?.is_none() {
        return Ok(Done::already("It is not there"));
    }
    context.docker("container_remove")?.container_remove(name, grace_seconds).await?;
    context.engine.parts.seen.look_at(&docker, name).await?;
    Ok(Done::plain())
}
