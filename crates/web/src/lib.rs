//! The dashboard, the API and the live streams over HTTP.
