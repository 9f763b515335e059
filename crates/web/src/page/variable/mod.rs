//! Variables: what does it run with?

pub mod view;
