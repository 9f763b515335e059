//! Where code comes from: git repositories and what forges say of them.
//!
//! [`Git`] keeps one bare cache per repository and reads trees from it without a checkout. [`webhook`] proves and reads what forges send, and
//! [`push_wants_deploy`] decides what it means.

pub mod error;
pub mod git;
pub mod keys;
mod stderr;
pub mod wants;
pub mod webhook;

pub use error::Error;
pub use git::{Archive, Commit, Git, Look, SourcePolicy};
pub use model::{EntryKind, TreeEntry};
pub use wants::{Wants, push_wants_deploy};
