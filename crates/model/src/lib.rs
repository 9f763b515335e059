//! The nouns of Wharf: ids, parsed values, state machines and redacted secrets.
//!
//! Nothing here does IO, reads a clock or rolls dice: time, ids and chance are arguments. A parsed value can only be made by parsing, so a function that
//! takes one need not check it; its errors are sentences that fit beside a form field.

pub mod application;
pub mod command;
pub mod deployment;
pub mod destination;
pub mod domain;
pub mod edge;
pub mod event;
pub mod git;
pub mod health;
pub mod id;
pub mod image;
pub mod invalid;
pub mod key;
pub mod mount;
pub mod name;
pub mod observed;
pub mod path;
pub mod plan;
pub mod port;
pub mod record;
pub mod release;
pub mod route;
pub mod secret;
pub mod server;
pub mod team;
pub mod tree;
pub mod variable;

pub use application::{Application, BuildPack, DockerfilePack, Settings, Source, StaticPack};
pub use command::CommandLine;
pub use deployment::{Cause, Deployment, DeploymentStatus, Operation};
pub use destination::{Destination, NetworkName};
pub use domain::{Domain, Host, PathPrefix, Scheme};
pub use event::Event;
pub use git::{Branch, CommitSha, GitReference, GitSource, GitUrl};
pub use health::HealthCheck;
pub use id::*;
pub use image::ImageReference;
pub use invalid::Invalid;
pub use name::{Email, Name, Slug};
pub use observed::{ContainerState, Observed, ObservedContainer, Presence};
pub use path::{MountPath, RelativePath};
pub use plan::{Phase, Plan, Step, StepState};
pub use port::{Port, PortMapping};
pub use record::Record;
pub use release::{Release, Spec};
pub use route::{Route, RouteTable, Target, Upstream};
pub use secret::Secret;
pub use server::Server;
pub use team::{Abilities, Ability, Role, Team, User};
pub use tree::{EntryKind, TreeEntry};
pub use variable::{EnvName, Variable};
