//! Deployments: how far, what went wrong?

pub mod view;
