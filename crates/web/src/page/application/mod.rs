//! Applications: is it up, what changed?

pub mod view;
