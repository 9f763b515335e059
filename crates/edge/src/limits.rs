//! What the edge puts up with, and for how long.

use std::time::Duration;

/// Longest request head, in bytes; beyond it 431. Heads have at most 100 headers, hyper's own limit.
pub(crate) const HEAD_LIMIT_BYTES: usize = 64 * 1024;
/// Streams of one HTTP/2 connection that are open at a time.
pub(crate) const STREAMS_LIMIT: u32 = 250;
/// Longest TLS handshake.
pub(crate) const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// How long an upstream that refused a connection is asked last.
pub(crate) const AVOID_UPSTREAM: Duration = Duration::from_secs(1);
/// Idle connections kept per upstream.
pub(crate) const POOL_LIMIT: usize = 256;
/// How long an idle connection to an upstream is kept.
pub(crate) const POOL_IDLE: Duration = Duration::from_secs(60);
/// A request that cannot be sent twice only takes a pooled connection that was idle for less: most servers close theirs after 5 s or more.
pub(crate) const POOL_FRESH: Duration = Duration::from_secs(1);
/// How much of a body is kept in memory, in bytes, to send it again where a pooled connection turns out to be closed.
pub(crate) const KEPT_LIMIT_BYTES: usize = 64 * 1024;
/// Attempts to reach an upstream for one request.
pub(crate) const ATTEMPTS_LIMIT: usize = 4;
/// How long a container may be silent before the head of its answer: as patient as the slowest report, and no connection is held for ever.
const ANSWER_LIMIT: Duration = Duration::from_secs(10 * 60);
/// Largest body of a request to the control socket, in bytes.
pub(crate) const CONTROL_BODY_LIMIT_BYTES: usize = 64 * 1024 * 1024;

/// The limits a test may want shorter.
#[derive(Debug, Clone)]
pub struct Limits {
    /// From a visitor's first byte of a request to the end of its head.
    pub header_read: Duration,
    /// How long a visitor's connection may stay open without a request.
    pub idle: Duration,
    /// How long a request waits on a route that holds; then 503.
    pub hold: Duration,
    /// How many requests wait at a time; beyond it 503.
    pub held: usize,
    /// Connecting to an upstream.
    pub connect: Duration,
    /// How long a container may be silent, having the request, before the head of its answer; then 504. The body may take as long as it likes.
    pub answer: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_read: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            hold: Duration::from_secs(60),
            held: 1000,
            connect: Duration::from_secs(3),
            answer: ANSWER_LIMIT,
        }
    }
}
