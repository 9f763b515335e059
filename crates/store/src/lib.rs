//! The SQLite store: migrations, queries, journal, event log, encryption at rest.
