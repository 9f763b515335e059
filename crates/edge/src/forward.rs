//! The life of a request: checked, routed, held, sent to a container, answered.

use crate::{
    answer,
    body::Download,
    check,
    connection::{Connection, Lease},
    container::InFlight,
    headers,
    limits::ATTEMPTS_LIMIT,
    shared::Shared,
    table::{Entry, Goal},
    upload::{Source, Upload},
    upstream::Upstream,
    visitor::{Phase, Visit},
};
use http::{HeaderValue, Request, Response, StatusCode, Uri, Version, request::Parts, uri::PathAndQuery};
use hyper::{
    body::Incoming,
    client::conn::TrySendError,
    upgrade::{OnUpgrade, Upgraded},
};
use hyper_util::rt::TokioIo;
use std::{
    pin::pin,
    sync::{Arc, atomic::Ordering},
};
use tokio::{sync::watch, time::Instant};

/// Answers a visitor's request.
pub(crate) async fn answer(shared: Arc<Shared>, request: Request<Incoming>, visit: Arc<Visit>) -> Response<Download> {
    let authority = match check::request(&request) {
        Ok(authority) => authority,
        Err(refused) => return answer::refused(refused.0),
    };
    let mut exchange = Exchange::new(&shared, request, visit, authority);
    let mut waiting: Option<(watch::Receiver<u64>, Instant)> = None;
    loop {
        match exchange.next() {
            Next::Answer(response) => return response,
            Next::Ask { upstream, in_flight, prefix_bytes } => {
                if let Some(response) = exchange.ask(upstream, in_flight, prefix_bytes).await {
                    return response;
                }
            }
            Next::Hold => match &mut waiting {
                // Look once more before waiting: the table may have changed before we listened.
                None => waiting = Some((shared.changed.subscribe(), Instant::now() + shared.limits.hold)),
                Some((changed, deadline)) => {
                    let Some(_held) = Held::enter(&shared) else { return answer::held_too_long() };
                    if tokio::time::timeout_at(*deadline, changed.changed()).await.is_err() {
                        return answer::held_too_long();
                    }
                }
            },
        }
    }
}

/// A request that waits on a route that holds.
struct Held<'a>(&'a Shared);

impl<'a> Held<'a> {
    fn enter(shared: &'a Shared) -> Option<Self> {
        let held = Self(shared);
        (shared.held.fetch_add(1, Ordering::Relaxed) < shared.limits.held).then_some(held)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is done next for a request.
#[expect(clippy::large_enum_variant, reason = "lives on the stack for one match; a box would cost each request more")]
enum Next {
    Answer(Response<Download>),
    Ask { upstream: Arc<Upstream>, in_flight: InFlight, prefix_bytes: usize },
    Hold,
}

/// A visitor's request, from the first attempt to send it to its answer.
struct Exchange<'a> {
    shared: &'a Shared,
    visit: Arc<Visit>,
    authority: HeaderValue,
    uri: Uri,
    /// The request, until it is sent where it cannot be sent again.
    request: Option<Request<Upload>>,
    /// The visitor's side of a connection that shall speak another protocol.
    upgrade: Option<OnUpgrade>,
    /// Whether it can be sent again although a container may have read it.
    repeats: bool,
    version: Version,
    tried: Vec<Arc<Upstream>>,
    attempts: usize,
    /// A pooled connection turned out to be stale: a new one is opened.
    stale: bool,
}

impl<'a> Exchange<'a> {
    fn new(shared: &'a Shared, mut request: Request<Incoming>, visit: Arc<Visit>, authority: HeaderValue) -> Self {
        let upgrade = (request.version() == Version::HTTP_11 && headers::asks_upgrade(request.headers())).then(|| hyper::upgrade::on(&mut request));
        let (mut parts, body) = request.into_parts();
        let upload = Upload::of(body, parts.method.is_idempotent());
        let repeats = matches!(upload, Upload::Nothing) && upgrade.is_none() && parts.method.is_idempotent();
        let version = parts.version;
        if version == Version::HTTP_2 {
            headers::join_cookies(&mut parts.headers);
        }
        headers::upward(&mut parts.headers, &visit, authority.clone(), upgrade.is_some());
        parts.version = Version::HTTP_11;
        let uri = std::mem::take(&mut parts.uri);
        let request = Some(Request::from_parts(parts, upload));
        Self { shared, visit, authority, uri, request, upgrade, repeats, version, tried: Vec::new(), attempts: 0, stale: false }
    }

    /// Decides by the current table. A request is counted in at its container before the table is let go of: [`Shared::take`] waits for that.
    fn next(&mut self) -> Next {
        let authority = self.authority.to_str().unwrap_or_default();
        let host = check::host(authority);
        let table = self.shared.table.load();
        let Some(entry) = table.route(&host, self.uri.path()) else { return Next::Answer(answer::no_route(&host)) };
        if entry.https_only && !self.visit.secure {
            return Next::Answer(self.redirect(&host, self.shared.https_port, "https", 443));
        }
        match &entry.goal {
            Goal::Hold => Next::Hold,
            Goal::Redirect(host) if self.visit.secure => Next::Answer(self.redirect(host, self.shared.https_port, "https", 443)),
            Goal::Redirect(host) => Next::Answer(self.redirect(host, self.shared.http_port, "http", 80)),
            Goal::Upstreams(balance) if balance.is_empty() => Next::Answer(answer::no_upstream()),
            Goal::Upstreams(balance) => match balance.choose(&self.tried, self.shared.life.now_ms()) {
                Some(upstream) if self.attempts < ATTEMPTS_LIMIT => {
                    Next::Ask { upstream: upstream.clone(), in_flight: upstream.enter(), prefix_bytes: stripped(entry) }
                }
                _ => Next::Answer(answer::unreachable()),
            },
        }
    }

    fn redirect(&self, host: &str, port: u16, scheme: &str, usual_port: u16) -> Response<Download> {
        let rest = self.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let port = if port == usual_port { String::new() } else { format!(":{port}") };
        answer::redirect(&format!("{scheme}://{host}{port}{rest}"))
    }

    /// Asks an upstream; `None` where another may be asked.
    async fn ask(&mut self, upstream: Arc<Upstream>, in_flight: InFlight, prefix_bytes: usize) -> Option<Response<Download>> {
        self.attempts += 1;
        let Some(mut connection) = self.connect(&upstream).await else {
            upstream.avoid(self.shared.life.now_ms());
            upstream.failed();
            self.tried.push(upstream);
            return None;
        };
        let request = self.request.take()?;
        let (parts, upload) = request.into_parts();
        let source = upload.source();
        // Only a kept connection may turn out to be closed; on a new one it is the container that failed.
        let spare = (connection.reused && (self.repeats || source.is_some())).then(|| parts.clone());
        let Some(request) = self.addressed(parts, upload, prefix_bytes) else { return Some(answer::refused("The address of the request cannot be read.")) };
        match self.head(&mut connection, request).await {
            None => {
                tracing::debug!(address = %upstream.address, "a container did not begin to answer in time");
                upstream.failed();
                Some(answer::silent())
            }
            Some(Ok(response)) => {
                upstream.answered();
                Some(self.relay(response, connection, upstream, in_flight))
            }
            Some(Err(mut error)) => {
                self.stale = connection.reused;
                self.request = error.take_message().or_else(|| {
                    let parts = spare?;
                    Some(Request::from_parts(parts, source.map_or(Some(Upload::Nothing), Source::again)?))
                });
                if !self.stale || self.request.is_none() {
                    tracing::debug!(address = %upstream.address, error = %error.error(), "a container closed the connection before it answered");
                    upstream.failed();
                    self.tried.push(upstream);
                }
                self.request.is_none().then(answer::unreachable)
            }
        }
    }

    /// Sends a request and waits for the head of the answer; `None` where the container was silent for too long. While it takes the body it is not silent.
    async fn head(&self, connection: &mut Connection, request: Request<Upload>) -> Option<Result<Response<Incoming>, TrySendError<Request<Upload>>>> {
        let source = request.body().source();
        let pieces = || source.as_ref().map(|source| source.pieces());
        let mut answer = pin!(connection.send(request));
        loop {
            let before = pieces();
            match tokio::time::timeout(self.shared.limits.answer, answer.as_mut()).await {
                Ok(answer) => return Some(answer),
                Err(_) if pieces() == before => return None,
                Err(_) => {}
            }
        }
    }

    async fn connect(&self, upstream: &Upstream) -> Option<Connection> {
        if !self.stale
            && self.upgrade.is_none()
            && let Some(mut connection) = upstream.take(self.repeats)
        {
            self.prepare(&mut connection);
            return Some(connection);
        }
        match Connection::open(upstream, self.shared.limits.connect, self.upgrade.is_some()).await {
            Ok(mut connection) => {
                self.prepare(&mut connection);
                Some(connection)
            }
            Err(error) => {
                tracing::debug!(address = %upstream.address, %error, "a container cannot be reached");
                None
            }
        }
    }

    fn prepare(&self, connection: &mut Connection) {
        if self.request.as_ref().is_some_and(|request| matches!(request.body(), Upload::Visitor(_))) {
            connection.detach();
        }
    }

    /// The request with the path the container shall see.
    fn addressed(&self, mut parts: Parts, upload: Upload, prefix_bytes: usize) -> Option<Request<Upload>> {
        let mut address = http::uri::Parts::default();
        let path_and_query = self.uri.path_and_query()?;
        address.path_and_query = Some(if prefix_bytes == 0 { path_and_query.clone() } else { without_prefix(path_and_query.as_str(), prefix_bytes)? });
        if prefix_bytes > 0 {
            headers::prefix(&mut parts.headers, self.uri.path().get(..prefix_bytes)?);
        }
        parts.uri = Uri::from_parts(address).ok()?;
        Some(Request::from_parts(parts, upload))
    }

    fn relay(&mut self, mut response: Response<Incoming>, connection: Connection, upstream: Arc<Upstream>, in_flight: InFlight) -> Response<Download> {
        let upgraded = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        if upgraded {
            let Some(visitor) = self.upgrade.take() else { return answer::unreachable() };
            let container = hyper::upgrade::on(&mut response);
            let visit = self.visit.clone();
            self.visit.life.tasks.spawn(tunnel(visit, visitor, container, in_flight));
            headers::downward(response.headers_mut(), true);
            return response.map(|_| Download::whole(""));
        }
        headers::downward(response.headers_mut(), false);
        *response.version_mut() = self.version;
        let lease = Lease::new(connection, upstream);
        response.map(|body| Download::relayed(body, lease, in_flight))
    }
}

/// How many bytes of the path are removed.
fn stripped(entry: &Entry) -> usize {
    if entry.strip_prefix { entry.prefix.len() } else { 0 }
}

fn without_prefix(path_and_query: &str, prefix_bytes: usize) -> Option<PathAndQuery> {
    let rest = path_and_query.get(prefix_bytes..)?;
    if rest.starts_with('/') { rest.parse().ok() } else { format!("/{rest}").parse().ok() }
}

/// Carries bytes between a visitor and a container that speak another protocol, until either has gone or the server is cut.
async fn tunnel(visit: Arc<Visit>, visitor: OnUpgrade, container: OnUpgrade, _in_flight: InFlight) {
    let carry = async {
        let (visitor, container): (Upgraded, Upgraded) = tokio::try_join!(visitor, container)?;
        let outcome = tokio::io::copy_bidirectional(&mut TokioIo::new(visitor), &mut TokioIo::new(container)).await;
        if let Err(error) = outcome {
            tracing::trace!(%error, "an upgraded connection broke off");
        }
        Ok::<_, hyper::Error>(())
    };
    tokio::select! {
        () = visit.life.reached(Phase::Cut) => {}
        outcome = carry => if let Err(error) = outcome {
            tracing::debug!(%error, "a connection could not be upgraded");
        }
    }
}
