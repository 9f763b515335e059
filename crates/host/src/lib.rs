//! A machine: programs run by argv, never through a shell.
//!
//! [`Command`] is the one door to other programs. It runs them with an environment of its own, in a process group of their own, for a limited time and with
//! a limit on what is kept of their output.

mod command;
mod error;
mod group;
mod lines;

pub use command::{Command, INHERITED, OUTPUT_LENGTH_BYTES, Output, Stream, TIMEOUT};
pub use error::Error;
pub use lines::{LINE_LENGTH_BYTES, LineSplitter};
