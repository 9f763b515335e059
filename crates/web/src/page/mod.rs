//! Pages: one noun a file. Each answers its question with what one operation brings.

#[cfg(debug_assertions)]
pub mod components;
