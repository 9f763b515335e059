//! The engine on real parts: a container engine, an edge, git. Each test has an instance, ports and a network of its own, and leaves nothing behind.

mod absences;
mod cancels;
mod deploys;
mod laws;
mod leftovers;
mod looks;
mod recovers;
mod replaces;
mod world;
