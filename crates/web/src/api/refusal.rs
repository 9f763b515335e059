//! Refusals: every answer of the API that is not what was asked for, as JSON.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ops::error::{Clash, Needs};
use serde_json::{Map, Value, json};

/// Seconds to wait when Wharf itself cannot do something now.
const UNAVAILABLE_WAIT_SECONDS: u64 = 10;

/// An answer that refuses.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    body: Value,
    retry_after_seconds: Option<u64>,
}

impl Refusal {
    /// A refusal with one sentence.
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, body: json!({"message": message.into()}), retry_after_seconds: None }
    }

    /// Nobody is signed in.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthenticated.")
    }

    /// The token lacks an ability.
    pub(crate) fn lacks(ability: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, format!("Missing required permissions: {ability}"))
    }

    /// There is no such thing, or it is another team's.
    pub(crate) fn not_found(kind: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{} not found.", capitalised(kind)))
    }

    /// The body is not what can be read.
    pub(crate) fn unreadable(why: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, body: json!({"message": "Invalid request.", "error": why}), retry_after_seconds: None }
    }

    /// Fields that are not valid, each with its sentences.
    pub(crate) fn invalid(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut errors = Map::new();
        for (field, sentence) in fields {
            if let Value::Array(sentences) = errors.entry(field).or_insert_with(|| json!([])) {
                sentences.push(sentence.into());
            }
        }
        let body = json!({"message": "Validation failed.", "errors": errors});
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, body, retry_after_seconds: None }
    }

    /// Too often.
    pub(crate) fn too_often(retry_after_seconds: u64) -> Self {
        let refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded. Please try again later.");
        Self { retry_after_seconds: Some(retry_after_seconds), ..refusal }
    }

    /// It contradicts what is there.
    pub(crate) fn conflict(why: &str) -> Self {
        Self::new(StatusCode::CONFLICT, why)
    }

    /// The API is switched off.
    pub(crate) fn disabled() -> Self {
        Self { status: StatusCode::FORBIDDEN, body: json!({"success": true, "message": "API is disabled."}), retry_after_seconds: None }
    }

    /// The same with fields called as the caller calls them.
    pub(crate) fn renamed(mut self, name: impl Fn(&str) -> String) -> Self {
        if let Some(Value::Object(errors)) = self.body.get_mut("errors") {
            *errors = std::mem::take(errors).into_iter().map(|(field, sentences)| (name(&field), sentences)).collect();
        }
        self
    }

    /// The same with one field called as the caller calls it.
    pub(crate) fn at(self, known: &str, name: &str) -> Self {
        self.renamed(|field| if field == known { name.to_owned() } else { field.to_owned() })
    }

    /// The same with another status where it is a conflict: some of Coolify's conflicts have one of their own.
    pub(crate) fn conflict_as(self, status: StatusCode) -> Self {
        if self.status == StatusCode::CONFLICT { Self { status, ..self } } else { self }
    }
}

/// `application` as `Application`.
fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

fn conflict(why: &str, hint: &str, details: &[Clash]) -> Value {
    let conflict = |clash: &Clash| {
        let domain = clash.what.contains('.') || clash.what == "localhost";
        let what = if domain { "domain" } else { "what" };
        json!({what: clash.what, "resource_name": clash.resource, "resource_uuid": clash.application, "resource_type": "application", "message": why})
    };
    match details {
        [] => json!({"message": why, "hint": hint}),
        details => json!({"message": why, "warning": hint, "conflicts": details.iter().map(conflict).collect::<Vec<_>>()}),
    }
}

impl From<ops::Error> for Refusal {
    fn from(error: ops::Error) -> Self {
        let hint = error.hint();
        let with_hint = |status, message: String| Self { status, body: json!({"message": message, "hint": hint}), retry_after_seconds: None };
        match error {
            ops::Error::NotFound { kind: "variable" } => Self::not_found("environment variable"),
            ops::Error::NotFound { kind: "key" } => Self::not_found("private key"),
            ops::Error::NotFound { kind } => Self::not_found(kind),
            ops::Error::Forbidden { needs: Needs::Ability(ability) } => Self::lacks(ability.as_str()),
            ops::Error::Forbidden { needs } => with_hint(StatusCode::FORBIDDEN, format!("This takes {needs}.")),
            ops::Error::Invalid { fields } => Self::invalid(fields),
            ops::Error::Conflict { why, details } => Self { status: StatusCode::CONFLICT, body: conflict(&why, hint, &details), retry_after_seconds: None },
            ops::Error::Unauthenticated { .. } => Self::unauthenticated(),
            ops::Error::TooMany { retry_after_seconds } => Self::too_often(retry_after_seconds),
            ops::Error::Rejected { by, why } => with_hint(StatusCode::UNPROCESSABLE_ENTITY, format!("{by}: {why}")),
            ops::Error::Limit { why } => with_hint(StatusCode::UNPROCESSABLE_ENTITY, why),
            error @ ops::Error::Unavailable { .. } => {
                let refusal = with_hint(StatusCode::SERVICE_UNAVAILABLE, error.to_string());
                Self { retry_after_seconds: Some(UNAVAILABLE_WAIT_SECONDS), ..refusal }
            }
            error @ ops::Error::Internal { .. } => with_hint(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
