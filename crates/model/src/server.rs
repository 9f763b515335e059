//! Servers and the destinations on them.

use crate::{DestinationId, Host, Name, ServerId, TeamId};

/// A machine with an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its id.
    pub id: ServerId,
    /// Whose it is.
    pub team: TeamId,
    /// Its name; `localhost` is the machine Wharf runs on.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// The address people and servers reach it by.
    pub address: String,
    /// Applications get `<slug>.<wildcard>` as their first domain.
    pub wildcard: Host,
}

/// A network of a server, where resources run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Its id.
    pub id: DestinationId,
    /// The server.
    pub server: ServerId,
    /// Whose it is.
    pub team: TeamId,
    /// Its name.
    pub name: Name,
    /// The engine's name of the network.
    pub network: String,
}
