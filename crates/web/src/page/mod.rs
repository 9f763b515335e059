//! Pages: one noun a file. Each answers its question with what one operation brings.

pub mod account;
pub mod activity;
pub mod application;
#[cfg(debug_assertions)]
pub mod components;
pub mod deployment;
pub mod door;
pub mod environment;
pub mod key;
pub mod machine;
pub mod overview;
pub mod project;
pub mod registry;
pub mod search;
pub mod server;
pub mod settings;
pub mod state;
pub mod storage;
pub mod token;
pub mod variable;
