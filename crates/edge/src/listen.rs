//! Sockets that the edge listens on.

use crate::Error;
use rustix::net::sockopt;
use std::{
    fs, io,
    net::SocketAddr,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::PermissionsExt,
    },
    path::Path,
    time::Duration,
};
use tokio::net::{TcpListener, UnixListener};

/// After so long without a byte the other side is asked whether it is still there; three times, then the connection ends. Without it a phone that went out of
/// reach would hold its websocket, and the container behind it, for ever.
const PROBE_AFTER: Duration = Duration::from_secs(60);
const PROBE_EVERY: Duration = Duration::from_secs(20);
const PROBES: u32 = 3;

/// Listens on an address.
pub(crate) async fn tcp(address: SocketAddr) -> Result<TcpListener, Error> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => Error::PortInUse { port: address.port(), address },
        _ => Error::Listen { address, source },
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    // Accepted connections inherit both.
    tune(&listener).map_err(failed)?;
    Ok(listener)
}

/// Has a connection send at once, and end when the other side has gone without a word.
pub(crate) fn tune(socket: impl AsFd) -> io::Result<()> {
    sockopt::set_tcp_nodelay(&socket, true)?;
    sockopt::set_socket_keepalive(&socket, true)?;
    sockopt::set_tcp_keepidle(&socket, PROBE_AFTER)?;
    sockopt::set_tcp_keepintvl(&socket, PROBE_EVERY)?;
    Ok(sockopt::set_tcp_keepcnt(&socket, PROBES)?)
}

/// A listening socket that came from a predecessor.
pub(crate) fn received(socket: OwnedFd) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::from(socket);
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// Listens on a socket file that only its owner may open, in place of whatever file is there.
pub(crate) fn unix(path: &Path) -> Result<UnixListener, Error> {
    let failed = |source| Error::State { act: "listen on", path: path.to_owned(), source };
    let beside = path.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let listener = UnixListener::bind(&beside).map_err(failed)?;
    fs::set_permissions(&beside, fs::Permissions::from_mode(0o600)).map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)?;
    Ok(listener)
}
