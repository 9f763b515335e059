//! Visitors on a slow line: one whose request takes its time to arrive, and one who reads an answer slowly. Both speak HTTP/1.1 byte by byte, since a client
//! that is made to be fast cannot be made slow.

use super::{EVERY, Outcome, Site, Trouble, after};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, MissedTickBehavior};

/// What the machine keeps for a visitor who does not read: little, so that the server has to wait.
const RECEIVE_BUFFER_BYTES: u32 = 16 * 1024;
const PIECE_BYTES: usize = 64 * 1024;
/// A header that makes a request long enough to be sent in pieces.
const PADDING: &str = "x-slowly: a-line-that-is-sent-in-many-small-pieces-over-a-slow-connection-and-means-nothing\r\n";

/// Sends a request's head in pieces over the session's time; its time is what the answer took from then on.
pub(crate) async fn request(site: &Site, path: &str, session: Duration) -> Outcome {
    let mut line = Line::open(site).await?;
    let head = head(site, path, PADDING);
    let pieces = usize::try_from(session.as_millis() / EVERY.as_millis()).unwrap_or(1).max(1);
    let mut ticks = ticks();
    for piece in head.as_bytes().chunks(head.len().div_ceil(pieces)) {
        ticks.tick().await;
        line.stream.write_all(piece).await.map_err(cut)?;
    }
    let sent = Instant::now();
    let length = line.answer().await?;
    line.read(length).await?;
    Ok(Some(sent.elapsed()))
}

/// Reads an answer in pieces over the session's time; its time is how late its end was.
pub(crate) async fn download(site: &Site, path: &str, session: Duration) -> Outcome {
    let end = after(session);
    let mut line = Line::open(site).await?;
    line.stream.write_all(head(site, path, "").as_bytes()).await.map_err(failed)?;
    let mut left = line.answer().await?;
    let pieces = usize::try_from(session.as_millis() / EVERY.as_millis()).unwrap_or(1).max(1);
    let share = left.div_ceil(pieces).max(1);
    let mut ticks = ticks();
    while left > 0 {
        ticks.tick().await;
        let piece = share.min(left);
        line.read(piece).await?;
        left -= piece;
    }
    Ok(Some(end.elapsed()))
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(EVERY);
    // What a slow server kept back is not made up for: such a visitor would be a fast one.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

fn head(site: &Site, path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: {}:{}\r\nconnection: close\r\n{more}\r\n", site.host, site.http.port())
}

fn failed(error: io::Error) -> Trouble {
    Trouble::Failed(error.to_string())
}

fn cut(error: io::Error) -> Trouble {
    Trouble::Cut(error.to_string())
}

/// A connection, and what came over it and was not used yet.
struct Line {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Line {
    async fn open(site: &Site) -> Result<Self, Trouble> {
        let socket = if site.http.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.map_err(failed)?;
        socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES).map_err(failed)?;
        Ok(Self { stream: socket.connect(site.http).await.map_err(failed)?, unread: Vec::new() })
    }

    /// Reads the head of the answer: how long its body is.
    async fn answer(&mut self) -> Result<usize, Trouble> {
        let end = loop {
            match self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(end) => break end,
                None => self.more().await?,
            }
        };
        let head = String::from_utf8_lossy(&self.unread[..end]).to_ascii_lowercase();
        self.unread.drain(..end + 4);
        let status = head.split(' ').nth(1).unwrap_or_default();
        if status != "200" {
            return Err(Trouble::Failed(format!("status {status}")));
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        length.ok_or_else(|| Trouble::Failed("an answer that does not say how long it is".to_owned()))
    }

    /// Takes so many bytes of the body.
    async fn read(&mut self, bytes: usize) -> Result<(), Trouble> {
        let mut left = bytes;
        loop {
            let taken = left.min(self.unread.len());
            self.unread.drain(..taken);
            left -= taken;
            if left == 0 {
                return Ok(());
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<(), Trouble> {
        let mut piece = vec![0; PIECE_BYTES];
        match self.stream.read(&mut piece).await.map_err(cut)? {
            0 => Err(Trouble::Cut("the connection ended".to_owned())),
            count => {
                self.unread.extend_from_slice(&piece[..count]);
                Ok(())
            }
        }
    }
}
