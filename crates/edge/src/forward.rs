//! The life of a request: checked, routed, held, sent to a container, answered.

use crate::{
    answer,
    body::Download,
    check,
    connection::{Connection, Lease},
    container::InFlight,
    direct::{Direct, DirectBody, Unanswered},
    headers::{self, Told},
    limits::ATTEMPTS_LIMIT,
    pool::Taken,
    reply::Head,
    shared::Shared,
    table::{Entry, Goal},
    upload::{Source, Upload},
    upstream::Upstream,
    visitor::{Phase, Visit},
};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version, request::Parts, uri::PathAndQuery};
use hyper::{
    body::Incoming,
    client::conn::TrySendError,
    upgrade::{OnUpgrade, Upgraded},
};
use hyper_util::rt::TokioIo;
use std::{
    borrow::Cow,
    io,
    pin::pin,
    sync::{Arc, atomic::Ordering},
};
use tokio::{sync::watch, time::Instant};

const UNREADABLE: &str = "The address of the request cannot be read.";

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
    head: Parts,
    /// Its body, until it is sent.
    upload: Option<Upload>,
    /// Whether it has no body and does not ask for another protocol.
    plain: bool,
    /// The visitor's side of a connection that shall speak another protocol.
    upgrade: Option<OnUpgrade>,
    /// Whether it can be sent again although a container may have read it.
    repeats: bool,
    tried: Vec<Arc<Upstream>>,
    attempts: usize,
    /// A pooled connection turned out to be stale: a new one is opened.
    stale: bool,
}

impl<'a> Exchange<'a> {
    fn new(shared: &'a Shared, mut request: Request<Incoming>, visit: Arc<Visit>, authority: HeaderValue) -> Self {
        let upgrade = (request.version() == Version::HTTP_11 && headers::asks_upgrade(request.headers())).then(|| hyper::upgrade::on(&mut request));
        let (mut head, body) = request.into_parts();
        let idempotent = head.method.is_idempotent();
        let upload = Upload::of(body, idempotent);
        let plain = matches!(upload, Upload::Nothing) && upgrade.is_none();
        if head.version == Version::HTTP_2 {
            headers::join_cookies(&mut head.headers);
        }
        let upload = Some(upload);
        Self { shared, visit, authority, head, upload, plain, upgrade, repeats: plain && idempotent, tried: Vec::new(), attempts: 0, stale: false }
    }

    /// Decides by the current table. A request is counted in at its container before the table is let go of: [`Shared::take`] waits for that.
    fn next(&mut self) -> Next {
        let authority = self.authority.to_str().unwrap_or_default();
        let host = check::host(authority);
        let table = self.shared.table.load();
        let Some(entry) = table.route(&host, self.head.uri.path()) else { return Next::Answer(answer::no_route(&host)) };
        if entry.https_only && !self.visit.secure {
            return Next::Answer(self.redirect(&host, self.shared.https_port, "https", 443));
        }
        match &entry.goal {
            Goal::Hold => Next::Hold,
            Goal::Redirect(host) if self.visit.secure => Next::Answer(self.redirect(host, self.shared.https_port, "https", 443)),
            Goal::Redirect(host) => Next::Answer(self.redirect(host, self.shared.http_port, "http", 80)),
            Goal::Upstreams(balance) if balance.is_empty() => Next::Answer(answer::no_upstream()),
            Goal::Upstreams(balance) => match balance.choose(&self.tried, || self.shared.life.now_ms()) {
                Some(upstream) if self.attempts < ATTEMPTS_LIMIT => {
                    Next::Ask { upstream: upstream.clone(), in_flight: upstream.enter(), prefix_bytes: stripped(entry) }
                }
                _ => Next::Answer(answer::unreachable()),
            },
        }
    }

    fn redirect(&self, host: &str, port: u16, scheme: &str, usual_port: u16) -> Response<Download> {
        let rest = self.head.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let port = if port == usual_port { String::new() } else { format!(":{port}") };
        answer::redirect(&format!("{scheme}://{host}{port}{rest}"))
    }

    /// Asks an upstream; `None` where another may be asked.
    async fn ask(&mut self, upstream: Arc<Upstream>, in_flight: InFlight, prefix_bytes: usize) -> Option<Response<Download>> {
        self.attempts += 1;
        if self.plain { self.ask_directly(upstream, in_flight, prefix_bytes).await } else { self.ask_by_task(upstream, in_flight, prefix_bytes).await }
    }

    async fn ask_directly(&mut self, upstream: Arc<Upstream>, in_flight: InFlight, prefix_bytes: usize) -> Option<Response<Download>> {
        let kept = if self.stale { None } else { upstream.direct.take(self.repeats) };
        let opened = match kept {
            Some(kept) => Ok(kept),
            None => Direct::open(&upstream, self.shared.limits.connect).await.map(|connection| Taken { connection, reused: false }),
        };
        let Taken { mut connection, reused } = match opened {
            Ok(taken) => taken,
            Err(error) => return self.unreached(upstream, &error),
        };
        let Some(target) = target(&self.head.uri, prefix_bytes) else { return Some(answer::refused(UNREADABLE)) };
        let write = |head: &mut Vec<u8>| headers::write(head, &self.head, &target, &self.told(prefix_bytes));
        match connection.ask(self.shared.limits.answer, self.head.method == Method::HEAD, write).await {
            // Nobody asked for another protocol.
            Ok(Head { response, .. }) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                upstream.failed();
                Some(answer::unreachable())
            }
            Ok(Head { mut response, extent, keeps }) => {
                upstream.answered();
                self.downward(&mut response);
                let body = DirectBody::new(connection, extent, keeps, upstream, in_flight);
                Some(response.map(|()| Download::relayed(body)))
            }
            Err(error) => {
                let silent = matches!(error, Unanswered::Silent);
                let again = !silent && (matches!(error, Unanswered::Unsent(_)) || (reused && self.repeats));
                self.unanswered(upstream, reused, again, &error);
                (!again).then(if silent { answer::silent } else { answer::unreachable })
            }
        }
    }

    async fn ask_by_task(&mut self, upstream: Arc<Upstream>, in_flight: InFlight, prefix_bytes: usize) -> Option<Response<Download>> {
        let kept = if self.stale || self.upgrade.is_some() { None } else { upstream.tasked.take(false) };
        let opened = match kept {
            Some(kept) => Ok(kept),
            None => {
                let opening = Connection::open(&upstream, self.shared.limits.connect, self.upgrade.is_some());
                opening.await.map(|connection| Taken { connection, reused: false })
            }
        };
        let Taken { mut connection, reused } = match opened {
            Ok(taken) => taken,
            Err(error) => return self.unreached(upstream, &error),
        };
        let upload = self.upload.take()?;
        let source = upload.source();
        let Some(request) = self.addressed(upload, prefix_bytes) else { return Some(answer::refused(UNREADABLE)) };
        match self.head(&mut connection, request).await {
            None => {
                self.unanswered(upstream, reused, false, &Unanswered::Silent);
                Some(answer::silent())
            }
            Some(Ok(response)) => {
                upstream.answered();
                Some(self.relay(response, connection, upstream, in_flight))
            }
            Some(Err(mut error)) => {
                // Only a kept connection may turn out to be closed; on a new one it is the container that failed.
                let unsent = error.take_message().map(Request::into_body);
                self.upload = unsent.or_else(|| source.filter(|_| reused).and_then(Source::again));
                let again = self.upload.is_some();
                self.unanswered(upstream, reused, again, error.error());
                (!again).then(answer::unreachable)
            }
        }
    }

    /// An upstream that cannot be connected to: another may be asked.
    fn unreached(&mut self, upstream: Arc<Upstream>, error: &io::Error) -> Option<Response<Download>> {
        tracing::debug!(address = %upstream.address, %error, "a container cannot be reached");
        upstream.avoid(self.shared.life.now_ms());
        upstream.failed();
        self.tried.push(upstream);
        None
    }

    /// A connection over which no answer came. It is no failure of the container where it was kept and the request is sent again.
    fn unanswered(&mut self, upstream: Arc<Upstream>, reused: bool, again: bool, error: &(dyn std::error::Error + 'static)) {
        self.stale = reused;
        if !reused || !again {
            tracing::debug!(address = %upstream.address, error, "a container did not answer");
            upstream.failed();
            self.tried.push(upstream);
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

    fn told(&self, prefix_bytes: usize) -> Told<'_> {
        let prefix = self.head.uri.path().get(..prefix_bytes).unwrap_or_default();
        Told { visit: &self.visit, host: &self.authority, upgrade: self.upgrade.is_some(), prefix }
    }

    /// The request that the container shall see.
    fn addressed(&self, upload: Upload, prefix_bytes: usize) -> Option<Request<Upload>> {
        let mut request = Request::new(upload);
        *request.method_mut() = self.head.method.clone();
        *request.uri_mut() = target(&self.head.uri, prefix_bytes)?.parse().ok()?;
        headers::upward(&self.head.headers, &self.told(prefix_bytes), |name, value| {
            request.headers_mut().append(name, value.clone());
        });
        Some(request)
    }

    fn downward<B>(&self, response: &mut Response<B>) {
        headers::downward(response.headers_mut(), false);
        *response.version_mut() = self.head.version;
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
        self.downward(&mut response);
        let lease = Lease::new(connection, upstream);
        response.map(|body| Download::leased(body, lease, in_flight))
    }
}

/// How many bytes of the path are removed.
fn stripped(entry: &Entry) -> usize {
    if entry.strip_prefix { entry.prefix.len() } else { 0 }
}

/// Path and query that the container shall see.
fn target(uri: &Uri, prefix_bytes: usize) -> Option<Cow<'_, str>> {
    let rest = uri.path_and_query()?.as_str().get(prefix_bytes..)?;
    Some(if prefix_bytes == 0 || rest.starts_with('/') { Cow::Borrowed(rest) } else { Cow::Owned(format!("/{rest}")) })
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
