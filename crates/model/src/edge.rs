//! What Wharf and its edge say to each other over the edge's control socket: JSON over HTTP/1.1 on a unix socket in the edge's state folder.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `PUT /table` | [`RouteTable`](crate::RouteTable) | 200 [`Acknowledged`] once every new request sees the table; 409 [`Acknowledged`] where the edge has a newer one |
//! | `GET /table` | | the table |
//! | `GET /status` | | [`EdgeStatus`] |
//! | `PUT /certificates` | list of [`Certificate`] | 200 |

use crate::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// File name of the control socket in the state folder.
pub const CONTROL_SOCKET: &str = "control.sock";
/// File name of the socket over which a successor takes the listening sockets.
pub const HANDOFF_SOCKET: &str = "handoff.sock";
/// File name of the last table, which the edge serves from after a restart.
pub const TABLE_FILE: &str = "table.json";

/// The edge serves this table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Its generation.
    pub generation: u64,
}

/// How the edge is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeStatus {
    /// The version of the binary.
    pub version: String,
    /// Generation of the table it serves.
    pub generation: u64,
    /// Seconds since it started.
    pub uptime_seconds: u64,
    /// When it started: what tells one edge from the one it took over from.
    #[serde(default)]
    pub started: jiff::Timestamp,
    /// The port it listens on for HTTP.
    pub http_port: u16,
    /// The port it listens on for HTTPS.
    pub https_port: u16,
    /// Connections of visitors that are open.
    pub connections: u64,
    /// Requests (upgraded connections too) in flight, by container.
    pub in_flight: BTreeMap<String, u64>,
    /// Requests answered since it started, by container.
    pub requests: BTreeMap<String, u64>,
    /// Requests since it started that no container could be reached for, by container.
    pub failures: BTreeMap<String, u64>,
}

/// A certificate the edge serves by SNI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The hosts it is for; `*.` allowed.
    pub hosts: Vec<String>,
    /// The chain in PEM, leaf first.
    pub chain_pem: String,
    /// The private key in PEM.
    pub key_pem: Secret,
}
