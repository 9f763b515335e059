//! The crate against real git, over real transports.

mod http;
mod local;
mod modules;
mod repository;
mod ssh;
