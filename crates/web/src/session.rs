//! Who is signed in: a cookie, checked on every request but the few that are open to all.

use crate::{App, error::Failure, layout::Theme, route};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use jiff::Timestamp;
use model::{Role, SessionId, User};
use ops::{Scope, SessionToken};
use std::net::SocketAddr;

/// The cookie that holds the session's token.
pub const COOKIE: &str = "wharf_session";
/// The cookie that holds what the next page says once.
const SAID: &str = "wharf_said";
/// Longest sentence that is carried to the next page, in characters.
const SAID_LENGTH_CHARACTERS: usize = 120;
/// How long a sentence waits for its page, in seconds.
const SAID_LIFETIME_SECONDS: i64 = 60;

/// A signed-in person on a request.
#[derive(Debug, Clone)]
pub struct Session {
    /// What they may touch.
    pub scope: Scope,
    /// Who.
    pub user: User,
    /// The session.
    pub id: SessionId,
    /// Day or night.
    pub theme: Option<Theme>,
    /// What just happened.
    pub said: Option<String>,
    /// When the request came.
    pub now: Timestamp,
}

impl Session {
    /// Who a request's cookies sign in, if anybody.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn of(app: &App, jar: &CookieJar) -> Result<Option<Self>, ops::Error> {
        let Some(token) = jar.get(COOKIE).map(|cookie| cookie.value()).filter(|token| !token.is_empty()) else { return Ok(None) };
        let known = app.ops.session_authenticate(token).await?;
        let said = jar.get(SAID).map(|cookie| decoded(cookie.value()));
        Ok(known.map(|(scope, user, id)| Self { scope, user, id, theme: theme(jar), said, now: app.now() }))
    }

    /// Their role, as people read it.
    pub fn role(&self) -> &'static str {
        match self.scope.role() {
            Role::Member => "Member",
            Role::Admin => "Admin",
            Role::Owner => "Owner",
        }
    }

    /// Whether they may change things.
    pub fn writes(&self) -> bool {
        self.scope.role() >= Role::Admin
    }

    /// Stops who may not change things, where a form with nothing in it would otherwise pass for saved.
    ///
    /// # Errors
    /// Forbidden, with what it takes.
    pub fn must_write(&self) -> Result<(), Failure> {
        if self.writes() { Ok(()) } else { Err(Failure(ops::Error::Forbidden { needs: ops::Needs::Role(Role::Admin) })) }
    }

    /// Whether they own the team.
    pub fn owns(&self) -> bool {
        self.scope.role() == Role::Owner
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Failure(ops::Error::Unauthenticated { why: "nobody is signed in".into() }))
    }
}

/// What an open page knows of who looks: the theme, and where they come from.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Day or night.
    pub theme: Option<Theme>,
    /// Their address, as far as it can be known.
    pub address: String,
    /// What their browser calls itself.
    pub agent: String,
    /// Whether they came over TLS.
    pub secure: bool,
    /// When the request came.
    pub now: Timestamp,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_string());
        let forwarded = |name| Some(parts.headers.get(name)?.to_str().ok()?.to_owned()).filter(|_| app.options.trust_forwarded);
        // The last address was written by the proxy next to us; the ones before it by whoever wanted to.
        let client = forwarded("x-forwarded-for").and_then(|list| list.rsplit(',').next().map(|last| last.trim().to_owned()));
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        Ok(Self {
            theme: theme(&CookieJar::from_headers(&parts.headers)),
            address: client.or(peer).unwrap_or_else(|| "unknown".into()),
            agent: text(header::USER_AGENT),
            secure: secure(app, &parts.headers),
            now: app.now(),
        })
    }
}

fn secure(app: &App, headers: &HeaderMap) -> bool {
    app.options.secure_cookies || (app.options.trust_forwarded && headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https"))
}

fn theme(jar: &CookieJar) -> Option<Theme> {
    jar.get("theme").and_then(|cookie| Theme::from_cookie(cookie.value()))
}

/// Lets signed-in people through and puts their session on the request; others are sent to sign in.
pub async fn guard(State(app): State<App>, jar: CookieJar, mut request: Request, next: Next) -> Response {
    match Session::of(&app, &jar).await {
        Ok(Some(session)) => {
            let said = session.said.is_some();
            let whole = request.method() == Method::GET && !request.headers().contains_key("hx-request");
            request.extensions_mut().insert(session);
            let mut response = next.run(request).await;
            if said && whole && response.status() == StatusCode::OK {
                cookie(&mut response, SAID, "", 0, false);
            }
            response
        }
        Ok(None) => turned_away(&request),
        Err(error) => Failure(error).into_response(),
    }
}

/// A page leads to the door and back; everything else is refused.
fn turned_away(request: &Request) -> Response {
    let page = request.method() == Method::GET && !request.headers().contains_key("hx-request");
    let stream = request.headers().get(header::ACCEPT).is_some_and(|kinds| kinds.as_bytes().starts_with(b"text/event-stream"));
    let upgrade = request.headers().contains_key(header::UPGRADE);
    if page && !stream && !upgrade {
        let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
        let door = if here == "/" { route::SIGN_IN.to_owned() } else { route::sign_in_then(here) };
        return Redirect::to(&door).into_response();
    }
    Failure(ops::Error::Unauthenticated { why: "nobody is signed in".into() }).into_response()
}

/// The cookie of a fresh session on an answer.
pub fn opened(mut response: Response, token: &SessionToken, visitor: &Visitor) -> Response {
    let seconds = (token.expires.as_second() - visitor.now.as_second()).max(0);
    cookie(&mut response, COOKIE, token.token.expose(), seconds, visitor.secure);
    response
}

/// Takes the cookie of a session away.
pub fn closed(mut response: Response) -> Response {
    cookie(&mut response, COOKIE, "", 0, false);
    response
}

/// Goes to a page that says what happened, once.
pub fn done(address: &str, sentence: &str) -> Response {
    let mut response = Redirect::to(address).into_response();
    let short: String = sentence.chars().take(SAID_LENGTH_CHARACTERS).collect();
    cookie(&mut response, SAID, &route::encode(&short), SAID_LIFETIME_SECONDS, false);
    response
}

fn decoded(value: &str) -> String {
    url::form_urlencoded::parse(format!("x={value}").as_bytes()).next().map(|(_, text)| text.into_owned()).unwrap_or_default()
}

/// Sets a cookie that scripts cannot read and other sites do not send; a lifetime of 0 seconds takes it away.
fn cookie(response: &mut Response, name: &str, value: &str, seconds: i64, secure: bool) {
    let secure = if secure { "; Secure" } else { "" };
    if let Ok(value) = HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
