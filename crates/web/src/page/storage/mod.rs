//! Storage: what survives?

pub mod view;
