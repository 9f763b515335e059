//! Real repositories for tests.

use model::{CommitSha, GitReference, GitSource, GitUrl, RelativePath};
use source::{Git, SourcePolicy};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory with repositories and a cache, removed when dropped.
pub struct Bench {
    directory: TempDir,
}

impl Bench {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Git that reads local and private repositories.
    pub fn git(&self) -> Git {
        self.git_with(SourcePolicy { allow_local: true, allow_private: true })
    }

    pub fn git_with(&self, policy: SourcePolicy) -> Git {
        Git::new(self.path().join("the cache"), policy)
    }

    /// An empty repository with a work tree.
    pub async fn repository(&self, name: &str) -> Repository {
        let repository = Repository { path: self.path().join(name) };
        std::fs::create_dir_all(&repository.path).expect("a directory");
        repository.git(&["init", "--quiet", "--initial-branch=main"]).await;
        repository
    }
}

pub struct Repository {
    pub path: PathBuf,
}

impl Repository {
    /// Runs git in the work tree and returns what it prints.
    pub async fn git(&self, arguments: &[&str]) -> String {
        let command = host::Command::new("git").directory(&self.path).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        let command = command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "protocol.file.allow=always"]);
        let output = command.args(arguments.iter().copied()).run().await.expect("git runs");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub fn write(&self, path: &str, content: &str) {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, content).expect("written");
    }

    /// Commits everything and returns the commit.
    pub async fn commit(&self, message: &str) -> CommitSha {
        self.git(&["add", "--all"]).await;
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]).await;
        self.head().await
    }

    pub async fn head(&self) -> CommitSha {
        self.git(&["rev-parse", "HEAD"]).await.parse().expect("a commit")
    }

    pub fn url(&self) -> GitUrl {
        format!("file://{}", self.path.display()).parse().expect("a repository")
    }

    pub fn source(&self) -> GitSource {
        source_at(self.url())
    }
}

pub fn source_at(url: GitUrl) -> GitSource {
    GitSource { url, reference: branch("main"), base_directory: RelativePath::root(), key: None, submodules: false }
}

pub fn branch(name: &str) -> GitReference {
    GitReference::Branch(name.parse().expect("a branch"))
}

pub fn tag(name: &str) -> GitReference {
    GitReference::Tag(name.parse().expect("a tag"))
}

pub fn path(text: &str) -> RelativePath {
    text.parse().expect("a path")
}

/// `(path, content)` of everything but directories in an archive, sorted.
pub fn unpacked(archive: source::Archive) -> Vec<(String, String)> {
    let mut archive = tar::Archive::new(archive.file);
    archive.set_ignore_zeros(true);
    let mut found = Vec::new();
    for entry in archive.entries().expect("entries") {
        let mut entry = entry.expect("an entry");
        if matches!(entry.header().entry_type(), tar::EntryType::Regular | tar::EntryType::Symlink) {
            let mut content = String::new();
            std::io::Read::read_to_string(&mut entry, &mut content).expect("text");
            found.push((entry.path().expect("a path").to_string_lossy().into_owned(), content));
        }
    }
    found.sort();
    found
}
