//! Commands of the person: before a release starts, in a container of its image, and after it serves, in one of its containers.

use super::{Context, Done, container};
use crate::{Error, log::stream_word};
use docker::LogOptions;
use futures_util::StreamExt;
use model::{CommandLine, ContainerState, application::RestartPolicy, observed::ContainerKind, plan::PlannedContainer};

/// The container remembers: one that ran is never run again.
pub(super) async fn before(context: &Context<'_>, planned: &PlannedContainer, command: &CommandLine) -> Result<Done, Error> {
    let name = &planned.name;
    let found = context.docker("container_inspect")?.container_inspect(name).await?;
    match found.map(|found| found.state) {
        Some(ContainerState::Exited { code: 0, .. }) => return Ok(Done::already("It ran before, and ended well")),
        Some(ContainerState::Exited { code, out_of_memory }) => return Err(ended_badly(command, code, out_of_memory)),
        Some(ContainerState::Running) => context.log.say("It runs already: wait for its end"),
        Some(_) | None => {
            let release = context.release(&planned.release)?;
            let argv = command.argv();
            let adjust = |spec: &mut docker::ContainerSpec| {
                spec.entrypoint = Some(argv);
                spec.command = Some(Vec::new());
                spec.restart = RestartPolicy::No;
            };
            container::make(context, release, planned, ContainerKind::Hook, adjust).await?;
            context.docker("container_start")?.container_start(name).await?;
        }
    }
    let code = context.unless_cancelled(ended(context, name)).await?;
    let state = context.docker("container_inspect")?.container_inspect(name).await?.map(|found| found.state);
    let out_of_memory = matches!(state, Some(ContainerState::Exited { out_of_memory: true, .. }));
    if code == 0 { Ok(Done::saying("It ended well")) } else { Err(ended_badly(command, code, out_of_memory)) }
}

/// Waits for a container's end, its lines going to the log, and answers with its exit code.
async fn ended(context: &Context<'_>, name: &str) -> Result<i64, Error> {
    let docker = context.docker("container_wait")?;
    let mut lines = std::pin::pin!(docker.container_logs(name, LogOptions { follow: true, ..LogOptions::default() }).await?);
    while let Some(line) = lines.next().await {
        let line = line?;
        context.log.line(stream_word(line.stream), &line.text);
    }
    Ok(docker.container_wait(name).await?)
}

fn ended_badly(command: &CommandLine, code: i64, out_of_memory: bool) -> Error {
    let memory = if out_of_memory { ": it ran out of memory; raise the limit" } else { "" };
    Error::failed(format!("the command before the deployment, {command}, ended with code {code}{memory}"))
}

/// Where the engine died after the switch, the container ended with it.
pub(super) async fn after(context: &Context<'_>, name: &str, command: &CommandLine) -> Result<Done, Error> {
    container::start_again(context, name).await?;
    let sink = |stream, line: &str| context.log.line(stream_word(stream), line);
    let code = context.docker("container_exec")?.container_exec(name, &command.argv(), sink).await?;
    if code == 0 {
        Ok(Done::saying("It ended well"))
    } else {
        Err(Error::failed(format!("the command after the deployment, {command}, ended with code {code}; the release serves all the same")))
    }
}
