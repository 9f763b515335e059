//! Pushes the route table to a server's proxy and reads what it says.
//!
//! The proxy is the built-in edge; [`model::edge`] tells what it is asked. Each call opens a connection of its own, so that none outlives an upgrade of the
//! edge, and a call that meets the moment of an upgrade asks again.

mod edge;
mod error;

pub use edge::Edge;
pub use error::Error;
