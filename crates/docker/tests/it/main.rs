//! The verbs on a real engine. Each test is an instance of its own and leaves nothing behind.

mod absence;
mod bench;
mod build;
mod container;
mod image;
mod wall;
mod watch;
