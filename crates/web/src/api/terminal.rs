//! Programs in an application's container, over a WebSocket.
//!
//! Binary frames are bytes both ways; without a terminal, those from here begin with a byte that names their stream: 1 is stdout, 2 stderr. Text frames are
//! JSON: `{"exit": code}` and `{"error": sentence}` from here; `{"resize": {"rows", "columns"}}` and `{"end": true}`, where no more comes, from there.

use super::{Api, body::Path, door::Caller, refusal::Refusal, view};
use axum::{
    body::Bytes,
    extract::{
        FromRequestParts, RawQuery, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{StatusCode, request::Parts},
    response::Response,
};
use futures_util::{SinkExt, StreamExt};
use model::ApplicationId;
use ops::{Error, Ops, OutputStream, Pipe, Scope, Terminal, TerminalControl, error::known};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Largest message that is taken, in bytes.
const MESSAGE_LENGTH_BYTES: usize = 64 * 1024;
/// How long the other side may take to hang up.
const LAST_WAIT: Duration = Duration::from_secs(5);
const ROWS: u16 = 24;
const COLUMNS: u16 = 80;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(terminal))
}

/// A request that can become a WebSocket.
struct Upgrade(WebSocketUpgrade);

impl<S: Send + Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await;
        upgrade.map(Self).map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "A terminal is a WebSocket: ask for an upgrade."))
    }
}

/// What is to run.
struct Asked {
    argv: Vec<String>,
    container: Option<String>,
    tty: bool,
    size: (u16, u16),
}

fn asked(query: &str) -> Asked {
    let mut asked = Asked { argv: Vec::new(), container: None, tty: false, size: (ROWS, COLUMNS) };
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "command" => asked.argv.push(value.into_owned()),
            "container" => asked.container = Some(value.into_owned()),
            "tty" => asked.tty = value == "true",
            "rows" => asked.size.0 = value.parse().unwrap_or(ROWS),
            "columns" => asked.size.1 = value.parse().unwrap_or(COLUMNS),
            _ => {}
        }
    }
    asked
}

/// Run a program in a container of an application, or a shell where none is named
#[utoipa::path(get, path = "/applications/{uuid}/terminal", tag = "Applications", operation_id = "open-terminal-by-application-uuid",
    security(("bearer" = ["root"])), params(view::ByUuid, view::TerminalQuery), responses(
        (status = 101, description = "The connection is a WebSocket from here on."), (status = 400, description = "It is no WebSocket.", body = view::Message)))]
async fn terminal(
    State(api): State<Api>,
    Caller(scope): Caller,
    Path(uuid): Path<String>,
    RawQuery(query): RawQuery,
    upgrade: Result<Upgrade, Refusal>,
) -> Result<Response, Refusal> {
    let id: ApplicationId = known("application", &uuid)?;
    api.ops.application_fetch(&scope, id.clone()).await?;
    let asked = asked(query.as_deref().unwrap_or_default());
    let upgrade = upgrade?.0.max_message_size(MESSAGE_LENGTH_BYTES).max_frame_size(MESSAGE_LENGTH_BYTES);
    Ok(upgrade.on_upgrade(move |socket| serve(socket, api.ops, scope, id, asked)))
}

async fn serve(mut socket: WebSocket, ops: Ops, scope: Scope, id: ApplicationId, asked: Asked) {
    let container = asked.container.as_deref();
    let (rows, columns) = asked.size;
    let last = if asked.argv.is_empty() {
        carry(&mut socket, ops.container_terminal(&scope, id, container, rows, columns).await).await
    } else if asked.tty {
        carry(&mut socket, ops.container_program(&scope, id, container, &asked.argv, asked.size).await).await
    } else {
        match ops.container_pipe(&scope, id, container, &asked.argv).await {
            Ok(pipe) => pass_through(&mut socket, pipe).await,
            Err(why) => json!({"error": why.to_string()}),
        }
    };
    // Who hung up cannot be told anything.
    let _ = socket.send(Message::Text(last.to_string().into())).await;
    let _ = socket.send(Message::Close(None)).await;
    // What is still on its way here is read: a connection closed over it is reset, and the other side loses the end.
    let rest = async { while let Some(Ok(_)) = socket.recv().await {} };
    let _ = tokio::time::timeout(LAST_WAIT, rest).await;
}

async fn carry(socket: &mut WebSocket, opened: Result<Terminal, Error>) -> Value {
    match opened {
        Ok(terminal) => pass(socket, terminal).await,
        Err(why) => json!({"error": why.to_string()}),
    }
}

/// Passes input and output of a program without a terminal, each as fast as the other side takes it, and says how it ended.
async fn pass_through(socket: &mut WebSocket, pipe: Pipe) -> Value {
    let Pipe { mut input, mut output, control } = pipe;
    let (mut to, mut from) = socket.split();
    let fed = async {
        while let Some(Ok(message)) = from.next().await {
            // A program that reads no more does not mind, and may still have something to say.
            match message {
                Message::Binary(bytes) => drop(fed_in(&mut input, &bytes).await),
                Message::Text(text) if is_end(&text) => drop(input.shutdown().await),
                Message::Close(_) => break,
                Message::Text(_) | Message::Ping(_) | Message::Pong(_) => {}
            }
        }
    };
    let shown = async {
        while let Some(said) = output.next().await {
            match said {
                Ok((stream, bytes)) => to.send(Message::Binary(framed(stream, &bytes))).await.ok()?,
                Err(why) => return Some(json!({"error": why.to_string()})),
            }
        }
        Some(ended(&control).await)
    };
    let last = tokio::select! {
        last = shown => last,
        () = fed => None,
    };
    if last.is_none() {
        // Nobody is left to be told; what runs is ended all the same.
        let _ = control.hang_up().await;
    }
    last.unwrap_or_default()
}

fn framed(stream: OutputStream, bytes: &[u8]) -> Bytes {
    let number = match stream {
        OutputStream::Stdout => 1,
        OutputStream::Stderr => 2,
    };
    [&[number], bytes].concat().into()
}

fn is_end(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|said| said["end"] == true)
}

async fn fed_in(input: &mut (impl AsyncWriteExt + Unpin), bytes: &[u8]) -> std::io::Result<()> {
    input.write_all(bytes).await?;
    input.flush().await
}

/// Passes bytes both ways until one side ends, and says how it ended.
async fn pass(socket: &mut WebSocket, mut terminal: Terminal) -> Value {
    loop {
        tokio::select! {
            shown = terminal.output.next() => match shown {
                Some(Ok(bytes)) => if socket.send(Message::Binary(bytes)).await.is_err() { break },
                Some(Err(why)) => return json!({"error": why.to_string()}),
                None => return ended(&terminal.control).await,
            },
            typed = socket.recv() => match typed {
                Some(Ok(Message::Binary(bytes))) => if fed_in(&mut terminal.input, &bytes).await.is_err() { return ended(&terminal.control).await },
                Some(Ok(Message::Text(text))) => told(&mut terminal, &text).await,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            },
        }
    }
    // Nobody is left to be told; what runs is ended all the same.
    let _ = terminal.control.hang_up().await;
    Value::Null
}

async fn ended(control: &TerminalControl) -> Value {
    match control.exit_code().await {
        Ok(code) => json!({"exit": code}),
        Err(why) => json!({"error": why.to_string()}),
    }
}

/// What the other side says beside what is typed. What is not understood is not minded.
async fn told(terminal: &mut Terminal, text: &str) {
    let said: Value = serde_json::from_str(text).unwrap_or_default();
    let size = |name: &str| said["resize"][name].as_u64().and_then(|number| u16::try_from(number).ok());
    if let (Some(rows), Some(columns)) = (size("rows"), size("columns")) {
        // A size that cannot be set leaves the one that was.
        let _ = terminal.control.resize(rows, columns).await;
    }
    if is_end(text) {
        // A program that has ended does not mind.
        let _ = terminal.input.shutdown().await;
    }
}
