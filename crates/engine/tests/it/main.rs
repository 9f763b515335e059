//! The engine on real parts: a container engine, an edge, git. Each test has an instance, ports and a network of its own, and leaves nothing behind.

mod cancels;
mod deploys;
mod laws;
mod recovers;
mod replaces;
mod world;
