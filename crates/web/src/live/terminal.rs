//! A terminal in a container over a WebSocket: bytes both ways; a text message tells the size.

use crate::{
    App,
    error::{Answer, Failure},
    security,
    session::Session,
};
use axum::{
    extract::{
        Path, Query, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::HeaderMap,
    response::IntoResponse,
};
use futures_util::{SinkExt, StreamExt};
use model::ApplicationId;
use ops::{Terminal, TerminalControl};
use std::collections::HashMap;
use tokio::io::AsyncWriteExt;

/// Largest message that is taken, in bytes: what can be pasted at once.
const MESSAGE_LENGTH_BYTES: usize = 1024 * 1024;
/// The size until the browser says its own.
const ROWS: u16 = 24;
const COLUMNS: u16 = 80;
/// Bytes of a close reason that the protocol allows.
const REASON_LENGTH_BYTES: usize = 120;

/// `GET /applications/{id}/terminal/socket`: from our own pages only.
pub async fn socket(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    app.ops.application_fetch(&session.scope, id.clone()).await?;
    let upgrade = match upgrade {
        Ok(upgrade) if security::same_origin(&headers) => upgrade,
        Ok(_) => return Err(Failure(ops::Error::Forbidden { needs: ops::Needs::Person })),
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let container = query.get("container").filter(|name| !name.is_empty()).cloned();
    let size = |name: &str, usual| query.get(name).and_then(|number| number.parse().ok()).unwrap_or(usual);
    let (rows, columns) = (size("rows", ROWS), size("columns", COLUMNS));
    let opened = app.ops.container_terminal(&session.scope, id, container.as_deref(), rows, columns).await;
    Ok(upgrade.max_message_size(MESSAGE_LENGTH_BYTES).on_upgrade(move |socket| async move {
        match opened {
            Ok(terminal) => carry(socket, terminal).await,
            Err(error) => close(socket, &error.to_string()).await,
        }
    }))
}

/// Takes `{"columns":80,"rows":24}`; anything else is left alone.
async fn resize(control: &TerminalControl, text: &str) {
    #[derive(serde::Deserialize)]
    struct Size {
        columns: u16,
        rows: u16,
    }
    if let Ok(size) = serde_json::from_str::<Size>(text) {
        // A program that has ended does not mind.
        let _ = control.resize(size.rows.clamp(1, 1000), size.columns.clamp(1, 1000)).await;
    }
}

async fn close(mut socket: WebSocket, why: &str) {
    let reason: String = why
        .chars()
        .scan(0, |length, c| {
            *length += c.len_utf8();
            (*length <= REASON_LENGTH_BYTES).then_some(c)
        })
        .collect();
    let _ = socket.send(Message::Close(Some(CloseFrame { code: 1011, reason: reason.into() }))).await;
}

/// Carries bytes until either side ends.
async fn carry(socket: WebSocket, mut terminal: Terminal) {
    let (mut to_browser, mut from_browser) = socket.split();
    loop {
        tokio::select! {
            shown = terminal.output.next() => match shown {
                Some(Ok(bytes)) => if to_browser.send(Message::Binary(bytes)).await.is_err() { return },
                _ => {
                    let _ = to_browser.send(Message::Close(Some(CloseFrame { code: 1000, reason: "The program ended".into() }))).await;
                    return;
                }
            },
            typed = from_browser.next() => match typed {
                Some(Ok(Message::Binary(bytes))) => if terminal.input.write_all(&bytes).await.is_err() || terminal.input.flush().await.is_err() { return },
                Some(Ok(Message::Text(size))) => resize(&terminal.control, &size).await,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return,
            },
        }
    }
}
