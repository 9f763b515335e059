//! Why the edge did not do what it was asked.

use std::{path::PathBuf, time::Duration};

/// Why the edge did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No edge listens: start one, or wait for it.
    #[error("the edge cannot be reached at {}: {why}", socket.display())]
    Unreachable {
        /// Its control socket.
        socket: PathBuf,
        /// What happened.
        why: String,
    },
    /// The edge serves a newer table: compute the table again.
    #[error("the edge serves a newer table (generation {generation})")]
    Newer {
        /// That table's generation.
        generation: u64,
    },
    /// The edge does not take what it was given.
    #[error("the edge refuses it: {why}")]
    Rejected {
        /// Its own words.
        why: String,
    },
    /// The edge did not answer in time; it may or may not have done it. Asking again is safe.
    #[error("the edge did not answer within {} s", after.as_secs())]
    Timeout {
        /// How long it was waited for.
        after: Duration,
    },
}
