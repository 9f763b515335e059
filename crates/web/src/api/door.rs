//! The door: who asks, whether the token may, and how often. What an operation takes stands in its own documentation, and this reads it there.

use super::{
    Api,
    limit::{Allowance, Kind},
    refusal::Refusal,
};
use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use model::Ability;
use ops::{Actor, Scope, permit};
use serde_json::Value;
use std::{collections::HashMap, time::Instant};

/// The name of the security scheme in the document.
pub(crate) const SCHEME: &str = "bearer";
/// The address that switches the API on, which answers while it is off.
const ENABLE: &str = "/api/v1/enable";

/// Who asks. Only the door puts it into a request.
#[derive(Clone)]
pub(crate) struct Caller(pub(crate) Scope);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Refusal::unauthenticated)
    }
}

/// The abilities that operations take, by method and path.
#[derive(Debug, Default)]
pub(crate) struct Needed(HashMap<(Method, String), Option<Ability>>);

impl Needed {
    /// Reads them from the document. An operation without a security requirement is open.
    pub(crate) fn read(document: &Value) -> Self {
        let mut needed = HashMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
                let ability = operation["security"][0][SCHEME][0].as_str().and_then(|word| word.parse().ok());
                if ability.is_some() || operation.get("security").is_some() {
                    needed.insert((method, path.clone()), ability);
                }
            }
        }
        Self(needed)
    }

    fn of(&self, method: &Method, path: &str) -> Option<Option<Ability>> {
        let method = if method == Method::HEAD { Method::GET } else { method.clone() };
        self.0.get(&(method, path.to_owned())).copied()
    }
}

/// Lets a request in, or refuses it before its body is read.
pub(crate) async fn guard(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let Some(ability) = api.needed.of(request.method(), &path) else { return next.run(request).await };
    let mut allowance = None;
    let kind = if request.method().is_safe() { Kind::Read } else { Kind::Change };
    let asked = Asked { kind, ability, enabling: path == ENABLE };
    let mut response = match enter(&api, request.headers(), &asked, &mut allowance).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    };
    if let Some(allowance) = allowance {
        allowance.tell(response.headers_mut());
    }
    response
}

/// What is asked for.
struct Asked {
    kind: Kind,
    ability: Option<Ability>,
    /// The one operation that the switched-off API answers.
    enabling: bool,
}

async fn enter(api: &Api, headers: &HeaderMap, asked: &Asked, allowance: &mut Option<Allowance>) -> Result<Caller, Refusal> {
    let token = bearer(headers).ok_or_else(Refusal::unauthenticated)?;
    let scope = api.ops.token_authenticate(&token).await?;
    if let Actor::Token { number, .. } = scope.actor() {
        let taken = api.limit.take(*number, asked.kind, Instant::now());
        *allowance = Some(taken);
        if !taken.allowed {
            return Err(Refusal::too_often(taken.reset_seconds));
        }
    }
    if !asked.enabling && !api.ops.api_enabled().await? {
        return Err(Refusal::disabled());
    }
    match asked.ability {
        Some(ability) if !permit::allows(&scope, ability) => Err(Refusal::lacks(ability.as_str())),
        // As in Coolify one ability is enough for an operation, also where it looks at what it changes.
        Some(Ability::Write | Ability::Deploy) => Ok(Caller(scope.reading())),
        _ => Ok(Caller(scope)),
    }
}

/// The token of a request. Some clients write its `|` as `%7C`. Cookies are never looked at: nobody can make a browser send this header.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().replacen("%7C", "|", 1).replacen("%7c", "|", 1))
}
