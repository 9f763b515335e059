//! What must hold for any bytes: nothing panics, and what is read and written again is the same.
//!
//! `cargo fuzz run <target>` searches for bytes that break it; `crates/source/tests/it/attack.rs` includes these files and runs them over mutated seeds.

pub mod delivery;
pub mod forms;
pub mod front;
pub mod trees;
pub mod values;
