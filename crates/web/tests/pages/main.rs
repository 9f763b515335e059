//! The dashboard through its real router, over a real store: what it shows, what it refuses, and that its markup holds together.

mod deny;
mod fixture;
mod form;
mod live;
mod markup;
mod sight;
