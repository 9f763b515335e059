//! The dashboard, the API and the live streams over HTTP.
//!
//! [`router()`] serves everything: pages under `/`, each a translation of a few lines over [`ops`]; the live streams that draw the same partials again; and
//! the assets, bundled by the build script. Errors become pages in `error`, sessions are checked in `session`, and every route stands in [`router::table`].

pub mod api;
pub mod app;
pub mod assets;
pub mod component;
pub mod error;
pub mod form;
pub mod layout;
pub mod live;
pub mod page;
pub mod route;
pub mod router;
pub mod security;
pub mod session;
pub mod time;
pub mod unit;
pub mod webhooks;

pub use app::{App, Options};
pub use router::router;
