//! Websockets that send and expect the same back.

use super::{EVERY, Outcome, Site, Trouble, after};
use crate::tls;
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{Connector, WebSocketStream, client_async, client_async_tls_with_config};

/// Sends a message every 100 ms for the session's time and expects each back; its time is the slowest echo.
pub(crate) async fn echo(site: &Site, path: &str, session: Duration) -> Outcome {
    let failed = |error: &dyn std::fmt::Display| Trouble::Failed(error.to_string());
    let stream = TcpStream::connect(site.http).await.map_err(|error| failed(&error))?;
    let url = format!("ws://{}:{}{path}", site.host, site.http.port());
    let (socket, _) = client_async(url, stream).await.map_err(|error| failed(&error))?;
    converse(socket, session).await
}

/// The same over TLS.
pub(crate) async fn echo_secure(site: &Site, path: &str, session: Duration) -> Outcome {
    let failed = |error: &dyn std::fmt::Display| Trouble::Failed(error.to_string());
    let address = site.secure()?;
    let connector = Connector::Rustls(Arc::new(tls::trusting().map_err(|error| failed(&error))?));
    let stream = TcpStream::connect(address).await.map_err(|error| failed(&error))?;
    let url = format!("wss://{}:{}{path}", site.host, address.port());
    let (socket, _) = client_async_tls_with_config(url, stream, None, Some(connector)).await.map_err(|error| failed(&error))?;
    converse(socket, session).await
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<S>, session: Duration) -> Outcome {
    let end = after(session);
    let mut slowest = Duration::ZERO;
    let mut ticks = tokio::time::interval(EVERY);
    // Messages that a slow echo kept back are not made up for: the session would last longer than it should.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut number = 0_u64;
    while ticks.tick().await < end {
        number += 1;
        let (sent, text) = (Instant::now(), number.to_string());
        socket.send(Message::text(text.clone())).await.map_err(|error| Trouble::Cut(error.to_string()))?;
        match socket.next().await {
            Some(Ok(Message::Text(back))) if back.as_str() == text => slowest = slowest.max(sent.elapsed()),
            Some(Ok(Message::Close(frame))) => return Err(Trouble::Cut(format!("closed by the server: {frame:?}"))),
            Some(Ok(other)) => return Err(Trouble::Failed(format!("another message came back: {other:?}"))),
            Some(Err(error)) => return Err(Trouble::Cut(error.to_string())),
            None => return Err(Trouble::Cut("the connection ended".to_owned())),
        }
    }
    let _ = socket.close(None).await;
    Ok(Some(slowest))
}
