//! Why a program gave no result.

use std::{io, path::PathBuf, time::Duration};

/// A program could not be run to its end. A program that ends by itself with a failure is no error here: see [`Output::status`](crate::Output).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such program.
    #[error("{program} is not installed on this machine, or not on its PATH: install it")]
    NotFound {
        /// The program.
        program: String,
    },
    /// The program may not be run.
    #[error("{program} cannot be run, permission is denied: check its mode and its owner")]
    Denied {
        /// The program.
        program: String,
    },
    /// The working directory is not there.
    #[error("the directory {} is not there, so {program} cannot run in it", directory.display())]
    NoDirectory {
        /// The program.
        program: String,
        /// The directory.
        directory: PathBuf,
    },
    /// It took longer than it may. It and its children were killed.
    #[error("{program} took longer than {} seconds and was killed", limit.as_secs_f32())]
    Timeout {
        /// The program.
        program: String,
        /// How long it may take.
        limit: Duration,
    },
    /// The machine failed while it ran.
    #[error("{program} could not be run: {source}")]
    Failed {
        /// The program.
        program: String,
        /// What the machine says.
        source: io::Error,
    },
}
