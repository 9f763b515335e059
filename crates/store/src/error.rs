//! What can go wrong in the store, by what a caller can do about it.

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such row in this scope.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A rule of the data forbids it.
    #[error("{0}")]
    Conflict(Constraint),
    /// The row is not in a state that allows it.
    #[error("{0}")]
    State(String),
    /// A row holds what no code of this version writes.
    #[error("the store is inconsistent: {table} holds {what}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// What it holds.
        what: String,
    },
    /// A sealed value cannot be opened: the key file is not the one it was sealed with, or the record was changed.
    #[error("a sealed value of {table} cannot be opened: the key file does not belong to this store, or the record was changed")]
    Sealed {
        /// The table.
        table: &'static str,
    },
    /// The key file beside the store is missing, malformed or readable by others.
    #[error("{0}")]
    Key(String),
    /// The store was written by a newer version.
    #[error("the store has schema {found}, this version knows {known}: start the newer version, or restore a backup made before the upgrade")]
    Newer {
        /// The schema found.
        found: i64,
        /// The newest schema known.
        known: i64,
    },
    /// A migration failed and was rolled back.
    #[error("migration {number} failed and was rolled back; the store is as it was")]
    Migration {
        /// Its number.
        number: i64,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// The disk is full.
    #[error("the disk that holds the store is full: free some space; nothing was lost")]
    DiskFull,
    /// The file is damaged.
    #[error("the store's file is damaged: stop Wharf and restore the newest backup")]
    Damaged,
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
    /// Anything else SQLite says.
    #[error("the store failed")]
    Sqlite(#[source] rusqlite::Error),
    /// The file system failed.
    #[error("the store's files cannot be used")]
    Io(#[source] std::io::Error),
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull { Self::DiskFull } else { Self::Io(error) }
    }
}

/// A rule that a write broke, for the field it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Constraint {
    /// The name or value is taken; names the columns.
    #[error("that is taken ({0})")]
    Taken(String),
    /// Something else still refers to the row.
    #[error("something still uses it")]
    InUse,
    /// Domains belong to applications already: all of them.
    #[error("{} of the domains belong to applications already", .0.len())]
    Domains(Vec<TakenDomain>),
    /// A deployment of the application runs already.
    #[error("a deployment of this application runs already")]
    Running,
}

/// A domain that an application has already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenDomain {
    /// Host and path.
    pub domain: String,
    /// The application and its name, where it is of the same team.
    pub application: Option<(model::ApplicationId, String)>,
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let rusqlite::Error::SqliteFailure(failure, message) = &error else { return Self::Sqlite(error) };
        match failure.code {
            ErrorCode::ConstraintViolation => {
                let message = message.clone().unwrap_or_default();
                if let Some(columns) = message.strip_prefix("UNIQUE constraint failed: ") {
                    return Self::Conflict(Constraint::Taken(columns.to_owned()));
                }
                if message.starts_with("FOREIGN KEY") { Self::Conflict(Constraint::InUse) } else { Self::Sqlite(error) }
            }
            ErrorCode::DiskFull => Self::DiskFull,
            // The index of the log in shared memory could not grow.
            ErrorCode::SystemIoFailure if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => Self::DiskFull,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged,
            _ => Self::Sqlite(error),
        }
    }
}
