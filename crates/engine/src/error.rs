//! Why the engine did not do what was asked, by what the caller can do about it.

use jiff::Timestamp;

/// Why the engine did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The container engine is out of reach: nothing is known of what runs there.
    #[error("the container engine has been out of reach since {since}: {why}")]
    Unavailable {
        /// Since when.
        since: Timestamp,
        /// Why, and what to do.
        why: String,
    },
    /// The container engine refused.
    #[error(transparent)]
    Docker(docker::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The source could not be read.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// The tree cannot be built.
    #[error(transparent)]
    Recipe(#[from] buildpack::Error),
    /// There is no plan.
    #[error(transparent)]
    Plan(#[from] plan::Error),
    /// The edge did not do what it was asked.
    #[error(transparent)]
    Edge(#[from] proxy::Error),
    /// A file of the data folder cannot be used.
    #[error("{what} cannot be used: {source}")]
    File {
        /// Which.
        what: String,
        /// What the machine says.
        source: std::io::Error,
    },
    /// A step's own verdict, as people read it.
    #[error("{0}")]
    Failed(String),
    /// A person asked to cancel.
    #[error("it was cancelled")]
    Cancelled,
    /// What was asked of a container needs one that runs.
    #[error("{0}")]
    NotRunning(String),
}

impl Error {
    /// Whether nothing is wrong but the engine's absence: what was begun can be taken up again.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Docker(docker::Error::Unavailable { .. }))
    }

    /// A failure told as it is.
    pub(crate) fn failed(sentence: impl Into<String>) -> Self {
        Self::Failed(sentence.into())
    }
}

impl From<docker::Error> for Error {
    fn from(error: docker::Error) -> Self {
        Self::Docker(error)
    }
}
