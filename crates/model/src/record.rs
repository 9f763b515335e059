//! What is kept of everything beside what it says.

use jiff::Timestamp;

/// The number of a thing and its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// Its number among its kind, by which Coolify's API also names it. No other one ever gets it.
    pub number: i64,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub updated: Timestamp,
}
