//! The operator's own door: a unix socket in the data folder that only its owner can open. Whoever may write there owns the instance anyway.

use anyhow::Context;
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use engine::Engine;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use model::Secret;
use ops::{Error, Ops};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixStream};

const SOCKET_FILE: &str = "control.sock";

/// What `wharf token create` asks for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NewToken {
    /// Its name.
    pub(crate) name: String,
    /// What it may do.
    pub(crate) abilities: Vec<String>,
}

/// What `wharf setup` asks for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NewOwner {
    /// The person's name.
    pub(crate) name: String,
    /// The address they sign in with.
    pub(crate) email: String,
    /// Their password.
    pub(crate) password: Secret,
}

fn socket_of(data: &Path) -> PathBuf {
    data.join(SOCKET_FILE)
}

/// Opens the socket; the lock on the folder says that nobody else listens there.
pub(crate) fn listen(data: &Path) -> anyhow::Result<UnixListener> {
    let path = socket_of(data);
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).with_context(|| format!("the control socket {} cannot be made", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers on the socket until the process ends.
pub(crate) async fn serve(listener: UnixListener, ops: Ops, engine: Engine) {
    let router = Router::new()
        .route("/setup", post(setup))
        .route("/accounts", post(account))
        .route("/tokens", post(token))
        .with_state(ops)
        .route("/doctor", post(doctor))
        .with_state(engine);
    if let Err(why) = axum::serve(listener, router).await {
        tracing::error!("the control socket ended: {why}");
    }
}

type Answer = (StatusCode, Json<Value>);

async fn setup(State(ops): State<Ops>, Json(new): Json<NewOwner>) -> Answer {
    answer(set_up(&ops, form(new)).await.map(|()| json!({})))
}

/// Makes the owner. Nobody waits for the session that comes with it: they sign in by themselves.
async fn set_up(ops: &Ops, form: ops::SetupForm) -> Result<(), Error> {
    let opened = ops.setup_complete(None, form, "control socket", "wharf setup").await?;
    let known = ops.session_authenticate(opened.token.expose()).await?;
    match known {
        Some((scope, _, session)) => ops.sign_out(&scope, session).await,
        None => Ok(()),
    }
}

async fn account(State(ops): State<Ops>, Json(new): Json<NewOwner>) -> Answer {
    answer(ops.account_create(form(new)).await.map(|_| json!({})))
}

async fn token(State(ops): State<Ops>, Json(new): Json<NewToken>) -> Answer {
    let form = ops::TokenForm { name: new.name, abilities: new.abilities, expires: None };
    answer(ops.token_create_for_owner(form).await.map(|token| json!({"token": token.expose()})))
}

async fn doctor(State(engine): State<Engine>) -> Answer {
    let findings = engine.doctor().await;
    let findings: Vec<Value> = findings.iter().map(crate::doctor::as_json).collect();
    answer(Ok(json!({"findings": findings})))
}

fn form(new: NewOwner) -> ops::SetupForm {
    ops::SetupForm { name: new.name, email: new.email, password: new.password }
}

fn answer(result: Result<Value, Error>) -> Answer {
    match result {
        Ok(value) => (StatusCode::OK, Json(value)),
        Err(Error::Invalid { fields }) => {
            let faults: Vec<String> = fields.into_iter().map(|(field, why)| format!("{field}: {why}")).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"message": faults.join("\n")})))
        }
        Err(why) => (StatusCode::CONFLICT, Json(json!({"message": format!("{why}. {}", why.hint())}))),
    }
}

/// Asks the Wharf that runs on a data folder.
///
/// # Errors
/// None runs there, this user may not ask it, or it refused, in its own words.
pub(crate) async fn ask(data: &Path, path: &str, body: &impl Serialize) -> anyhow::Result<Value> {
    let socket = socket_of(data);
    let stream = UnixStream::connect(&socket)
        .await
        .with_context(|| format!("no Wharf answers on {}: start it with wharf up, name its folder with --data, or run this as its user", socket.display()))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let body = Full::new(bytes::Bytes::from(serde_json::to_vec(body)?));
    let request = hyper::Request::post(path).header("host", "wharf").header("content-type", "application/json").body(body)?;
    let answer = sender.send_request(request).await?;
    let succeeded = answer.status().is_success();
    let value: Value = serde_json::from_slice(&answer.into_body().collect().await?.to_bytes()).unwrap_or_default();
    anyhow::ensure!(succeeded, "{}", value["message"].as_str().unwrap_or("Wharf refused"));
    Ok(value)
}
