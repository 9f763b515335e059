//! Migrations: ordered files, each applied once in a transaction of its own, recorded in `user_version`.

use crate::Error;
use rusqlite::Connection;

/// Migrations of the store, oldest first.
pub(crate) const STORE: &[&str] =
    &[include_str!("migrations/0001_spine.sql"), include_str!("migrations/0002_serving.sql"), include_str!("migrations/0003_records.sql")];
/// Migrations of the file with logs and metrics, oldest first.
pub(crate) const LOGS: &[&str] = &[include_str!("migrations/logs_0001.sql")];

/// Brings a database to the newest schema.
///
/// # Errors
/// [`Error::Newer`] for a schema this version does not know; [`Error::Migration`] where one fails, which leaves the database as it was before that one.
pub(crate) fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), Error> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = migrations.len() as i64;
    if found > known {
        return Err(Error::Newer { found, known });
    }
    for (number, migration) in (1..).zip(migrations).skip(found as usize) {
        let failed = |source| Error::Migration { number, source };
        let transaction = connection.transaction().map_err(failed)?;
        transaction.execute_batch(migration).map_err(failed)?;
        transaction.pragma_update(None, "user_version", number).map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_apply_once_and_a_newer_schema_is_refused() {
        let mut connection = Connection::open_in_memory().expect("opens");
        migrate(&mut connection, STORE).expect("migrates");
        migrate(&mut connection, STORE).expect("is there already");
        connection.pragma_update(None, "user_version", 999).expect("set");
        assert!(matches!(migrate(&mut connection, STORE), Err(Error::Newer { found: 999, .. })));
    }

    #[test]
    fn a_failed_migration_leaves_what_was() {
        let mut connection = Connection::open_in_memory().expect("opens");
        let migrations = ["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"];
        assert!(matches!(migrate(&mut connection, &migrations), Err(Error::Migration { number: 2, .. })));
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0)).expect("counts");
        assert_eq!(tables, 1);
    }
}
