//! One edge takes over from another without refusing or cutting a connection.
//!
//! The successor connects to the predecessor's handoff socket and gets both listening sockets. It accepts on them, then says so; only then does the
//! predecessor stop accepting. The line between them stays open while the predecessor drains: it tells what it has in flight, so that the successor's
//! status counts all requests, and takes over the successor's tables, so that requests on its old connections are routed by the newest one.

use crate::{
    listen,
    shared::{Draining, Reload, Shared},
    visitor::Phase,
};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use serde::{Deserialize, Serialize};
use std::{
    collections::VecDeque,
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, OwnedFd},
    path::Path,
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Interest, Lines},
    net::{
        TcpListener, UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    time::{interval, timeout},
};

/// How long either side waits for the other's next word before the handoff is given up.
const WORD_LIMIT: Duration = Duration::from_secs(5);
/// How often a predecessor looks whether what it has in flight has changed.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// What a successor says, a line each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Successor {
    /// It accepts connections.
    Serving,
    /// A new table is saved: show it.
    Reload,
}

/// What a predecessor says, a line each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Predecessor {
    /// What it has in flight.
    Draining(Draining),
    /// It shows the new table; what it has in flight since.
    Reloaded(Draining),
}

/// Both ends of a line, by line.
struct Line {
    lines: Lines<BufReader<OwnedReadHalf>>,
    writer: OwnedWriteHalf,
}

impl Line {
    fn over(stream: UnixStream) -> Self {
        let (reader, writer) = stream.into_split();
        Self { lines: BufReader::new(reader).lines(), writer }
    }

    async fn say(&mut self, word: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(word)?;
        line.push(b'\n');
        self.writer.write_all(&line).await
    }

    /// The next word; `None` when the other has gone. May be given up at any time.
    async fn hear<T: for<'a> Deserialize<'a>>(&mut self) -> io::Result<Option<T>> {
        let line = self.lines.next_line().await?;
        line.map(|line| serde_json::from_str(&line).map_err(io::Error::from)).transpose()
    }
}

/// A predecessor that has given its sockets and still accepts.
pub(crate) struct Takeover {
    /// The listening sockets for HTTP and HTTPS.
    pub(crate) sockets: (TcpListener, TcpListener),
    /// The line to it.
    pub(crate) stream: UnixStream,
}

/// Asks a predecessor for its sockets; `None` where there is none.
pub(crate) async fn ask(socket: &Path) -> io::Result<Option<Takeover>> {
    let stream = match UnixStream::connect(socket).await {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => return Ok(None),
        Err(error) => return Err(error),
    };
    let received = stream.async_io(Interest::READABLE, || receive(&stream));
    let sockets = timeout(WORD_LIMIT, received).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    match <[OwnedFd; 2]>::try_from(sockets) {
        Ok([http, https]) => Ok(Some(Takeover { sockets: (listen::received(http)?, listen::received(https)?), stream })),
        Err(_) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the running edge did not give its sockets")),
    }
}

/// Tells the predecessor that this edge accepts, and follows it until it has gone. Returns once its first report is in.
pub(crate) async fn follow(stream: UnixStream, shared: &Arc<Shared>) -> io::Result<()> {
    let mut line = Line::over(stream);
    line.say(&Successor::Serving).await?;
    let first = timeout(WORD_LIMIT, line.hear()).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let Some(Predecessor::Draining(first) | Predecessor::Reloaded(first)) = first else { return Ok(()) };
    let (reload, reloads) = mpsc::channel(16);
    shared.predecessor.join(first, reload);
    let shared = shared.clone();
    tokio::spawn(async move {
        if let Err(error) = listen_to(&mut line, reloads, &shared).await {
            tracing::warn!(%error, "the line to the edge before this one broke off");
        }
        shared.predecessor.left();
    });
    Ok(())
}

async fn listen_to(line: &mut Line, mut reloads: mpsc::Receiver<Reload>, shared: &Shared) -> io::Result<()> {
    let mut waiting = VecDeque::new();
    loop {
        tokio::select! {
            word = line.hear() => match word? {
                None => return Ok(()),
                Some(Predecessor::Draining(draining)) => shared.predecessor.note(draining),
                Some(Predecessor::Reloaded(draining)) => {
                    shared.predecessor.note(draining);
                    waiting.pop_front().map(|reload: Reload| reload.send(()));
                }
            },
            Some(reload) = reloads.recv() => {
                waiting.push_back(reload);
                line.say(&Successor::Reload).await?;
            }
        }
    }
}

/// Waits for successors, and gives the sockets to the first that serves. Returns when this edge leaves.
pub(crate) async fn offer(shared: Arc<Shared>, listener: UnixListener, sockets: Arc<(TcpListener, TcpListener)>) {
    while shared.life.phase() == Phase::Open {
        let stream = tokio::select! {
            () = shared.life.reached(Phase::HandedOver) => return,
            accepted = listener.accept() => accepted,
        };
        let outcome = match stream {
            Ok((stream, _)) => give(&shared, stream, &sockets).await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "a successor did not take over; this edge goes on");
        }
    }
}

/// Gives the sockets to a successor. No table is taken from here on, unless it fails to serve.
async fn give(shared: &Arc<Shared>, stream: UnixStream, sockets: &(TcpListener, TcpListener)) -> io::Result<()> {
    let mut handed_over = shared.writer.lock().await;
    stream.async_io(Interest::WRITABLE, || send(&stream, sockets)).await?;
    let mut line = Line::over(stream);
    let word = timeout(WORD_LIMIT, line.hear()).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let Some(Successor::Serving) = word else { return Err(io::Error::from(io::ErrorKind::UnexpectedEof)) };
    *handed_over = true;
    drop(handed_over);
    shared.life.enter(Phase::HandedOver);
    line.say(&Predecessor::Draining(shared.open())).await?;
    let shared = shared.clone();
    tokio::spawn(async move {
        if let Err(error) = report(&mut line, &shared).await {
            tracing::warn!(%error, "the line to the edge after this one broke off");
        }
    });
    Ok(())
}

/// Tells the successor what is in flight, and shows the tables it takes, until this edge has gone.
async fn report(line: &mut Line, shared: &Shared) -> io::Result<()> {
    let mut told = Draining::default();
    let mut tick = interval(REPORT_EVERY);
    loop {
        tokio::select! {
            () = shared.life.reached(Phase::Cut) => return Ok(()),
            word = line.hear() => match word? {
                None => return Ok(()),
                Some(Successor::Serving) => {}
                Some(Successor::Reload) => {
                    shared.reload().await.map_err(io::Error::other)?;
                    line.say(&Predecessor::Reloaded(shared.open())).await?;
                }
            },
            _ = tick.tick() => {
                let open = shared.open();
                if open != told {
                    line.say(&Predecessor::Draining(open.clone())).await?;
                    told = open;
                }
            }
        }
    }
}

fn send(stream: &UnixStream, sockets: &(TcpListener, TcpListener)) -> io::Result<()> {
    let descriptors = [sockets.0.as_fd(), sockets.1.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut message = SendAncillaryBuffer::new(&mut space);
    message.push(SendAncillaryMessage::ScmRights(&descriptors));
    rustix::net::sendmsg(stream, &[IoSlice::new(b"s")], &mut message, SendFlags::empty())?;
    Ok(())
}

fn receive(stream: &UnixStream) -> io::Result<Vec<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut message = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    rustix::net::recvmsg(stream, &mut [IoSliceMut::new(&mut byte)], &mut message, RecvFlags::CMSG_CLOEXEC)?;
    let rights = message.drain().filter_map(|part| match part {
        RecvAncillaryMessage::ScmRights(sockets) => Some(sockets),
        _ => None,
    });
    Ok(rights.flatten().collect())
}
