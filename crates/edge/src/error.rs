//! What can go wrong with the edge itself; what goes wrong with a request is answered to the visitor.

use std::{io, net::SocketAddr, path::PathBuf};

/// Why the edge does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another program has the port.
    #[error(
        "port {port} is in use, so the edge cannot listen on {address}. `ss -ltnp 'sport = :{port}'` names the program that has it: stop it, or choose another port"
    )]
    PortInUse {
        /// The port.
        port: u16,
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {address}: {source}. Ports below 1024 need root or CAP_NET_BIND_SERVICE, and the address must be one of this machine")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A file or socket of the state folder.
    #[error("cannot {act} {}: {source}", path.display())]
    State {
        /// What was tried.
        act: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the state folder that does not read.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// How.
        why: String,
    },
    /// A certificate that cannot be used.
    #[error("the certificate for {hosts} cannot be used: {why}")]
    Certificate {
        /// Its hosts.
        hosts: String,
        /// What is wrong with it.
        why: String,
    },
    /// TLS could not be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}
