//! Decides what to do: desired and observed state to a plan; recovery; the route table.
//!
//! Everything here is a pure function: no IO, no clock, no chance. What a plan says leaves no choice open, so whoever runs it only executes, journals
//! and asks [`recover()`] what to do after an interruption.

pub mod deploy;
pub mod diff;
pub mod digest;
pub mod names;
pub mod print;
pub mod recover;
pub mod retention;
pub mod routes;
pub mod stop;

pub use deploy::{DeployInput, Error, deploy};
pub use diff::{Change, Sign, changes};
pub use digest::{build_digest, configuration_digest, image_tag};
pub use names::{container_name, hook_name, volume_name};
pub use print::print;
pub use recover::{JournalEntry, Recovery, recover};
pub use retention::{BuiltRelease, Kept, keep};
pub use routes::{Conflict, RoutedApplication, Routing, ServingContainer, route_table};
pub use stop::{StopInput, delete, stop};
