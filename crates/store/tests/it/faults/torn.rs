//! Writes that were torn by a power cut, and files that were damaged.

use crate::world::{commit, facts, scope, settle};
use std::{fs, path::Path};
use store::{Error, Store};

/// Facts committed one by one before the cut.
const FACTS: usize = 12;
const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;

/// The write-ahead log of a store that never closed: a header, then frames of one page each; the last frame of a transaction says so.
struct Log {
    bytes: Vec<u8>,
    frame_bytes: usize,
}

impl Log {
    fn of(folder: &Path) -> Self {
        let bytes = fs::read(folder.join("wharf.db-wal")).expect("a log");
        let page_bytes = u32::from_be_bytes(bytes[8..12].try_into().expect("four bytes")) as usize;
        Self { bytes, frame_bytes: FRAME_HEADER_BYTES + page_bytes }
    }

    fn frames(&self) -> usize {
        (self.bytes.len() - HEADER_BYTES) / self.frame_bytes
    }

    fn begin(&self, frame: usize) -> usize {
        HEADER_BYTES + frame * self.frame_bytes
    }

    fn commits(&self, frame: usize) -> bool {
        let begin = self.begin(frame);
        self.bytes[begin + 4..begin + 8] != [0; 4]
    }

    /// How many transactions ended in these frames.
    fn committed(&self, frames: std::ops::Range<usize>) -> usize {
        frames.filter(|frame| self.commits(*frame)).count()
    }
}

/// A store with facts in its log, still open, and the first frame that holds one.
async fn written(folder: &Path) -> (Store, Log, usize) {
    let store = Store::open(folder).expect("opens");
    let scope = settle(&store).await;
    let first = Log::of(folder).frames();
    for number in 0..FACTS {
        commit(&store, &scope, number).await.expect("committed");
    }
    (store, Log::of(folder), first)
}

/// Copies the data folder as a power cut would leave it, with this log.
fn cut(folder: &Path, log: &[u8]) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for name in ["wharf.db", "wharf.key", "logs.db"] {
        fs::copy(folder.join(name), copy.path().join(name)).expect("copied");
    }
    fs::write(copy.path().join("wharf.db-wal"), log).expect("written");
    copy
}

async fn found_after(folder: &Path, log: &[u8]) -> Vec<usize> {
    let copy = cut(folder, log);
    let store = Store::open(copy.path()).expect("opens with what was committed");
    let scope = scope(&store).await.expect("still signed in");
    let found = facts(&store, &scope).await.expect("reads");
    commit(&store, &scope, 999).await.expect("goes on");
    found
}

#[tokio::test]
async fn a_write_torn_anywhere_leaves_what_was_committed_before_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_open, log, first) = written(folder.path()).await;
    assert!(log.frames() - first >= 3 * FACTS, "each fact fills several frames");
    let mut cuts = 0;
    for frame in first..log.frames() {
        let whole = log.committed(first..frame);
        for within in [0, 1, FRAME_HEADER_BYTES, log.frame_bytes / 2, log.frame_bytes - 1] {
            let found = found_after(folder.path(), &log.bytes[..log.begin(frame) + within]).await;
            assert_eq!(found, (0..whole).collect::<Vec<_>>(), "cut {within} bytes into frame {frame}");
            cuts += 1;
        }
    }
    println!("{cuts} torn writes");
}

#[tokio::test]
async fn a_frame_that_was_garbled_ends_what_is_believed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_open, log, first) = written(folder.path()).await;
    for frame in first..log.frames() {
        for within in [4, 16, FRAME_HEADER_BYTES + 7, log.frame_bytes - 1] {
            let mut bytes = log.bytes.clone();
            bytes[log.begin(frame) + within] ^= 0x40;
            let found = found_after(folder.path(), &bytes).await;
            assert_eq!(found, (0..log.committed(first..frame)).collect::<Vec<_>>(), "byte {within} of frame {frame}");
        }
    }
}

#[tokio::test]
async fn a_main_file_that_was_cut_or_overwritten_is_said_to_be_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, ..) = written(folder.path()).await;
    drop(store);
    let whole = settled(folder.path());
    for length in [0, 16, 100, 4096, whole.len() / 2, whole.len() - 4096] {
        let copy = cut(folder.path(), &[]);
        fs::write(copy.path().join("wharf.db"), &whole[..length]).expect("cut");
        assert_damaged(copy.path(), &format!("cut to {length} bytes"));
    }
    let mut overwritten = whole;
    overwritten[..16].fill(b'x');
    let copy = cut(folder.path(), &[]);
    fs::write(copy.path().join("wharf.db"), overwritten).expect("overwritten");
    assert_damaged(copy.path(), "without its header");
}

/// The main file once the log was folded into it: the writer's thread closes it a moment after the store was dropped.
fn settled(folder: &Path) -> Vec<u8> {
    let connection = rusqlite::Connection::open(folder.join("wharf.db")).expect("opens");
    connection.busy_timeout(std::time::Duration::from_secs(20)).expect("set");
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("folded");
    fs::read(folder.join("wharf.db")).expect("reads")
}

#[track_caller]
fn assert_damaged(folder: &Path, how: &str) {
    match Store::open(folder) {
        Err(Error::Damaged) => {}
        Err(other) => panic!("{how}: says {other:?}"),
        Ok(_) => panic!("{how}: opens as if nothing were wrong"),
    }
}
