//! An application that has a live release, as the engine remembers it. Only a switch changes it, and every switch goes through here.

use model::{Application, ApplicationId, Release, ReleaseId, ServerId, Settings, application::Desired};
use std::collections::BTreeMap;
use store::Scope;

/// An application with a live release. It holds no secret.
#[derive(Debug, Clone)]
pub(crate) struct LiveApplication {
    /// Wharf's scope over its team.
    pub(crate) scope: Scope,
    /// The application as it was when it was last switched or read.
    pub(crate) application: Application,
    /// The live release.
    pub(crate) release: ReleaseId,
    /// That release's settings: its domains are the live ones.
    pub(crate) settings: Settings,
    /// The network it runs on.
    pub(crate) network: String,
    /// The server it runs on.
    pub(crate) server: ServerId,
    /// The containers that the routes point at.
    pub(crate) serving: Vec<String>,
    /// Whether it is meant to run.
    pub(crate) desired: Desired,
    /// Requests wait at the edge.
    pub(crate) held: bool,
}

/// Every one of them.
pub(crate) type LiveMap = BTreeMap<ApplicationId, LiveApplication>;

impl LiveApplication {
    /// An application on its way to be switched to this release.
    pub(crate) fn of(work: &store::Work, release: &Release, serving: Vec<String>, desired: Desired) -> Self {
        Self {
            scope: work.scope.clone(),
            application: work.application.clone(),
            release: release.id.clone(),
            settings: release.spec.settings.clone(),
            network: work.destination.network.clone(),
            server: work.destination.server.clone(),
            serving,
            desired,
            held: false,
        }
    }
}

/// Reads them from the store.
pub(crate) async fn read(store: &store::Store) -> Result<LiveMap, store::Error> {
    let mut serving = store.serving_list().await?;
    let found = store.live_applications().await?;
    let live = found.into_iter().map(|found| {
        let id = found.application.id.clone();
        let live = LiveApplication {
            scope: found.scope,
            desired: found.application.desired,
            application: found.application,
            release: found.release.id,
            settings: found.release.spec.settings,
            network: found.destination.network,
            server: found.destination.server,
            serving: serving.remove(&id).unwrap_or_default(),
            held: false,
        };
        (id, live)
    });
    Ok(live.collect())
}
