//! Pages: one noun a file. Each answers its question with what one operation brings.

pub mod application;
#[cfg(debug_assertions)]
pub mod components;
pub mod deployment;
pub mod settings;
pub mod storage;
pub mod variable;
