//! Deployments: what was tried, how far, what went wrong?

pub mod list;
pub mod show;
pub mod view;
