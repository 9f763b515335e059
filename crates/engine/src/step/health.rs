//! The gate: a new container is asked from outside until it answers as it should, ends, or has had its time.

use super::{Context, Done, probe};
use crate::{Error, run::span, seen::LastEnd, status::megabytes};
use model::{ContainerState, HealthCheck, ObservedContainer, Port, application::RestartPolicy, health::Probe};
use std::time::{Duration, Instant};

/// In its start period a container is asked more often than its check says: from every 100 ms on.
const EAGER: Duration = Duration::from_millis(100);
/// How long the engine may take to tell how a container ended.
const TOLD_LIMIT: Duration = Duration::from_secs(2);
/// How long a container that cannot be asked must run to be taken for well.
const RUNS_FOR: Duration = Duration::from_secs(2);

/// How long a check may take at most.
pub(super) fn budget(check: &HealthCheck) -> Duration {
    let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
    seconds(check.start_period_seconds) + (seconds(check.interval_seconds) + seconds(check.timeout_seconds)) * (check.retries + 1)
}

pub(super) async fn wait(context: &Context<'_>, name: &str, port: Option<Port>, check: &HealthCheck) -> Result<Done, Error> {
    let began = Instant::now();
    let first = alive(context, name).await?;
    let port = match port {
        Some(port) => Some(port),
        None => context.engine.parts.routes.image_port(context.engine, &first.image).await?,
    };
    match (&check.probe, port) {
        (Probe::None, _) => runs(context, name, began, "Running is enough: nothing is asked").await,
        (Probe::Tcp, None) => runs(context, name, began, "No port is known to ask, so running is enough").await,
        (Probe::Http { .. }, None) => Err(Error::failed("the health check asks over HTTP, but no port is known: set the exposed port, or the check's own")),
        (Probe::Tcp | Probe::Http { .. }, Some(port)) => ask(context, name, port, check, began).await,
    }
}

async fn runs(context: &Context<'_>, name: &str, began: Instant, why: &str) -> Result<Done, Error> {
    while began.elapsed() < RUNS_FOR {
        pause(context, name, EAGER).await?;
        alive(context, name).await?;
    }
    Ok(Done::saying(why))
}

async fn ask(context: &Context<'_>, name: &str, port: Port, check: &HealthCheck, began: Instant) -> Result<Done, Error> {
    let start_period = Duration::from_secs(u64::from(check.start_period_seconds));
    let interval = Duration::from_secs(u64::from(check.interval_seconds));
    let limit = Duration::from_secs(u64::from(check.timeout_seconds));
    let host = context.work.release.as_ref().and_then(|release| release.spec.settings.domains.first()).map(|domain| domain.host.as_str());
    let (mut tries, mut failures, mut eager) = (0, 0, EAGER);
    loop {
        let container = alive(context, name).await?;
        tries += 1;
        let answer = match container.address {
            Some(address) => probe::probe((address, port.number()).into(), check, host, limit).await,
            None => Err("it has no address yet".to_owned()),
        };
        let why = match answer {
            Ok(said) => return Ok(Done::saying(format!("Healthy after {:.1} s, {}: {said}", began.elapsed().as_secs_f32(), counted(tries)))),
            Err(why) => why,
        };
        let starting = began.elapsed() < start_period;
        if !starting {
            failures += 1;
            context.log.say(format!("Not healthy yet: {why}"));
        }
        if failures > check.retries {
            let after = span(Duration::from_secs(began.elapsed().as_secs()));
            return Err(Error::failed(format!("{name} did not become healthy within {after}, {}: {why}", counted(tries))));
        }
        pause(context, name, if starting { eager.min(interval) } else { interval }).await?;
        eager = (eager * 3 / 2).min(interval);
    }
}

fn counted(tries: u32) -> String {
    if tries == 1 { "1 try".to_owned() } else { format!("{tries} tries") }
}

/// Waits, but not for a container that ended meanwhile.
async fn pause(context: &Context<'_>, name: &str, length: Duration) -> Result<(), Error> {
    let mut changes = context.engine.changes();
    let until = Instant::now() + length;
    while tokio::time::timeout(until.saturating_duration_since(Instant::now()), changes.changed()).await.is_ok() {
        if !context.engine.parts.seen.container(name).is_some_and(|container| container.state.running() && container.restarts == 0) {
            alive(context, name).await?;
        }
    }
    Ok(())
}

/// The container as it is, if it runs and did so all the time.
async fn alive(context: &Context<'_>, name: &str) -> Result<ObservedContainer, Error> {
    let docker = context.docker("container_inspect")?;
    let seen = &context.engine.parts.seen;
    let found = seen.look_at(&docker, name).await?.ok_or_else(|| gone(name))?;
    match &found.state {
        ContainerState::Running if found.restarts == 0 => Ok(found),
        ContainerState::Running | ContainerState::Restarting => Err(match told_end(context, name).await {
            Some(end) => died(context, name, end.code, end.out_of_memory),
            None => Error::failed(format!("{name} ended before it was healthy, and the engine started it again")),
        }),
        // One that is started again whenever it ends is only found ended where somebody stopped it, as an engine that was killed does with all it finds.
        ContainerState::Exited { .. } if context.work.release.as_ref().is_some_and(|release| release.spec.settings.restart == RestartPolicy::UnlessStopped) => {
            context.log.say(format!("{name} was stopped from outside: start it again"));
            context.docker("container_start")?.container_start(name).await?;
            seen.look_at(&docker, name).await?.ok_or_else(|| gone(name))
        }
        ContainerState::Exited { code, out_of_memory } => {
            Err(died(context, name, *code, *out_of_memory || seen.last_end(name).is_some_and(|end| end.out_of_memory)))
        }
        ContainerState::Created => Err(Error::failed(format!("{name} was not started"))),
        ContainerState::Other { word } => Err(Error::failed(format!("{name} does not run: the engine calls it {word}"))),
    }
}

fn gone(name: &str) -> Error {
    Error::failed(format!("{name} was removed while it was waited for"))
}

/// How a container ended, which the engine may tell a moment later than it shows.
async fn told_end(context: &Context<'_>, name: &str) -> Option<LastEnd> {
    let mut changes = context.engine.changes();
    let told = async {
        loop {
            if let Some(end) = context.engine.parts.seen.last_end(name) {
                return Some(end);
            }
            changes.changed().await.ok()?;
        }
    };
    tokio::time::timeout(TOLD_LIMIT, told).await.ok().flatten()
}

fn died(context: &Context<'_>, name: &str, code: i64, out_of_memory: bool) -> Error {
    if !out_of_memory {
        return Error::failed(format!("{name} ended with code {code} before it was healthy"));
    }
    match context.work.release.as_ref().and_then(|release| release.spec.settings.limits.memory_bytes) {
        Some(limit) => Error::failed(format!("{name} ran out of memory and was ended: raise its limit of {}", megabytes(limit))),
        None => Error::failed(format!("{name} was ended because the server ran out of memory: set limits, or add memory")),
    }
}
