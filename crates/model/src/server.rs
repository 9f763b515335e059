//! Servers.

use crate::{Host, Name, Record, ServerId, TeamId};

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
    /// Its number and times.
    pub record: Record,
}
