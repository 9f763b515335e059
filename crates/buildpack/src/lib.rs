//! Turns a source tree into a build recipe.
