//! The route table as applications change.
