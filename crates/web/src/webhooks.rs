//! What comes from outside without a token: the deploy hook, and deliveries of forges. Each proves itself by a secret.

use crate::api::Refusal;
use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Path, RawQuery, Request, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use ops::{Error, Forge, Ops};
use serde::Serialize;

/// Largest body of a delivery, in bytes.
pub const DELIVERY_LENGTH_BYTES: usize = 5 * 1024 * 1024;

/// What came of it.
#[derive(Debug, Serialize)]
struct Answer {
    message: String,
    deployment_uuid: Option<String>,
}

/// `/webhooks/deploy/{secret}` and `/webhooks/{forge}/{application}`.
pub fn router(ops: Ops) -> Router {
    Router::new()
        .route("/webhooks/deploy/{secret}", post(deploy).fallback(post_only))
        .route("/webhooks/{forge}/{application}", post(deliver).fallback(post_only))
        .layer(DefaultBodyLimit::max(DELIVERY_LENGTH_BYTES))
        .with_state(ops)
}

/// A link that is followed, or a crawler, must not deploy.
async fn post_only() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "A hook takes POST: a link that somebody opens deploys nothing.")
}

/// The raw body, as its signature was made over it.
struct Raw(Bytes);

impl FromRequest<Ops> for Raw {
    type Rejection = Refusal;

    async fn from_request(request: Request, ops: &Ops) -> Result<Self, Refusal> {
        Bytes::from_request(request, ops).await.map(Self).map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "The delivery is larger than 5 MiB."),
            _ => Refusal::unreadable("The body could not be read."),
        })
    }
}

async fn deploy(State(ops): State<Ops>, Path(secret): Path<String>, RawQuery(query): RawQuery) -> Result<Json<Answer>, Refusal> {
    let query: Vec<_> = url::form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes()).collect();
    let commit = query.iter().find(|(name, _)| name == "commit").map(|(_, value)| value.as_ref());
    let queued = ops.hook_deploy(&secret, commit).await?;
    let message = if queued.existed { "A deployment waits already." } else { "A deployment was queued." };
    Ok(Json(Answer { message: message.into(), deployment_uuid: Some(queued.deployment.deployment.id.into()) }))
}

fn forge(word: &str) -> Option<Forge> {
    [Forge::GitHub, Forge::GitLab, Forge::Gitea, Forge::Bitbucket].into_iter().find(|forge| forge.as_str().eq_ignore_ascii_case(word))
}

async fn deliver(
    State(ops): State<Ops>,
    Path((word, application)): Path<(String, String)>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Json<Answer>, Refusal> {
    let forge = forge(&word).ok_or_else(|| Refusal::not_found("webhook"))?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match ops.webhook_receive(forge, &application, header, &body).await {
        Ok(answer) => Ok(Json(Answer { message: answer.sentence, deployment_uuid: answer.deployment.map(Into::into) })),
        Err(Error::Unauthenticated { why }) => Err(Refusal::new(StatusCode::UNAUTHORIZED, why)),
        Err(error) => Err(error.into()),
    }
}
