//! The crate against real git, over real transports.

mod attack;
mod http;
mod local;
mod modules;
mod repository;
mod ssh;
