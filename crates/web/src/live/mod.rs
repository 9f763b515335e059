//! The live stream of a page: the same partials that drew it, again whenever something may have changed; and log lines as they are written.
//!
//! Each connection begins with the truth of now, so nothing that happened in between can be missed. A partial is sent only when its markup differs from
//! what this connection sent before. Log lines carry numbers; a connection resumes after the last one it brought.

pub mod log;
pub mod terminal;
pub mod topic;

use crate::{
    App,
    error::{Answer, Failure},
    layout,
    session::Session,
};
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, StreamExt, stream};
use std::{
    collections::HashMap,
    convert::Infallible,
    hash::{BuildHasher, RandomState},
    time::Duration,
};
use topic::Topic;

/// Changes that come closer together than this are told once.
const GATHER: Duration = Duration::from_millis(100);
/// Silence after which a comment keeps proxies from hanging up.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

type Item = Result<Event, Infallible>;

/// `GET /live?of=<topic>`, with the number of the last line in `Last-Event-ID` or `after`.
pub async fn stream(State(app): State<App>, session: Session, headers: HeaderMap, Query(query): Query<HashMap<String, String>>) -> Answer {
    let topic = Topic::parse(query.get("of").map(String::as_str).unwrap_or_default())?;
    let header = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let after = header.or(query.get("after").map(String::as_str)).unwrap_or_default().to_owned();
    topic.render(&app, &session).await?;
    let place = query.get("at").cloned().unwrap_or_default();
    let partials = partials(app.clone(), session.clone(), topic.clone(), place);
    let all = match topic {
        Topic::Deployment(id) => stream::select(partials, log::of_deployment(app, session, id, after)).boxed(),
        Topic::Logs(id) => stream::select(partials, log::of_containers(app, session, id, after).await?).boxed(),
        _ => partials.boxed(),
    };
    Ok(Sse::new(all).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

struct Watching {
    app: App,
    session: Session,
    topic: Topic,
    place: String,
    sent: HashMap<String, u64>,
    hasher: RandomState,
    store: tokio::sync::watch::Receiver<u64>,
    status: tokio::sync::watch::Receiver<u64>,
    first: bool,
}

/// The partials of a page, now and after each change.
fn partials(app: App, session: Session, topic: Topic, place: String) -> impl Stream<Item = Item> + Send {
    let (store, status) = (app.ops.changes(), app.ops.status_changes());
    let watching = Watching { app, session, topic, place, sent: HashMap::new(), hasher: RandomState::new(), store, status, first: true };
    stream::unfold(watching, |mut watching| async move { watching.next().await.map(|event| (Ok(event), watching)) })
}

impl Watching {
    /// Waits for a change that shows, and says it. None where the page is over.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if !std::mem::take(&mut self.first) {
                tokio::select! {
                    changed = self.store.changed() => changed.ok()?,
                    changed = self.status.changed() => changed.ok()?,
                }
                tokio::time::sleep(GATHER).await;
            }
            self.store.borrow_and_update();
            self.status.borrow_and_update();
            self.session.now = self.app.now();
            match self.shown().await {
                Ok(shown) => {
                    let fresh: String = shown.into_iter().filter(|(id, markup)| self.differs(id, &markup.0)).map(|(_, markup)| markup.0).collect();
                    if !fresh.is_empty() {
                        return Some(Event::default().event("partial").data(fresh));
                    }
                }
                Err(Failure(ops::Error::NotFound { .. })) => return Some(Event::default().event("go").data(self.topic.beyond())),
                Err(_) => return None,
            }
        }
    }

    /// The page's own partials, and the navigation.
    async fn shown(&self) -> Result<topic::Shown, Failure> {
        let mut shown = self.topic.render(&self.app, &self.session).await?;
        let viewer = self.app.viewer(&self.session).await?;
        shown.extend([("nav-live", layout::nav(&viewer, &self.place)), ("engine-note", layout::engine_note(&viewer))]);
        Ok(shown)
    }

    fn differs(&mut self, id: &str, markup: &str) -> bool {
        let hash = self.hasher.hash_one(markup);
        self.sent.insert(id.to_owned(), hash) != Some(hash)
    }
}
