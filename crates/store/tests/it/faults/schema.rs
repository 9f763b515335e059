//! Stores that other versions wrote. `tests/data/schema-N.sql` is a store of schema N with something in each of its corners; a later schema adds its own
//! file and touches no older one.

use crate::world::{application, deployment, lay_key, scope, variable};
use rusqlite::Connection;
use std::{
    fs,
    path::{Path, PathBuf},
};
use store::{Error, Store};

/// The stores of earlier schemas, by number.
fn earlier() -> Vec<(i64, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut found: Vec<(i64, String)> = fs::read_dir(folder)
        .expect("lists")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name.strip_prefix("schema-").expect("a schema").parse().expect("its number"), fs::read_to_string(&path).expect("reads"))
        })
        .collect();
    found.sort();
    found
}

fn laid(dump: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    lay_key(folder.path());
    connect(folder.path()).execute_batch(dump).expect("the dump is taken");
    folder
}

fn connect(folder: &Path) -> Connection {
    Connection::open(folder.join("wharf.db")).expect("opens")
}

fn version(folder: &Path) -> i64 {
    connect(folder).query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a version")
}

fn tables(folder: &Path) -> Vec<String> {
    let connection = connect(folder);
    let mut statement = connection.prepare("SELECT name || ': ' || coalesce(sql, '') FROM sqlite_master ORDER BY name").expect("prepares");
    let rows = statement.query_map([], |row| row.get(0)).expect("asks");
    rows.collect::<Result<_, _>>().expect("reads")
}

#[tokio::test]
async fn every_earlier_schema_is_brought_up_to_date_with_all_that_is_in_it() {
    let earlier = earlier();
    assert_eq!(earlier.first().map(|(number, _)| *number), Some(1));
    for (number, dump) in earlier {
        let folder = laid(&dump);
        assert_eq!(version(folder.path()), number, "the dump says its schema");
        let store = Store::open(folder.path()).expect("upgrades");
        let ada = scope(&store).await.expect("still signed in");
        let found = store.application_fetch(&ada, application()).await.expect("still there");
        assert_eq!(found.application.name.as_str(), "web");
        assert_eq!(store.variable_list(&ada, application()).await.expect("reads"), [variable()]);
        assert_eq!(store.deployment_fetch(&ada, deployment()).await.expect("reads").release_number, Some(1));
        let work = store.work_claim(jiff::Timestamp::now()).await.expect("claims").expect("it still waits");
        assert_eq!(work.deployment.id, deployment());
        assert!(version(folder.path()) > 1);
    }
}

#[test]
fn what_had_no_times_gets_those_of_what_it_belongs_to_and_every_mount_gets_a_number() {
    let (_, dump) = earlier().into_iter().find(|(number, _)| *number == 2).expect("schema 2");
    let folder = laid(&dump);
    let rows = "INSERT INTO tags SELECT 'blue', id, 'blue' FROM teams;
        INSERT INTO mounts SELECT 'second', team_id, id, '/b', x'00' FROM applications; INSERT INTO mounts SELECT 'first', team_id, id, '/a', x'00' FROM applications";
    connect(folder.path()).execute_batch(rows).expect("laid");
    drop(Store::open(folder.path()).expect("upgrades"));
    let connection = connect(folder.path());
    let one = |statement: &str| connection.query_row(statement, [], |row| row.get::<_, String>(0)).expect("asks");
    assert_eq!(one("SELECT group_concat(number || ' ' || id) FROM (SELECT * FROM mounts ORDER BY number)"), "1 first,2 second");
    for table in ["mounts", "variables", "destinations", "tags", "keys", "servers", "projects", "environments"] {
        let without = one(&format!("SELECT cast(count(*) AS TEXT) FROM {table} WHERE created < 1700000000000 OR updated <> created"));
        assert_eq!(without, "0", "rows of {table} without their times");
    }
    assert_eq!(one("SELECT cast(min(is_protected) AS TEXT) FROM destinations"), "1");
}

#[test]
fn a_migration_that_fails_leaves_the_store_as_it_was_and_says_which() {
    let (_, dump) = earlier().swap_remove(0);
    let folder = laid(&dump);
    connect(folder.path()).execute_batch("CREATE TABLE serving (stranger TEXT) STRICT").expect("in the way");
    let before = tables(folder.path());
    let refused = Store::open(folder.path()).err().expect("refused");
    assert!(matches!(refused, Error::Migration { number: 2, .. }), "{refused:?}");
    assert_eq!((tables(folder.path()), version(folder.path())), (before, 1));
    connect(folder.path()).execute_batch("DROP TABLE serving").expect("out of the way");
    Store::open(folder.path()).expect("upgrades now");
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let (_, dump) = earlier().swap_remove(0);
    let folder = laid(&dump);
    connect(folder.path()).execute_batch("PRAGMA user_version = 999").expect("set");
    let before = tables(folder.path());
    let refused = Store::open(folder.path()).err().expect("refused");
    assert!(matches!(refused, Error::Newer { found: 999, .. }), "{refused:?}");
    assert_eq!((tables(folder.path()), version(folder.path())), (before, 999));
}

/// Writes the store that a new schema's file is made of: `WHARF_SCHEMA_FOLDER=folder cargo test -p store the_store_of_this_schema`, then dump its `wharf.db`.
#[tokio::test]
async fn the_store_of_this_schema_can_be_written_down() {
    let kept = std::env::var_os("WHARF_SCHEMA_FOLDER").map(PathBuf::from);
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = kept.as_deref().unwrap_or(scratch.path());
    lay_key(folder);
    let store = Store::open(folder).expect("opens");
    let ada = crate::world::settle(&store).await;
    crate::world::furnish(&store, &ada).await;
    assert_eq!(store.variable_list(&ada, application()).await.expect("reads"), [variable()]);
}
