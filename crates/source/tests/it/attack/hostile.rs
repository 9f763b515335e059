//! Trees and archives made by somebody who wants out: each is refused with its limit named, or loses what leads out.

use crate::repository::{Bench, Repository, path, unpacked};
use buildpack::{Context, Ignore, Recipe, RecipeFile, assemble};
use model::CommitSha;
use source::{Error, Git};
use tar::{Builder, EntryType, Header};

impl Repository {
    /// Writes an object as it is, however broken; answers its id.
    async fn object(&self, kind: &str, content: Vec<u8>) -> String {
        let command = host::Command::new("git").directory(&self.path).input(content);
        let output = command.args(["hash-object", "-t", kind, "-w", "--stdin", "--literally"]).run().await.expect("git runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// A tree of entries `(mode, name, id)`.
    async fn tree(&self, entries: &[(&str, String, &str)]) -> String {
        let mut content = Vec::new();
        for (mode, name, id) in entries {
            content.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            content.extend((0..20).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).expect("an id")));
        }
        self.object("tree", content).await
    }

    /// Directories within directories, so deep, each with so many equal entries: a few objects that are many files.
    async fn nested(&self, depth: usize, entries: usize, file: Vec<u8>) -> CommitSha {
        let (mut id, mut mode) = (self.object("blob", file).await, "100644");
        for _ in 0..depth {
            let names: Vec<_> = (0..entries).map(|number| (mode, format!("{number:05}"), id.as_str())).collect();
            (id, mode) = (self.tree(&names).await, "40000");
        }
        self.committed(&id).await
    }

    async fn committed(&self, tree: &str) -> CommitSha {
        let commit = self.git(&["commit-tree", tree, "-m", "hostile"]).await;
        self.git(&["update-ref", "refs/heads/main", &commit]).await;
        commit.parse().expect("a commit")
    }
}

async fn fetched(bench: &Bench, repository: &Repository, commit: &CommitSha) -> Result<Git, Error> {
    let git = bench.git();
    git.fetch(&repository.source(), commit, None, |_| {}).await.map(|_| git)
}

/// The limit that a tree hits, both when it is looked at and when it would be sent.
async fn limit(repository: &Repository, bench: &Bench, commit: CommitSha) -> String {
    let git = fetched(bench, repository, &commit).await.expect("fetched");
    let (tree, archive) = (git.tree(&repository.url(), &commit, &path("")).await, git.archive(&repository.url(), &commit, &path("")).await);
    match (tree, archive) {
        (Err(Error::TooLarge { limit }), Err(Error::TooLarge { limit: same })) if limit == same => limit,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_tree_of_a_million_files_is_refused_with_its_limit() {
    let bench = Bench::new();
    let repository = bench.repository("many").await;
    let commit = repository.nested(3, 100, b"x".to_vec()).await;
    assert_eq!(limit(&repository, &bench, commit).await, "200000 files");
}

#[tokio::test]
async fn a_tree_that_repeats_itself_to_more_files_than_can_be_counted_is_refused_with_its_limit() {
    let bench = Bench::new();
    let repository = bench.repository("endless").await;
    let commit = repository.nested(10, 100, b"x".to_vec()).await;
    assert_eq!(limit(&repository, &bench, commit).await, "200000 files");
}

#[tokio::test]
async fn a_small_repository_of_a_large_tree_is_refused_with_its_limit() {
    let bench = Bench::new();
    let repository = bench.repository("large").await;
    let commit = repository.nested(1, 3000, vec![0; 1024 * 1024]).await;
    assert_eq!(limit(&repository, &bench, commit).await, "2 GiB");
}

#[tokio::test]
async fn names_that_lead_out_of_a_tree_are_refused_or_left_out() {
    let bench = Bench::new();
    for (number, name) in ["..", ".", "../escape", "/absolute", ".git", "a/../../escape", ""].into_iter().enumerate() {
        let repository = bench.repository(&format!("out{number}")).await;
        let file = repository.object("blob", b"x".to_vec()).await;
        let inside = repository.tree(&[("100644", "escape".into(), &file)]).await;
        let entries = [("40000", name.to_owned(), inside.as_str()), ("100644", "zzz".into(), file.as_str())];
        let tree = repository.tree(&entries).await;
        let commit = repository.committed(&tree).await;
        let Ok(git) = fetched(&bench, &repository, &commit).await else { continue };
        let Ok(archive) = git.archive(&repository.url(), &commit, &path("")).await else { continue };
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut { archive.file }, &mut bytes).expect("read");
        super::trees::context(&bytes);
    }
}

#[tokio::test]
async fn a_link_that_leads_out_stays_a_link() {
    let bench = Bench::new();
    let repository = bench.repository("link").await;
    std::os::unix::fs::symlink("/etc/passwd", repository.path.join("Dockerfile")).expect("a link");
    std::os::unix::fs::symlink("../../../../etc", repository.path.join("up")).expect("a link");
    let commit = repository.commit("links").await;
    let git = fetched(&bench, &repository, &commit).await.expect("fetched");
    let url = repository.url();
    assert_eq!(git.read(&url, &commit, &path("Dockerfile"), 1024).await.expect("read"), None);
    assert_eq!(git.read(&url, &commit, &path("up/passwd"), 1024).await.expect("read"), None);
    let archive = git.archive(&url, &commit, &path("")).await.expect("an archive");
    assert!(unpacked(archive).iter().all(|(_, content)| content.is_empty()), "a link's target was read");
}

/// An archive of one entry, whose names are written as they are, and its content.
fn entry(kind: EntryType, name: &str, target: &str, claimed: u64, content: &[u8]) -> Vec<u8> {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(claimed);
    header.set_mode(0o4777);
    let bytes = header.as_mut_bytes();
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    bytes[157..157 + target.len()].copy_from_slice(target.as_bytes());
    header.set_cksum();
    let mut builder = Builder::new(Vec::new());
    builder.append(&header, content).expect("appended");
    builder.into_inner().expect("an archive")
}

/// What of an archive would be sent to the build: paths and their kinds.
fn sent(archive: &[u8]) -> std::io::Result<Vec<(String, EntryType)>> {
    let context = Context::Tree { ignore: Ignore::parse(".dockerignore", "").expect("patterns") };
    let file = RecipeFile::InContext("Dockerfile".parse().expect("a path"));
    let recipe = Recipe { file, target: None, arguments: vec![], secrets: vec![], unused: vec![], exposed_port: None, context };
    let mut output = Vec::new();
    let assembled = assemble(&recipe, archive, &mut output, 7);
    assert!(output.len() <= archive.len() + 64 * 1024, "{} bytes became {}", archive.len(), output.len());
    assembled?;
    let mut archive = tar::Archive::new(output.as_slice());
    let entries = archive.entries()?.map(|entry| entry.and_then(|entry| Ok((entry.path()?.display().to_string(), entry.header().entry_type()))));
    entries.collect()
}

#[test]
fn paths_that_lead_out_of_an_archive_are_refused() {
    for name in ["..", "../escape", "../../escape", "a/../../escape", "a/.."] {
        assert!(sent(&entry(EntryType::Regular, name, "", 5, b"hello")).is_err(), "{name}");
    }
}

#[test]
fn an_absolute_path_in_an_archive_is_taken_from_its_root() {
    let found = sent(&entry(EntryType::Regular, "/etc/passwd", "", 5, b"hello")).expect("assembled");
    assert_eq!(found, [("etc/passwd".to_owned(), EntryType::Regular)]);
}

#[test]
fn hard_links_devices_and_pipes_of_an_archive_are_left_out() {
    for kind in [EntryType::Link, EntryType::Char, EntryType::Block, EntryType::Fifo] {
        assert_eq!(sent(&entry(kind, "x", "/etc/passwd", 0, b"")).expect("assembled"), [], "{kind:?}");
    }
}

#[test]
fn a_link_of_an_archive_is_sent_as_a_link_and_never_followed() {
    let found = sent(&entry(EntryType::Symlink, "x", "/etc/passwd", 0, b"")).expect("assembled");
    assert_eq!(found, [("x".to_owned(), EntryType::Symlink)]);
}

#[test]
fn an_archive_that_claims_more_than_it_holds_is_refused() {
    for claimed in [1 << 20, 1 << 32] {
        assert!(sent(&entry(EntryType::Regular, "x", "", claimed, b"hello")).is_err(), "{claimed}");
    }
}

#[test]
fn a_sparse_file_does_not_grow_to_what_it_claims() {
    assert_eq!(sent(&entry(EntryType::GNUSparse, "x", "", 0, b"")).unwrap_or_default(), []);
}
