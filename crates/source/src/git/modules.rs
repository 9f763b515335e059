//! Submodules: each is a repository with a cache of its own, under the same policy as every other.

use super::{Git, fetch::Wanted, tree::listed};
use crate::Error;
use model::{CommitSha, EntryKind, GitUrl, RelativePath, Secret, git::GitTransport};
use std::{collections::BTreeMap, pin::Pin};

/// How deep submodules of submodules are followed.
const DEPTH_LEVELS: usize = 5;
/// Most submodules of one commit.
const MODULES_COUNT: usize = 100;
/// Largest `.gitmodules`, in bytes.
const FILE_LENGTH_BYTES: usize = 256 * 1024;

/// A submodule in a tree.
pub(super) struct Module {
    /// Its place below the directory that was asked for.
    pub(super) path: RelativePath,
    pub(super) url: GitUrl,
    pub(super) commit: CommitSha,
}

type Modules<'a> = Pin<Box<dyn Future<Output = Result<Vec<Module>, Error>> + Send + 'a>>;

impl Git {
    /// Fetches the submodules of a fetched commit, and theirs.
    pub(super) async fn fetch_modules(&self, url: &GitUrl, commit: &CommitSha, key: Option<&Secret>, sink: &mut (dyn FnMut(&str) + Send)) -> Result<(), Error> {
        let mut waiting = vec![(url.clone(), commit.clone(), 0)];
        let mut count = 0;
        while let Some((parent, commit, depth)) = waiting.pop() {
            for module in self.modules(&parent, &commit).await? {
                count += 1;
                if depth >= DEPTH_LEVELS || count > MODULES_COUNT {
                    return Err(Error::TooLarge { limit: format!("{MODULES_COUNT} submodules, {DEPTH_LEVELS} deep,") });
                }
                // A deploy key belongs to its host: no other one gets to see it.
                let same_host = module.url.transport() == GitTransport::Ssh && module.url.host() == url.host();
                let key = key.filter(|_| same_host);
                sink(&format!("Submodule {} at {}", module.path, module.commit.short()));
                self.fetch_commit(Wanted { url: &module.url, reference: None, commit: &module.commit, key }, sink).await?;
                waiting.push((module.url, module.commit, depth + 1));
            }
        }
        Ok(())
    }

    /// All submodules below a directory, those of submodules included, as they lie there.
    pub(super) async fn modules_below(&self, url: &GitUrl, commit: &CommitSha, base: &RelativePath) -> Result<Vec<Module>, Error> {
        self.walk(url.clone(), commit.clone(), 0).await.map(|all| all.into_iter().filter_map(|module| placed(module, base)).collect())
    }

    fn walk(&self, url: GitUrl, commit: CommitSha, depth: usize) -> Modules<'_> {
        Box::pin(async move {
            let mut found = Vec::new();
            for module in self.modules(&url, &commit).await? {
                let below = if depth < DEPTH_LEVELS { self.walk(module.url.clone(), module.commit.clone(), depth + 1).await? } else { Vec::new() };
                found.extend(below.into_iter().map(|deeper| Module { path: module.path.join(&deeper.path), ..deeper }));
                found.push(module);
            }
            Ok(found)
        })
    }

    /// The submodules that a commit itself names and has.
    async fn modules(&self, url: &GitUrl, commit: &CommitSha) -> Result<Vec<Module>, Error> {
        let path: RelativePath = ".gitmodules".parse().map_err(Error::Address)?;
        let Some(_) = self.read(url, commit, &path, FILE_LENGTH_BYTES).await? else { return Ok(Vec::new()) };
        let output = self.cached(url).args(["config", "--null", "--list", "--blob"]).arg(format!("{commit}:.gitmodules")).run().await?;
        let addresses = addresses(&String::from_utf8_lossy(&output.stdout));
        let list = self.list_tree(url, commit, &RelativePath::root()).await?;
        let mut modules = Vec::new();
        for entry in listed(&list).filter(|entry| entry.kind == EntryKind::Submodule) {
            // Git leaves a submodule without an address empty, too.
            let Some(address) = addresses.get(entry.path) else { continue };
            let (Ok(path), Ok(commit)) = (entry.path.parse(), entry.object.parse()) else { continue };
            modules.push(Module { path, url: absolute(url, address)?, commit });
        }
        Ok(modules)
    }
}

/// Where a module lies seen from a directory; none when it lies elsewhere.
fn placed(module: Module, base: &RelativePath) -> Option<Module> {
    if base.is_root() {
        return Some(module);
    }
    let rest = module.path.as_str().strip_prefix(base.as_str())?.strip_prefix('/')?;
    Some(Module { path: rest.parse().ok()?, ..module })
}

/// Addresses by path from `git config --null --list`: each entry is `submodule.NAME.FIELD`, a line end, its value.
fn addresses(list: &str) -> BTreeMap<String, String> {
    let mut fields: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for (name, value) in list.split('\0').filter_map(|entry| entry.split_once('\n')) {
        if let Some((module, field)) = name.strip_prefix("submodule.").and_then(|rest| rest.rsplit_once('.')) {
            fields.insert((module, field), value);
        }
    }
    let paths = fields.iter().filter(|((_, field), _)| *field == "path");
    paths.filter_map(|((module, _), path)| Some(((*path).trim_end_matches('/').to_owned(), (*fields.get(&(module, "url"))?).to_owned()))).collect()
}

/// An address that begins with `./` or `../` is meant from the repository's own.
fn absolute(parent: &GitUrl, address: &str) -> Result<GitUrl, Error> {
    let mut address = address;
    if !address.starts_with("./") && !address.starts_with("../") {
        return address.parse().map_err(Error::Address);
    }
    let mut whole = parent.as_str().trim_end_matches('/').to_owned();
    loop {
        if let Some(rest) = address.strip_prefix("../") {
            let keep = whole.rfind('/').or_else(|| whole.rfind(':').map(|at| at + 1)).unwrap_or(whole.len());
            whole.truncate(keep);
            address = rest;
        } else if let Some(rest) = address.strip_prefix("./") {
            address = rest;
        } else {
            break;
        }
    }
    let separator = if whole.ends_with(':') { "" } else { "/" };
    format!("{whole}{separator}{address}").parse().map_err(Error::Address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_addresses_are_meant_from_the_parent() {
        for (parent, address, expected) in [
            ("https://h/a/b.git", "../c.git", "https://h/a/c.git"),
            ("https://h/a/b.git/", "../../c/d", "https://h/c/d"),
            ("git@h:a/b.git", "../c.git", "git@h:a/c.git"),
            ("git@h:b.git", "../c.git", "git@h:c.git"),
            ("https://h/a/b", "./c", "https://h/a/b/c"),
            ("https://h/a/b", "https://o/x", "https://o/x"),
        ] {
            let parent: GitUrl = parent.parse().expect("a repository");
            assert_eq!(absolute(&parent, address).map(String::from).ok().as_deref(), Some(expected));
        }
        let parent: GitUrl = "https://h/a/b".parse().expect("a repository");
        for bad in ["ext::sh -c id", "-u", "/etc"] {
            assert!(absolute(&parent, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_module_is_placed_seen_from_the_directory() {
        let module = |path: &str| Module {
            path: path.parse().expect("a path"),
            url: "https://h/a".parse().expect("a repository"),
            commit: "a".repeat(40).parse().expect("a commit"),
        };
        let at = |path: &str, base: &str| placed(module(path), &base.parse().expect("a path")).map(|module| String::from(module.path));
        assert_eq!((at("web/lib", "web"), at("web/lib", "")), (Some("lib".into()), Some("web/lib".into())));
        assert_eq!(at("website", "web"), None);
    }
}
