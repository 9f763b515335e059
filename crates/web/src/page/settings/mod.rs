//! Settings of an application: how does it behave?

pub mod form;
pub mod view;
