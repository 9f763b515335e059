//! A source tree as a value: what is in it, and the content of the few files that decide.

use model::{BuildPack, RelativePath};
pub use model::{EntryKind as Kind, TreeEntry as Entry};
use std::collections::BTreeMap;

/// A source tree below its base directory.
#[derive(Debug, Clone, Default)]
pub struct FileTree {
    entries: Vec<Entry>,
    contents: BTreeMap<String, Vec<u8>>,
}

/// Dockerfiles read for a guess; a tree with more is guessed from these.
const DOCKERFILES_READ_COUNT: usize = 20;

impl FileTree {
    /// A tree of these entries, contents not yet given.
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries, contents: BTreeMap::new() }
    }

    /// Files whose content [`crate::detect`] and [`crate::recipe`] read, for a pack or, without one, for a guess. Give each with [`FileTree::give`].
    pub fn wanted(&self, pack: Option<&BuildPack>) -> Vec<RelativePath> {
        let named = match pack {
            Some(BuildPack::Dockerfile(pack)) => vec![pack.location.clone()],
            Some(BuildPack::Static(_) | BuildPack::Image) => return Vec::new(),
            None => self.dockerfiles().into_iter().take(DOCKERFILES_READ_COUNT).collect(),
        };
        let beside = named.iter().filter_map(|path| format!("{path}.dockerignore").parse().ok()).collect::<Vec<_>>();
        let fixed = [".dockerignore", "package.json"].iter().filter_map(|path| path.parse().ok());
        named.into_iter().chain(beside).chain(fixed).filter(|path| self.kind(path.as_str()) == Some(Kind::File)).collect()
    }

    /// Gives the content of a file.
    pub fn give(&mut self, path: &RelativePath, content: Vec<u8>) {
        self.contents.insert(path.as_str().to_owned(), content);
    }

    /// Whether there is no file at all.
    pub fn is_empty(&self) -> bool {
        !self.entries.iter().any(|entry| entry.kind != Kind::Directory)
    }

    /// The entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The text of a file whose content was given; what is not UTF-8 in it is replaced.
    pub fn text(&self, path: &str) -> Option<String> {
        self.contents.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// What is at a path. A directory is there when something lies below it, listed itself or not.
    pub fn kind(&self, path: &str) -> Option<Kind> {
        let below = |entry: &Entry| path.is_empty() || entry.path.as_str().strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        let itself = self.entries.iter().find(|entry| entry.path.as_str() == path).map(|entry| entry.kind);
        itself.or_else(|| self.entries.iter().any(below).then_some(Kind::Directory))
    }

    /// Names of the directories at the top, sorted.
    pub fn top_directories(&self) -> Vec<String> {
        let top = |entry: &Entry| match (entry.path.as_str().split_once('/'), entry.kind) {
            (Some((first, _)), _) => Some(first.to_owned()),
            (None, Kind::Directory | Kind::Submodule) => Some(entry.path.as_str().to_owned()),
            (None, Kind::File | Kind::Symlink) => None,
        };
        self.entries.iter().filter_map(top).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }

    /// Dockerfiles at the top and one level down, the likeliest first.
    pub fn dockerfiles(&self) -> Vec<RelativePath> {
        let mut found: Vec<_> = self
            .entries
            .iter()
            .filter(|entry| entry.kind == Kind::File && entry.path.as_str().matches('/').count() <= 1)
            .filter_map(|entry| likelihood(entry.path.as_str()).map(|rank| (rank, entry.path.clone())))
            .collect();
        found.sort();
        found.into_iter().map(|(_, path)| path).collect()
    }
}

/// How likely a path is the Dockerfile that is meant: lower is likelier, none is no Dockerfile.
fn likelihood(path: &str) -> Option<(usize, u8)> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let rank = match name.as_str() {
        "dockerfile" => 0,
        "containerfile" => 1,
        _ if name.ends_with(".dockerignore") => return None,
        _ if name.starts_with("dockerfile.prod") => 2,
        _ if name.starts_with("dockerfile.") || name.ends_with(".dockerfile") => 3,
        _ => return None,
    };
    Some((path.matches('/').count(), rank))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A tree from `(path, content)`; contents of all files are given.
    pub(crate) fn tree(files: &[(&str, &str)]) -> FileTree {
        let path = |text: &str| text.parse::<RelativePath>().expect("a path");
        let entry = |(name, content): &(&str, &str)| Entry { path: path(name), size_bytes: content.len() as u64, kind: Kind::File };
        let mut tree = FileTree::new(files.iter().map(entry).collect());
        files.iter().for_each(|(name, content)| tree.give(&path(name), content.as_bytes().to_vec()));
        tree
    }

    #[test]
    fn the_likeliest_dockerfile_comes_first_and_deep_ones_not_at_all() {
        let tree = tree(&[("a/b/Dockerfile", ""), ("docker/Dockerfile", ""), ("Dockerfile.dev", ""), ("Dockerfile.dockerignore", ""), ("Containerfile", "")]);
        let names: Vec<_> = tree.dockerfiles().into_iter().map(String::from).collect();
        assert_eq!(names, ["Containerfile", "Dockerfile.dev", "docker/Dockerfile"]);
    }

    #[test]
    fn directories_are_there_when_something_lies_below_them() {
        let tree = tree(&[("public/index.html", "")]);
        assert_eq!(tree.kind("public"), Some(Kind::Directory));
        assert_eq!(tree.kind("pub"), None);
        assert_eq!(tree.top_directories(), ["public"]);
    }

    #[test]
    fn only_what_decides_is_read() {
        let tree = tree(&[("Dockerfile", ""), ("Dockerfile.dockerignore", ""), (".dockerignore", ""), ("main.rs", ""), ("package.json", "")]);
        let names: Vec<_> = tree.wanted(None).into_iter().map(String::from).collect();
        assert_eq!(names, ["Dockerfile", "Dockerfile.dockerignore", ".dockerignore", "package.json"]);
    }
}
