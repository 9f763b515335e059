//! The store as a whole: its two files, its sealer, and the wake-up for those who watch events.

use crate::{Error, Sealer, database::Database, migration};
use rusqlite::{Connection, Transaction};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

const STORE_FILE: &str = "wharf.db";
const LOGS_FILE: &str = "logs.db";
const KEY_FILE: &str = "wharf.key";

/// The store. Clones share it.
#[derive(Clone)]
pub struct Store {
    main: Database,
    pub(crate) logs: Database,
    pub(crate) sealer: Arc<Sealer>,
    changes: watch::Sender<u64>,
    lines: watch::Sender<u64>,
}

impl Store {
    /// Opens the store in this folder, makes it where there is none, and brings it to the newest schema.
    ///
    /// # Errors
    /// [`Error::Key`] for a key file that is missing or readable by others, [`Error::Newer`], [`Error::Migration`], [`Error::Damaged`], [`Error::DiskFull`].
    pub fn open(folder: &Path) -> Result<Self, Error> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let file = folder.join(STORE_FILE);
        if is_empty(&file) && folder.join(LOGS_FILE).exists() {
            // SQLite takes an empty file for a new database, and a new store would ask the next visitor to set it up.
            return Err(Error::Damaged);
        }
        let sealer = Sealer::from_file(&folder.join(KEY_FILE), !file.exists())?;
        let main = Database::open(&file, migration::STORE)?;
        let logs = Database::open(&folder.join(LOGS_FILE), migration::LOGS)?;
        for name in [STORE_FILE, LOGS_FILE] {
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600))?;
        }
        Ok(Self { main, logs, sealer: Arc::new(sealer), changes: watch::Sender::new(0), lines: watch::Sender::new(0) })
    }

    pub(crate) async fn read<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
        self.main.read(work).await
    }

    /// Runs a transaction, then wakes those who watch.
    pub(crate) async fn write<T: Send + 'static>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
        let value = self.main.write(work).await?;
        self.changes.send_modify(|count| *count += 1);
        Ok(value)
    }

    /// Runs a transaction that no open page shows, and wakes nobody.
    pub(crate) async fn write_quietly<T: Send + 'static>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
        self.main.write(work).await
    }

    pub(crate) fn lines_changed(&self) {
        self.lines.send_modify(|count| *count += 1);
    }

    /// Wakes after each write to the store. It carries no facts: who is woken reads what is true now.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Wakes after lines were added to a deployment's log.
    pub fn line_changes(&self) -> watch::Receiver<u64> {
        self.lines.subscribe()
    }
}

fn is_empty(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|facts| facts.len() == 0)
}
