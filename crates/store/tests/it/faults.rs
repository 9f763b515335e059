//! What goes wrong beneath the store, and what it makes of it.

mod disk;
mod schema;
mod torn;
