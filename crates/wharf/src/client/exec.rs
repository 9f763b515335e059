//! A command in a container, with the terminal passed through where there is one, else standard input, output and error, byte for byte.
//!
//! The API's terminal speaks WebSocket: binary frames are bytes both ways, without a terminal those from there behind a byte that names their stream; text
//! frames are JSON, `{"end": true}` from here, `{"exit": code}` or `{"error": sentence}` from there.

use super::api::{Api, Login};
use anyhow::Context;
use clap::Args;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

/// Input that is sent at a time, in bytes.
const INPUT_LENGTH_BYTES: usize = 8192;
/// The byte before what the command wrote to standard error.
const STDERR: u8 = 2;

/// `wharf exec`.
#[derive(Debug, Args)]
pub(crate) struct Exec {
    /// Name or uuid of the application
    app: String,
    /// The command and its arguments, after --
    #[arg(required = true, last = true, value_name = "CMD")]
    command: Vec<String>,
}

/// Carries out `wharf exec` and ends with the command's own code.
pub(super) async fn run(exec: Exec) -> anyhow::Result<ExitCode> {
    let api = Api::signed_in()?;
    let app = api.app(&exec.app).await?;
    let has_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let request = request(&api.login, &app.uuid, &exec.command, has_terminal)?;
    let (socket, _) = tokio_tungstenite::connect_async(request)
        .await
        .context("the container cannot be reached: is the application running, and may your token use terminals?")?;
    let (mut to, mut from) = socket.split();
    let raw = has_terminal.then(RawTerminal::enter);
    let input = tokio::spawn(async move {
        let mut stdin = tokio::io::stdin();
        let mut buffer = vec![0; INPUT_LENGTH_BYTES];
        // What cannot be read has ended.
        while let read @ 1.. = stdin.read(&mut buffer).await.unwrap_or_default() {
            if to.send(Message::binary(buffer[..read].to_vec())).await.is_err() {
                return to;
            }
        }
        // Where the other side is gone, that is told by its output's end.
        let _ = to.send(Message::text(json!({"end": true}).to_string())).await;
        to
    });
    let code = output(&mut from, has_terminal).await;
    input.abort();
    drop(raw);
    code
}

fn request(login: &Login, uuid: &str, command: &[String], has_terminal: bool) -> anyhow::Result<tokio_tungstenite::tungstenite::handshake::client::Request> {
    let mut url = url::Url::parse(&format!("{}/api/v1/applications/{uuid}/terminal", login.url))?;
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    url.set_scheme(scheme).map_err(|()| anyhow::anyhow!("{} is no address of a Wharf", login.url))?;
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok().filter(|size| size.ws_row > 0);
    {
        let mut query = url.query_pairs_mut();
        for word in command {
            query.append_pair("command", word);
        }
        query.append_pair("tty", if has_terminal { "true" } else { "false" });
        if let Some(size) = size {
            query.append_pair("rows", &size.ws_row.to_string()).append_pair("columns", &size.ws_col.to_string());
        }
    }
    let mut request = url.as_str().into_client_request()?;
    request.headers_mut().insert("authorization", format!("Bearer {}", login.token).parse()?);
    Ok(request)
}

async fn output(
    from: &mut (impl StreamExt<Item = Result<Message, tokio_tungstenite::tungstenite::Error>> + Unpin),
    has_terminal: bool,
) -> anyhow::Result<ExitCode> {
    while let Some(message) = from.next().await {
        match message? {
            Message::Binary(bytes) if has_terminal => print(std::io::stdout(), &bytes)?,
            Message::Binary(bytes) => match bytes.split_first() {
                Some((&STDERR, said)) => print(std::io::stderr(), said)?,
                Some((_, said)) => print(std::io::stdout(), said)?,
                None => {}
            },
            Message::Text(text) => {
                let said: Value = serde_json::from_str(&text).unwrap_or_default();
                if let Some(code) = said["exit"].as_i64() {
                    return Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)));
                }
                if let Some(error) = said["error"].as_str() {
                    anyhow::bail!("{error}");
                }
            }
            Message::Close(_) => break,
            _ => {}
        }
    }
    anyhow::bail!("the connection ended before the command did")
}

fn print(mut to: impl Write, bytes: &[u8]) -> std::io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}

/// The terminal in raw mode, as long as this lives.
struct RawTerminal(Option<rustix::termios::Termios>);

impl RawTerminal {
    fn enter() -> Self {
        let stdin = std::io::stdin();
        let Some(before) = stdin.is_terminal().then(|| rustix::termios::tcgetattr(&stdin).ok()).flatten() else { return Self(None) };
        let mut raw = before.clone();
        raw.make_raw();
        let entered = rustix::termios::tcsetattr(&stdin, rustix::termios::OptionalActions::Now, &raw).is_ok();
        Self(entered.then_some(before))
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // Nothing can be done for a terminal that does not take its own settings back.
            let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, before);
        }
    }
}
