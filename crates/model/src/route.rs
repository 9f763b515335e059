//! Routes: host and path to upstreams. One table per server, computed by Wharf, served by the edge.

use crate::{ApplicationId, Host, PathPrefix};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Everything a server's edge routes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// Grows with each table pushed; an edge refuses an older one.
    pub generation: u64,
    /// The routes, in no particular order: the longest path of the exact host wins, then of the wildcard.
    pub routes: Vec<Route>,
}

/// One route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The application it belongs to.
    pub application: ApplicationId,
    /// The host.
    pub host: Host,
    /// The path below which it matches.
    pub path: PathPrefix,
    /// Whether the path is removed before the upstream sees the request.
    pub strip_prefix: bool,
    /// Whether plain HTTP is redirected to HTTPS.
    pub https_only: bool,
    /// Where requests go.
    pub target: Target,
}

/// Where requests of a route go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "lowercase")]
pub enum Target {
    /// To one of these, the one with the fewest requests in flight. None: 503, "starting or stopped".
    Upstreams {
        /// The containers.
        upstreams: Vec<Upstream>,
    },
    /// Requests wait at the edge, up to its hold limit, until the route has upstreams.
    Hold,
    /// To the same path at another host, with 308.
    Redirect {
        /// That host.
        host: Host,
    },
}

/// A container that serves.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Upstream {
    /// The container's name: what in-flight requests are counted by.
    pub container: String,
    /// Its address on a network the edge reaches, and its port.
    pub address: SocketAddr,
}
