//! The dashboard, the API and the live streams over HTTP.

pub mod assets;
pub mod component;
pub mod form;
pub mod layout;
pub mod page;
pub mod route;
pub mod time;
pub mod unit;
