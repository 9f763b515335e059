//! Wharf itself, end to end: the real binary on a real engine, with real git servers and registries. Each test has a Wharf of its own and leaves nothing.

mod boot;
mod cancel;
mod coolify;
mod death;
mod faults;
mod health;
mod idempotence;
mod input;
mod isolation;
mod race;
mod secret;
mod spine;
mod traffic;
mod world;
