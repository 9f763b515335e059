//! The data plane: listeners, TLS, routing, hold, drain, static sites.
//!
//! [`run`] is the edge of a server. It serves the route table it was last given, takes new ones over a unix socket ([`model::edge`] says how), and hands its
//! listening sockets to its successor, so that neither a deployment nor an upgrade of the edge itself refuses or cuts a request. The life of a request is
//! told by `forward`; who may see which table by `shared`; what two edges say to each other by `handoff`.
//!
//! [`static_site`] serves a folder, for containers made of a built site and this binary.

mod answer;
mod body;
mod check;
mod connection;
mod container;
mod control;
mod direct;
mod edge;
mod error;
mod files;
mod forward;
mod handoff;
mod headers;
mod limits;
mod listen;
mod pool;
mod reply;
mod shared;
mod socket;
pub mod static_site;
mod strict;
mod table;
mod tls;
mod upload;
mod upstream;
mod visitor;

pub use edge::{Edge, EdgeOptions, run};
pub use error::Error;
pub use limits::Limits;
