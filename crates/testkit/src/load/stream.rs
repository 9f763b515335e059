//! Websockets that send and expect the same back.

use super::{Aim, Outcome, Trouble, after};
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_tungstenite::tungstenite::Message;

const MESSAGE_EVERY: Duration = Duration::from_millis(100);

/// Sends a message every 100 ms for the session's time and expects each back; its time is the slowest echo.
pub(crate) async fn echo(aim: &Aim, path: &str, session: Duration) -> Outcome {
    let end = after(session);
    let stream = TcpStream::connect(aim.address).await.map_err(|error| Trouble::Failed(error.to_string()))?;
    let url = format!("ws://{}:{}{path}", aim.host, aim.address.port());
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.map_err(|error| Trouble::Failed(error.to_string()))?;
    let mut slowest = Duration::ZERO;
    let mut ticks = tokio::time::interval(MESSAGE_EVERY);
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
