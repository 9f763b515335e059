//! Variables: what does it run with? Those of applications, and shared ones of the team, of projects and of environments.

pub mod own;
pub mod shared;
pub mod view;
