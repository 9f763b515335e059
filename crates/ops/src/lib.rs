//! What a person may do: authorise, validate, write, wake the engine.
//!
//! [`Ops`] has every act, named noun first, one file per noun; nowhere else is asked whether a caller may. What touches a team's data takes a [`Scope`],
//! which only authentication makes. Forms are taken as typed, and every fault comes back at its field.

pub mod account;
pub mod application;
pub mod chance;
pub mod deployment;
pub mod destination;
mod discard;
mod environment;
pub mod error;
pub mod event;
mod freeze;
pub mod key;
pub mod live;
pub mod look;
pub mod mount;
pub mod overview;
mod password;
pub mod permit;
mod preview;
pub mod project;
mod reach;
pub mod registry;
pub mod search;
mod secret;
pub mod server;
pub mod session;
pub mod shared;
mod tag;
mod team;
pub mod token;
pub mod variable;
pub mod webhook;

pub use account::{AccountForm, SetupForm};
pub use application::{
    CloneRequest, DeleteRequest,
    form::{ApplicationPatch, NewApplicationForm},
    show::{ApplicationItem, ApplicationPage},
};
pub use chance::{Clock, Dice};
pub use deployment::{DeployRequest, DeploymentPage, Queued, ReleaseItem};
pub use destination::DestinationForm;
pub use error::{Clash, Error, Needs, known};
pub use key::KeyForm;
pub use live::EngineDown;
pub use look::{LookRequest, RepositoryLook};
pub use mount::{MountForm, MountView};
pub use overview::{Attention, Overview, ProjectItem};
pub use password::PASSWORD_LENGTH_CHARACTERS;
pub use permit::{allows, sees_logs, sees_secrets};
pub use project::NamedForm;
pub use reach::Reach;
pub use registry::RegistryForm;
pub use search::{Hit, HitKind};
pub use server::ServerPatch;
pub use session::SessionToken;
pub use shared::{SharedVariableForm, SharedVariableView};
pub use token::TokenForm;
pub use variable::{DotenvDiff, VariableForm, VariableView};
pub use webhook::WebhookAnswer;

pub use engine::{
    ContainerLine, Engine, EngineOptions, Facts, Finding, ImageLook, Inspection, LogRequest, OutputStream, Pipe, Report, ServerFacts, State as FindingState,
    Stats, Status, Terminal, TerminalControl,
};
pub use plan::{Change, Sign, changes, print as plan_print};
pub use source::webhook::Forge;
pub use store::{
    Actor, ApplicationRow, DeploymentRow, EnvironmentRow, HookSecrets, LogLine, Metric, ProjectRow, RegistryRow, Scope, SessionRow, SharedOwner, StepRow,
    Store, TagRow, TokenRow,
};

use model::{Host, Port};
use password::Passwords;

/// How an instance is set up, as far as people's acts depend on it.
#[derive(Debug, Clone)]
pub struct OpsOptions {
    /// Whether `file://` repositories are allowed.
    pub allow_local_git: bool,
    /// Whether repositories on private addresses and over plain HTTP are allowed.
    pub allow_private_sources: bool,
    /// Where people reach the dashboard, without a final `/`.
    pub public_url: String,
    /// The port the edge listens on for HTTP.
    pub http_port: Port,
    /// The port the edge listens on for HTTPS.
    pub https_port: Port,
    /// The wildcard domain of fresh servers; `localhost` when absent.
    pub wildcard: Option<Host>,
}

/// What a person may do. Clones share everything.
#[derive(Clone)]
pub struct Ops {
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    pub(crate) options: OpsOptions,
    pub(crate) clock: Clock,
    pub(crate) dice: Dice,
    pub(crate) passwords: Passwords,
}

impl Ops {
    /// Ops over a store and an engine.
    pub fn new(store: Store, engine: Engine, options: OpsOptions, clock: Clock, dice: Dice) -> Self {
        Self { store, engine, options, clock, dice, passwords: Passwords::new() }
    }

    /// How the instance is set up.
    pub fn options(&self) -> &OpsOptions {
        &self.options
    }

    /// What time it is.
    pub fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    pub(crate) fn id<T>(&self, make: fn([u8; 24]) -> T) -> T {
        make(self.dice.bytes())
    }
}
