//! The store: one SQLite file in WAL mode with a writer thread and a few readers, and a second file for logs and metrics.
//!
//! **The tenant wall.** Every function that touches a team's data takes a [`Scope`], and only authentication makes one: signing in, a token, setup, or
//! claiming work for the engine. Another team's id is indistinguishable from a missing one, because every statement names the team.
//!
//! **Transactions** are closures run whole on the writer thread under `BEGIN IMMEDIATE`; what must be true together is written together, the event too.

mod account;
mod application;
mod connection;
mod database;
mod deployment;
mod destination;
mod error;
mod event;
mod instance;
mod key;
mod log;
mod metric;
mod migration;
mod mount;
mod project;
mod registry;
mod release;
mod row;
mod scope;
mod seal;
mod server;
mod serving;
mod step;
mod tag;
mod variable;
mod work;

pub use account::{NewAccount, NewSession, NewToken, SessionRow, TokenRow};
pub use application::{ApplicationRow, HookSecrets, Latest, NewApplication};
pub use connection::Store;
pub use deployment::{DeploymentRow, NewDeployment};
pub use destination::NewDestination;
pub use error::{Constraint, Error, TakenDomain};
pub use event::NewEvent;
pub use key::{KeyHalves, NewKey};
pub use log::{LOG_LENGTH_LINES, LogLine, NewLine};
pub use metric::Metric;
pub use project::{EnvironmentRow, ProjectRow};
pub use registry::{Credential, NewRegistry, RegistryRow};
pub use release::NewRelease;
pub use scope::{Actor, Scope};
pub use seal::Sealer;
pub use server::NewServer;
pub use step::StepRow;
pub use tag::TagRow;
pub use variable::{NewSharedVariable, SharedOwner, SharedVariableRow};
pub use work::{LiveApplication, Work};
