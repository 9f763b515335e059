//! Wharf itself, end to end: the real binary on a real engine, with real git servers and registries. Each test has a Wharf of its own and leaves nothing.

mod boot;
mod spine;
mod world;
