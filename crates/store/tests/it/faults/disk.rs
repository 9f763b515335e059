//! A disk that fills up.

use crate::world::{commit, facts, scope, settle};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use std::{fs, io::Write, path::Path};
use store::{Error, Store};

/// A disk of 8 MiB in memory.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mounted() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mounted = mount(c"tmpfs", folder.path(), c"tmpfs", MountFlags::empty(), c"size=8m");
        mounted.expect("a small disk can be mounted: this test needs root");
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Fills it to the last byte.
    fn fill(&self) {
        let mut ballast = fs::File::create(self.path().join("ballast")).expect("made");
        for size in [65_536, 512, 1] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.path().join("ballast")).expect("removed");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = unmount(self.path(), UnmountFlags::DETACH);
    }
}

#[tokio::test]
async fn a_full_disk_refuses_writes_loses_nothing_and_is_forgotten_once_there_is_space() {
    let disk = Disk::mounted();
    let store = Store::open(disk.path()).expect("opens");
    let ada = settle(&store).await;
    let mut committed = Vec::new();
    for number in 0..10 {
        commit(&store, &ada, number).await.expect("committed");
        committed.push(number);
    }
    disk.fill();
    let mut refused = 0;
    for number in 10..60 {
        match commit(&store, &ada, number).await {
            Ok(()) => committed.push(number),
            Err(Error::DiskFull) => refused += 1,
            Err(other) => panic!("says {other:?}"),
        }
    }
    assert!(refused >= 40, "refused only {refused} of 50");
    assert_eq!(facts(&store, &ada).await.expect("reads go on"), committed);
    disk.free();
    commit(&store, &ada, 60).await.expect("works again");
    committed.push(60);
    drop(store);
    let store = Store::open(disk.path()).expect("opens again");
    let ada = scope(&store).await.expect("still signed in");
    assert_eq!(facts(&store, &ada).await.expect("reads"), committed);
}

#[tokio::test]
async fn a_start_on_a_full_disk_says_so_and_works_once_there_is_space() {
    let disk = Disk::mounted();
    disk.fill();
    let refused = Store::open(disk.path()).err();
    assert!(matches!(refused, Some(Error::DiskFull)), "a first start says {refused:?}");
    disk.free();
    let store = Store::open(disk.path()).expect("opens");
    let ada = settle(&store).await;
    commit(&store, &ada, 0).await.expect("committed");
    drop(store);
    disk.fill();
    match Store::open(disk.path()) {
        Ok(_) | Err(Error::DiskFull) => {}
        Err(other) => panic!("a later start says {other:?}"),
    }
    disk.free();
    let store = Store::open(disk.path()).expect("opens again");
    let ada = scope(&store).await.expect("still signed in");
    assert_eq!(facts(&store, &ada).await.expect("reads"), [0]);
}
