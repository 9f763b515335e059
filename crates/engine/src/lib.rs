//! Runs plans: queue, journal, recovery, reconcilers.
//!
//! [`Engine::start`] begins everything. A deployment that somebody asked for is a row of the store; the `queue` claims it, `deploy` turns it into a plan,
//! `run` walks the plan's steps and writes each down before and after. Whatever is interrupted is taken up again by the same loop: what follows is asked of
//! [`plan::recover()`] each time. What nobody asks for and must be so all the same is kept so by the reconcilers.
//!
//! The container engine may be away, at the start and at any time: then what is known says since when it is not, and work waits.

mod base;
mod chance;
mod context;
mod deploy;
mod disk;
mod doctor;
mod edge;
mod engine;
mod error;
mod exec;
mod failpoint;
mod link;
mod live;
mod log;
mod logs;
mod look;
mod options;
mod preview;
mod queue;
mod reconcile;
mod routes;
mod run;
mod running;
mod seen;
mod status;
mod step;
mod tasks;

pub use buildpack::Guess;
pub use docker::{Facts, TerminalControl};
pub use doctor::{Checkup, Finding, State, examine};
pub use engine::Engine;
pub use error::Error;
pub use exec::{Pipe, Stats, Terminal};
#[cfg(debug_assertions)]
pub use failpoint::{Hold, Moment};
pub use host::Stream as OutputStream;
pub use logs::{ContainerLine, LogRequest};
pub use look::{ImageLook, Inspection};
pub use options::{BUILDS_AT_ONCE, EngineOptions};
pub use reconcile::{Report, ServerFacts};
pub use status::Status;
