//! The container engine, narrowed to our verbs, and the label schema.
//!
//! Everything made here carries `wharf.instance`. Every list filters by it, and every verb that changes something proves it first: what has no label of
//! this instance is neither seen nor touched.

mod build;
mod container;
mod edge;
mod engine;
mod error;
mod event;
mod exec;
mod image;
mod labels;
mod log;
mod network;
mod observe;
mod owned;
mod progress;
mod registry;
mod retire;
mod session;
mod stats;
mod subnet;
mod terminal;
mod volume;
mod wire;

pub use build::BuildRequest;
pub use container::{ContainerMount, ContainerSpec, FileToPut};
pub use edge::{EdgeContainer, EdgeSpec};
pub use engine::{Engine, Facts, MINIMUM_API};
pub use error::Error;
pub use event::{EngineEvent, EventKind};
pub use host::Stream;
pub use image::{Credential, ImageFacts, ImportOptions};
pub use labels::Labels;
pub use log::{LogLine, LogOptions};
pub use owned::Owned;
pub use stats::Stats;
pub use terminal::{Pipe, Terminal, TerminalControl};
pub use wire::ByteStream;

/// What a verb of the engine answers.
pub type Result<T> = std::result::Result<T, Error>;
