//! What containers write, for people: several replicas as one stream, secrets masked.

use crate::{Engine, Error, log::stream_word};
use docker::LogOptions;
use futures_util::{
    StreamExt,
    stream::{BoxStream, SelectAll},
};
use jiff::Timestamp;
use model::{Application, ApplicationId, observed::ContainerKind, secret::Mask};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::watch;

/// Which lines of containers are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogRequest {
    /// How many of the last lines of each container; all when absent.
    pub tail: Option<u32>,
    /// Only lines written from then on.
    pub since: Option<Timestamp>,
    /// Whether to wait for lines to come, those of containers yet to be made too.
    pub follow: bool,
    /// Of this container; of all when absent.
    pub container: Option<String>,
}

/// A line that a container wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerLine {
    /// Which container.
    pub container: String,
    /// When.
    pub at: Option<Timestamp>,
    /// `stdout` or `stderr`.
    pub stream: &'static str,
    /// The line, without its end, secrets masked.
    pub text: String,
}

/// Lines as they come.
type Lines = BoxStream<'static, Result<ContainerLine, Error>>;

impl Engine {
    /// What an application's containers wrote and, where asked for, write.
    ///
    /// # Errors
    /// The container engine is out of reach; [`Error::NotRunning`] where the application has no container of the name.
    pub async fn container_logs(&self, application: &Application, request: LogRequest) -> Result<Lines, Error> {
        self.parts.link.engine("container_logs")?;
        let known = begun(self, &application.id);
        let names = self.containers(application, request.container.as_deref())?;
        let (_, live, _) = self.parts.store.work_ground(application).await?;
        let mask = Arc::new(Mask::over(live.iter().flat_map(|live| live.spec.secrets())));
        let options = LogOptions { tail: request.tail, since: request.since, follow: request.follow };
        let mut lines = SelectAll::new();
        for name in &names {
            lines.extend(of_container(self, name, options, &mask).await?);
        }
        if request.follow && request.container.is_none() {
            let following = Following { engine: self.clone(), application: application.id.clone(), lines, known, mask, changes: self.changes() };
            return Ok(futures_util::stream::unfold(following, Following::next).boxed());
        }
        if request.follow {
            return Ok(lines.boxed());
        }
        let mut all: Vec<_> = lines.collect().await;
        all.sort_by_key(|line| line.as_ref().ok().and_then(|line| line.at));
        Ok(futures_util::stream::iter(all).boxed())
    }

    /// The names of an application's serving containers, or the one that was asked for.
    ///
    /// # Errors
    /// [`Error::NotRunning`] where the application has no container of the name.
    pub(crate) fn containers(&self, application: &Application, wanted: Option<&str>) -> Result<Vec<String>, Error> {
        let names = serving(self, &application.id);
        match wanted {
            None => Ok(names),
            Some(wanted) if names.iter().any(|name| name == wanted) => Ok(vec![wanted.to_owned()]),
            Some(wanted) => Err(Error::NotRunning(format!("{} has no container {wanted}: a deployment may have replaced it", application.name))),
        }
    }
}

fn serving(engine: &Engine, application: &ApplicationId) -> Vec<String> {
    let seen = engine.parts.seen.all().into_iter();
    seen.filter(|container| container.application == *application && container.kind == ContainerKind::Serve).map(|container| container.name).collect()
}

/// The serving containers of an application that were started, and when they were last.
fn begun(engine: &Engine, application: &ApplicationId) -> BTreeMap<String, Timestamp> {
    let seen = engine.parts.seen.all().into_iter();
    let own = seen.filter(|container| container.application == *application && container.kind == ContainerKind::Serve);
    own.filter(|container| container.state.running()).filter_map(|container| Some((container.name, container.started?))).collect()
}

/// The lines of all containers of an application, those that are made or started again while one listens too.
struct Following {
    engine: Engine,
    application: ApplicationId,
    lines: SelectAll<Lines>,
    /// Containers listened to, and since which start.
    known: BTreeMap<String, Timestamp>,
    mask: Arc<Mask>,
    changes: watch::Receiver<u64>,
}

impl Following {
    async fn next(mut self) -> Option<(Result<ContainerLine, Error>, Self)> {
        loop {
            tokio::select! {
                Some(line) = self.lines.next() => return Some((line, self)),
                changed = self.changes.changed() => changed.ok()?,
            }
            for (name, started) in begun(&self.engine, &self.application) {
                if self.known.insert(name.clone(), started) != Some(started) {
                    // The engine follows only what runs, and only until it ends.
                    let options = LogOptions { follow: true, since: Some(started), ..LogOptions::default() };
                    match of_container(&self.engine, &name, options, &self.mask).await {
                        Ok(lines) => self.lines.extend(lines),
                        Err(error) => return Some((Err(error), self)),
                    }
                }
            }
        }
    }
}

/// The lines of a container; none of one that went away meanwhile.
async fn of_container(engine: &Engine, name: &str, options: LogOptions, mask: &Arc<Mask>) -> Result<Option<Lines>, Error> {
    let found = match engine.parts.link.engine("container_logs")?.container_logs(name, options).await {
        Ok(found) => found,
        Err(docker::Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let (container, mask) = (name.to_owned(), mask.clone());
    let lines = found.map(move |line| {
        let line = line?;
        Ok(ContainerLine { container: container.clone(), at: line.at, stream: stream_word(line.stream), text: mask.apply(&line.text) })
    });
    Ok(Some(lines.boxed()))
}

/// The last lines of a container of ours; none of one that is not there.
///
/// # Errors
/// The engine cannot be asked.
pub(crate) async fn tail(engine: &Engine, container: &str, lines: u32) -> Result<Vec<ContainerLine>, Error> {
    let options = LogOptions { tail: Some(lines), ..LogOptions::default() };
    match of_container(engine, container, options, &Arc::default()).await? {
        Some(found) => Ok(found.filter_map(|line| std::future::ready(line.ok())).collect().await),
        None => Ok(Vec::new()),
    }
}
