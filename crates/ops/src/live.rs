//! What runs now: logs, terminals, programs in containers, measurements; and the servers they run on.

use crate::{ContainerLine, Error, Finding, LogRequest, Ops, Pipe, Report, ServerFacts, Stats, Status, Terminal, permit};
use futures_util::{StreamExt, stream::BoxStream};
use jiff::SignedDuration;
use model::{Application, ApplicationId, Operation, Plan, Release, ServerId, edge::EdgeStatus};
use std::collections::BTreeMap;
use store::{Metric, Scope};

/// The container engine, as errors call it.
const ENGINE: &str = "the container engine";
/// How far back measurements are shown.
const METRICS_WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Most words of a program run in a container.
const ARGV_COUNT: usize = 256;

/// A server whose container engine is out of reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineDown {
    /// The server.
    pub server: ServerId,
    /// Its name.
    pub name: String,
    /// Since when.
    pub since: jiff::Timestamp,
    /// Why, as a sentence with the way out.
    pub why: String,
}

impl From<engine::Error> for Error {
    fn from(error: engine::Error) -> Self {
        use engine::Error as From;
        let away = error.is_absence();
        match error {
            From::Unavailable { since, why } => Self::Unavailable { what: ENGINE.into(), since: Some(since), why },
            From::Docker(error) if away => Self::Unavailable { what: ENGINE.into(), since: None, why: error.to_string() },
            From::Docker(error) => Self::Rejected { by: ENGINE.into(), why: error.to_string() },
            From::Store(error) => error.into(),
            From::Source(error) => error.into(),
            From::Edge(error) => Self::Unavailable { what: "the edge".into(), since: None, why: error.to_string() },
            From::File { .. } => Self::internal(error),
            From::Recipe(_) | From::Plan(_) | From::Failed(_) | From::Cancelled | From::NotRunning(_) => Self::conflict(error.to_string()),
        }
    }
}

fn argv_checked(argv: &[String]) -> Result<(), Error> {
    let fits = argv.first().is_some_and(|program| !program.is_empty()) && argv.len() <= ARGV_COUNT && !argv.iter().any(|word| word.contains('\0'));
    if fits { Ok(()) } else { Err(Error::invalid("argv", "name a program and at most 255 words after it")) }
}

impl Ops {
    async fn application_seen(&self, scope: &Scope, id: ApplicationId) -> Result<Application, Error> {
        Ok(self.store.application_fetch(scope, id).await?.application)
    }

    /// How an application is.
    pub async fn application_status(&self, scope: &Scope, id: ApplicationId) -> Result<Status, Error> {
        permit::read(scope)?;
        let application = self.application_seen(scope, id).await?;
        Ok(self.engine.status(&application.id))
    }

    /// How the team's applications are.
    pub async fn application_statuses(&self, scope: &Scope) -> Result<BTreeMap<ApplicationId, Status>, Error> {
        permit::read(scope)?;
        let rows = self.store.application_list(scope).await?;
        Ok(rows.into_iter().map(|row| (row.application.id.clone(), self.engine.status(&row.application.id))).collect())
    }

    /// What an application's containers wrote and, where asked for, write.
    pub async fn container_logs(
        &self,
        scope: &Scope,
        id: ApplicationId,
        request: LogRequest,
    ) -> Result<BoxStream<'static, Result<ContainerLine, Error>>, Error> {
        permit::logs(scope)?;
        let application = self.application_seen(scope, id).await?;
        Ok(self.engine.container_logs(&application, request).await?.map(|line| line.map_err(Error::from)).boxed())
    }

    /// Runs a program in a container of an application, its input and output passed through; in the first one when none is named.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `argv`.
    pub async fn container_pipe(&self, scope: &Scope, id: ApplicationId, container: Option<&str>, argv: &[String]) -> Result<Pipe, Error> {
        permit::root(scope)?;
        let application = self.application_seen(scope, id).await?;
        argv_checked(argv)?;
        Ok(self.engine.pipe(&application, container, argv).await?)
    }

    /// Opens a terminal in a container of an application; the first one when none is named.
    pub async fn container_terminal(&self, scope: &Scope, id: ApplicationId, container: Option<&str>, rows: u16, columns: u16) -> Result<Terminal, Error> {
        permit::root(scope)?;
        let application = self.application_seen(scope, id).await?;
        Ok(self.engine.terminal(&application, container, rows.clamp(1, 1000), columns.clamp(1, 1000)).await?)
    }

    /// Runs a program with a terminal in a container of an application; the first one when none is named.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `argv`.
    pub async fn container_program(
        &self,
        scope: &Scope,
        id: ApplicationId,
        container: Option<&str>,
        argv: &[String],
        (rows, columns): (u16, u16),
    ) -> Result<Terminal, Error> {
        permit::root(scope)?;
        let application = self.application_seen(scope, id).await?;
        argv_checked(argv)?;
        Ok(self.engine.program(&application, container, argv, rows.clamp(1, 1000), columns.clamp(1, 1000)).await?)
    }

    /// What an application's containers use now.
    pub async fn container_stats(&self, scope: &Scope, id: ApplicationId) -> Result<Stats, Error> {
        permit::read(scope)?;
        let application = self.application_seen(scope, id).await?;
        Ok(self.engine.stats(&application).await?)
    }

    /// Measurements of an application in the last hour, oldest first.
    pub async fn metric_list(&self, scope: &Scope, id: ApplicationId) -> Result<Vec<Metric>, Error> {
        permit::read(scope)?;
        Ok(self.store.metric_list(scope, id, self.now() - METRICS_WINDOW).await?)
    }

    /// What is known of a server and its engine.
    pub async fn server_facts(&self, scope: &Scope, id: ServerId) -> Result<ServerFacts, Error> {
        permit::read(scope)?;
        self.store.server_fetch(scope, id).await?;
        Ok(self.engine.server_facts().await?)
    }

    /// The team's servers whose container engine is out of reach now: known without asking it.
    pub async fn engines_down(&self, scope: &Scope) -> Result<Vec<EngineDown>, Error> {
        permit::read(scope)?;
        let Some((since, why)) = self.engine.engine_down() else { return Ok(Vec::new()) };
        let servers = self.store.server_list(scope).await?;
        Ok(servers.into_iter().map(|server| EngineDown { server: server.id, name: server.name.to_string(), since, why: why.clone() }).collect())
    }

    /// How a server's edge is.
    pub async fn edge_status(&self, scope: &Scope, id: ServerId) -> Result<EdgeStatus, Error> {
        permit::read(scope)?;
        self.store.server_fetch(scope, id).await?;
        let unavailable = |error: engine::Error| Error::Unavailable { what: "the edge".into(), since: None, why: error.to_string() };
        self.engine.edge_status().await.map_err(unavailable)
    }

    /// What the reconcilers last did.
    pub async fn reconcilers(&self, scope: &Scope) -> Result<Vec<Report>, Error> {
        permit::root(scope)?;
        Ok(self.engine.reconcilers())
    }

    /// What is wrong with this installation, and the fix for each.
    pub async fn doctor(&self, scope: &Scope) -> Result<Vec<Finding>, Error> {
        permit::root(scope)?;
        Ok(self.engine.doctor().await)
    }

    /// The same for the operator's own socket, which needs no account.
    pub async fn doctor_local(&self) -> Vec<Finding> {
        self.engine.doctor().await
    }

    pub(crate) async fn plan_preview(
        &self,
        application: &Application,
        operation: Operation,
        release: Option<&Release>,
        with_volumes: bool,
    ) -> Result<Plan, Error> {
        Ok(Box::pin(self.engine.plan_preview(application, operation, release, with_volumes)).await?)
    }
}
