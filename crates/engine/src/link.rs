//! The connection to the container engine: made when the engine appears, made again when it comes back, and what happens there followed while it is up.

use crate::{Engine, Error, failpoint::failpoint, seen::STEADY_AFTER};
use docker::EventKind;
use futures_util::StreamExt;
use jiff::Timestamp;
use std::time::Duration;
use tokio::sync::watch;

/// First and longest pause between two attempts to connect.
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_LONGEST: Duration = Duration::from_secs(5);
/// How often an engine that says nothing is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(30);

/// Whether the engine is there.
#[derive(Clone)]
pub(crate) enum Line {
    /// It is.
    Up(docker::Engine),
    /// It is not.
    Down {
        /// Since when.
        since: Timestamp,
        /// Why.
        why: String,
    },
}

/// The connection.
pub(crate) struct Link {
    line: watch::Sender<Line>,
}

impl Link {
    pub(crate) fn new() -> Self {
        Self { line: watch::Sender::new(Line::Down { since: Timestamp::now(), why: "it has not been asked yet".into() }) }
    }

    /// The engine, for this verb.
    ///
    /// # Errors
    /// It is out of reach.
    pub(crate) fn engine(&self, verb: &str) -> Result<docker::Engine, Error> {
        failpoint("docker", verb);
        match &*self.line.borrow() {
            Line::Up(engine) => Ok(engine.clone()),
            Line::Down { since, why } => Err(Error::Unavailable { since: *since, why: why.clone() }),
        }
    }

    /// Since when and why the engine is out of reach, if it is.
    pub(crate) fn down(&self) -> Option<(Timestamp, String)> {
        match &*self.line.borrow() {
            Line::Up(_) => None,
            Line::Down { since, why } => Some((*since, why.clone())),
        }
    }

    /// Waits until the engine is there.
    pub(crate) async fn up(&self) {
        // The sender lives as long as this.
        let _ = self.line.subscribe().wait_for(|line| matches!(line, Line::Up(_))).await;
    }

    fn lost(&self, error: &docker::Error) {
        let now = Timestamp::now();
        let why = match error {
            docker::Error::Unavailable { why } => why.clone(),
            other => other.to_string(),
        };
        self.line.send_modify(|line| {
            let since = if let Line::Down { since, .. } = line { *since } else { now };
            *line = Line::Down { since, why };
        });
    }
}

/// Keeps the connection for as long as the engine runs.
pub(crate) async fn keep(engine: Engine) {
    let options = &engine.parts.options;
    let mut pause = RETRY_FIRST;
    loop {
        match docker::Engine::connect(&options.docker_socket, options.instance.clone()).await {
            Ok(docker) => {
                pause = RETRY_FIRST;
                let error = follow(&engine, docker).await;
                tracing::warn!(%error, "the container engine is out of reach");
                engine.parts.link.lost(&error);
            }
            Err(error) => engine.parts.link.lost(&error),
        }
        engine.changed();
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RETRY_LONGEST);
    }
}

/// What was started again counts as running after a while, and nothing but time tells so.
async fn tell_when_steady(engine: Engine) {
    tokio::time::sleep(STEADY_AFTER.unsigned_abs()).await;
    engine.changed();
}

/// Follows what happens on an engine until it goes away, and answers why it did.
async fn follow(engine: &Engine, docker: docker::Engine) -> docker::Error {
    let mut events = std::pin::pin!(docker.events());
    if let Err(error) = engine.parts.seen.look(engine, &docker).await {
        return error;
    }
    engine.parts.link.line.send_replace(Line::Up(docker.clone()));
    engine.changed();
    engine.parts.reconcilers.wake_all();
    loop {
        match tokio::time::timeout(PING_EVERY, events.next()).await {
            Ok(Some(Ok(event))) => {
                if let Err(error) = engine.parts.seen.take(&docker, &event).await {
                    tracing::debug!(%error, container = event.container, "a container could not be looked at");
                }
                engine.changed();
                engine.happened(&event);
                if event.kind == EventKind::Started {
                    engine.parts.tasks.spawn(tell_when_steady(engine.clone()));
                }
            }
            Ok(Some(Err(error))) => return error,
            Ok(None) => return docker::Error::Unavailable { why: "it ended the connection".into() },
            Err(_) => {
                if let Err(error) = docker.ping().await {
                    return error;
                }
            }
        }
    }
}
