//! What goes out and comes in, in Coolify's words: one noun a file.

mod application;
mod deployment;
mod destination;
mod environment;
mod event;
mod fields;
mod key;
mod log;
mod named;
mod new_application;
mod project;
mod release;
mod server;
mod settings;
mod storage;
mod tag;
mod team;
mod token;
mod variable;

pub(crate) use application::*;
pub(crate) use deployment::*;
pub(crate) use destination::*;
pub(crate) use environment::*;
pub(crate) use event::*;
pub(crate) use key::*;
pub(crate) use log::*;
pub(crate) use named::*;
pub(crate) use new_application::*;
pub(crate) use project::*;
pub(crate) use release::*;
pub(crate) use server::*;
pub(crate) use storage::*;
pub(crate) use tag::*;
pub(crate) use team::*;
pub(crate) use token::*;
pub(crate) use variable::*;
