//! Sockets that the edge listens on.

use crate::Error;
use std::{
    fs, io,
    net::SocketAddr,
    os::{fd::OwnedFd, unix::fs::PermissionsExt},
    path::Path,
};
use tokio::net::{TcpListener, UnixListener};

/// Listens on an address.
pub(crate) async fn tcp(address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => Error::PortInUse { port: address.port(), address },
        _ => Error::Listen { address, source },
    })
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
