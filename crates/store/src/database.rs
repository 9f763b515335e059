//! One SQLite file: a writer thread that runs whole transactions, and a few read-only connections.

use crate::{Error, migration};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use tokio::sync::{Semaphore, oneshot};

const READERS: usize = 4;
const BUSY_TIMEOUT_MILLISECONDS: u64 = 10_000;
const STATEMENTS_KEPT: usize = 256;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A database file in use.
#[derive(Clone)]
pub(crate) struct Database {
    writer: mpsc::Sender<Job>,
    readers: Arc<Readers>,
}

struct Readers {
    path: PathBuf,
    permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Database {
    /// Opens the file, migrates it and starts its writer thread.
    pub(crate) fn open(path: &Path, migrations: &[&str]) -> Result<Self, Error> {
        let mut connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        configure(&connection)?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        migration::migrate(&mut connection, migrations)?;
        let (writer, jobs) = mpsc::channel::<Job>();
        std::thread::Builder::new().name("store-writer".into()).spawn(move || {
            for job in jobs {
                job(&mut connection);
            }
        })?;
        let readers = Readers { path: path.to_owned(), permits: Semaphore::new(READERS), idle: Mutex::new(Vec::new()) };
        Ok(Self { writer, readers: Arc::new(readers) })
    }

    /// Runs a whole transaction on the writer thread. It is committed where the closure succeeds and rolled back where it fails.
    pub(crate) async fn write<T: Send + 'static>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
        let (answer, result) = oneshot::channel();
        let job = move |connection: &mut Connection| {
            // A caller that has gone away does not stop its transaction: the row is the truth.
            let _ = answer.send(transact(connection, work));
        };
        self.writer.send(Box::new(job)).map_err(|_| Error::Closed)?;
        result.await.map_err(|_| Error::Closed)?
    }

    /// Runs reads on a read-only connection.
    pub(crate) async fn read<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
        let readers = self.readers.clone();
        let _permit = self.readers.permits.acquire().await.map_err(|_| Error::Closed)?;
        tokio::task::spawn_blocking(move || {
            let connection = readers.take()?;
            let result = work(&connection);
            readers.give_back(connection);
            result
        })
        .await
        .map_err(|_| Error::Closed)?
    }
}

fn transact<T>(connection: &mut Connection, work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>) -> Result<T, Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

fn configure(connection: &Connection) -> Result<(), Error> {
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MILLISECONDS))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(())
}

impl Readers {
    fn take(&self) -> Result<Connection, Error> {
        let idle = self.idle.lock().map_err(|_| Error::Closed)?.pop();
        match idle {
            Some(connection) => Ok(connection),
            None => {
                let connection = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
                configure(&connection)?;
                connection.pragma_update(None, "query_only", true)?;
                Ok(connection)
            }
        }
    }

    fn give_back(&self, connection: Connection) {
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(connection);
        }
    }
}
