//! Turns a source tree into a build recipe.
//!
//! Everything here is a function from values to values: who calls reads the tree, hands over the few files that matter ([`FileTree::wanted`]), and gets a
//! [`Guess`] for a form or a [`Recipe`] for a build.

pub mod context;
pub mod detect;
pub mod dockerfile;
pub mod error;
pub mod ignore;
pub mod recipe;
pub mod tree;

pub use context::{Sent, assemble};
pub use detect::{Guess, detect};
pub use dockerfile::Dockerfile;
pub use error::Error;
pub use ignore::Ignore;
pub use recipe::{Context, Recipe, RecipeFile, recipe};
pub use tree::{Entry, FileTree, Kind};
