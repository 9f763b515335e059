//! The server's one route table: computed from everything that is live, pushed whole, one push at a time.

use crate::{
    Engine, Error,
    live::{LiveApplication, LiveMap},
};
use model::{ApplicationId, Port, RouteTable, ServerId};
use plan::{RoutedApplication, ServingContainer, route_table};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The network looked at while none is known.
const DEFAULT_NETWORK: &str = "wharf";
/// How long a push waits for an edge that starts, and how often it asks.
const EDGE_LIMIT: Duration = Duration::from_secs(20);
const EDGE_ASK_EVERY: Duration = Duration::from_millis(100);
/// How often a push may meet a newer table before it gives up.
const NEWER_LIMIT: usize = 5;

/// What is live, and what the edge was last told of it.
#[derive(Default)]
pub(crate) struct Routes {
    live: Mutex<LiveMap>,
    /// Whoever changes the table holds this.
    turn: tokio::sync::Mutex<Option<RouteTable>>,
    /// The first port each image names.
    ports: Mutex<HashMap<String, Option<Port>>>,
    server: Mutex<Option<ServerId>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Routes {
    /// Takes what the store says, at the start.
    pub(crate) fn set(&self, live: LiveMap) {
        *locked(&self.live) = live;
    }

    /// The application, if it has a live release.
    pub(crate) fn live(&self, application: &ApplicationId) -> Option<LiveApplication> {
        locked(&self.live).get(application).cloned()
    }

    /// Every application with a live release.
    pub(crate) fn all_live(&self) -> Vec<LiveApplication> {
        locked(&self.live).values().cloned().collect()
    }

    /// The containers that the routes of an application point at.
    pub(crate) fn serving(&self, application: &ApplicationId) -> Vec<String> {
        locked(&self.live).get(application).map(|live| live.serving.clone()).unwrap_or_default()
    }

    /// A network that applications run on.
    pub(crate) fn any_network(&self) -> String {
        locked(&self.live).values().next().map_or_else(|| DEFAULT_NETWORK.to_owned(), |live| live.network.clone())
    }

    /// Notes that requests of an application wait, before the next table is computed.
    pub(crate) fn note_held(&self, application: &ApplicationId) {
        if let Some(live) = locked(&self.live).get_mut(application) {
            live.held = true;
        }
    }

    /// Notes that requests of an application wait no longer. Answers whether they did.
    pub(crate) fn let_go(&self, application: &ApplicationId) -> bool {
        locked(&self.live).get_mut(application).is_some_and(|live| std::mem::replace(&mut live.held, false))
    }

    /// Lets the edge serve an application as it shall be from now on (not at all when absent), then writes it down by `remember`.
    ///
    /// # Errors
    /// The edge did not take the table, or it could not be written down.
    pub(crate) async fn switch(
        &self,
        engine: &Engine,
        application: &ApplicationId,
        new: Option<LiveApplication>,
        remember: impl Future<Output = Result<(), store::Error>>,
    ) -> Result<(), Error> {
        let mut turn = self.turn.lock().await;
        let before = self.live(application);
        let mut next = locked(&self.live).clone();
        match &new {
            Some(new) => next.insert(application.clone(), new.clone()),
            None => next.remove(application),
        };
        let routed = |live: &Option<LiveApplication>| live.as_ref().is_some_and(|live| !live.settings.domains.is_empty());
        // Without domains before and after, the table stays what it is.
        if routed(&before) || routed(&new) {
            *turn = Some(self.push(engine, &next).await?);
        }
        remember.await?;
        *locked(&self.live) = next;
        Ok(())
    }

    /// Pushes the table if it is another than the edge has: after addresses changed, or when the edge lost it. Answers whether it was. An edge that does not
    /// answer is waited for: it may be starting together with the containers whose addresses changed.
    ///
    /// # Errors
    /// The edge did not take it.
    pub(crate) async fn refresh(&self, engine: &Engine) -> Result<bool, Error> {
        let mut turn = self.turn.lock().await;
        let next = locked(&self.live).clone();
        let wanted = self.compute(engine, &next, 0).await?;
        if engine.parts.proxy.table().await.is_ok_and(|served| served.routes == wanted.routes) {
            return Ok(false);
        }
        *turn = Some(self.push(engine, &next).await?);
        Ok(true)
    }

    async fn push(&self, engine: &Engine, live: &LiveMap) -> Result<RouteTable, Error> {
        let mut generation = self.generation(engine, live).await?;
        for _ in 0..NEWER_LIMIT {
            let table = self.compute(engine, live, generation).await?;
            match push_once_there(engine, &table).await {
                Err(Error::Edge(proxy::Error::Newer { generation: newer })) => generation = newer + 1,
                pushed => return pushed.map(|()| table),
            }
        }
        Err(Error::failed("the edge always has a newer route table: another Wharf seems to push to it. Give each its own edge folder"))
    }

    async fn generation(&self, engine: &Engine, live: &LiveMap) -> Result<u64, Error> {
        let server = {
            let mut known = locked(&self.server);
            if let Some(live) = live.values().next() {
                *known = Some(live.server.clone());
            }
            known.clone()
        };
        match server {
            Some(server) => Ok(engine.parts.store.route_generation_next(server).await?),
            None => Ok(0),
        }
    }

    async fn compute(&self, engine: &Engine, live: &LiveMap, generation: u64) -> Result<RouteTable, Error> {
        let mut oldest_first: Vec<&LiveApplication> = live.values().filter(|live| !live.settings.domains.is_empty()).collect();
        oldest_first.sort_by(|a, b| (a.application.created, &a.application.id).cmp(&(b.application.created, &b.application.id)));
        let mut applications = Vec::with_capacity(oldest_first.len());
        for live in oldest_first {
            applications.push(self.routed(engine, live).await?);
        }
        let routing = route_table(generation, &applications);
        for conflict in &routing.conflicts {
            tracing::warn!(host = %conflict.host, path = %conflict.path, held_by = %conflict.held_by, wanted_by = %conflict.wanted_by, "two applications want one route");
        }
        Ok(routing.table)
    }

    async fn routed<'a>(&self, engine: &Engine, live: &'a LiveApplication) -> Result<RoutedApplication<'a>, Error> {
        let seen: Vec<_> = live.serving.iter().filter_map(|name| engine.parts.seen.container(name)).collect();
        let exposed_port = match (live.settings.exposed_port, seen.first()) {
            (None, Some(first)) => self.image_port(engine, &first.image).await?,
            (own, _) => own,
        };
        let containers = seen.into_iter().filter_map(|seen| Some(ServingContainer { address: seen.address?, name: seen.name })).collect();
        Ok(RoutedApplication { application: live.application.id.clone(), settings: &live.settings, exposed_port, containers, held: live.held })
    }

    /// Forgets what an image said: its name means another one now.
    pub(crate) fn forget_port(&self, image: &str) {
        locked(&self.ports).remove(image);
    }

    /// The first port that an image says it listens on.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub(crate) async fn image_port(&self, engine: &Engine, image: &str) -> Result<Option<Port>, Error> {
        if let Some(known) = locked(&self.ports).get(image) {
            return Ok(*known);
        }
        let facts = engine.parts.link.engine("image_facts")?.image_facts(image).await?;
        let port = facts.and_then(|facts| facts.exposed_ports.first().copied());
        locked(&self.ports).insert(image.to_owned(), port);
        Ok(port)
    }
}

/// An edge that is being started is waited for.
async fn push_once_there(engine: &Engine, table: &RouteTable) -> Result<(), Error> {
    let asked = async {
        loop {
            match engine.parts.proxy.push(table).await {
                Err(proxy::Error::Unreachable { .. } | proxy::Error::Timeout { .. }) => {
                    engine.parts.reconcilers.wake("edge");
                    tokio::time::sleep(EDGE_ASK_EVERY).await;
                }
                pushed => return pushed,
            }
        }
    };
    match tokio::time::timeout(EDGE_LIMIT, asked).await {
        Ok(pushed) => Ok(pushed.map(drop)?),
        Err(_) => {
            let why = engine.parts.edge.problem().unwrap_or_else(|| "it does not answer".into());
            Err(Error::failed(format!("the edge does not take the routes: {why}")))
        }
    }
}
