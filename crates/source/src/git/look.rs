//! What a repository has, asked without fetching it.

use super::{Git, LOOK_TIMEOUT, NAMES_COUNT};
use crate::{Error, stderr::classify};
use model::{CommitSha, GitReference, GitUrl, Secret};

/// Bytes of the list of references that are read: some 200 000 names.
const LIST_LENGTH_BYTES: usize = 16 * 1024 * 1024;
/// Names offered for one that is not there.
const NEAR_NAMES_COUNT: usize = 5;

/// What a repository has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Its branches, the default one first; at most [`NAMES_COUNT`].
    pub branches: Vec<String>,
    /// The branch it is cloned at.
    pub default_branch: Option<String>,
    /// Its tags, those of the highest names first; at most [`NAMES_COUNT`].
    pub tags: Vec<String>,
    /// Whether it has no commit at all.
    pub empty: bool,
}

impl Git {
    /// Looks at a repository.
    ///
    /// # Errors
    /// It cannot be reached or read.
    pub async fn look(&self, url: &GitUrl, key: Option<&Secret>) -> Result<Look, Error> {
        Ok(read(&self.list(url, key, &[]).await?))
    }

    /// The commit that a reference names now. A branch that is not there may be a tag.
    ///
    /// # Errors
    /// It cannot be reached or read, is empty, or has no such reference.
    pub async fn resolve(&self, url: &GitUrl, reference: &GitReference, key: Option<&Secret>) -> Result<CommitSha, Error> {
        let name = match reference {
            GitReference::Commit(commit) => return Ok(commit.clone()),
            GitReference::Branch(name) | GitReference::Tag(name) => name.as_str(),
        };
        let (branch, tag) = (format!("refs/heads/{name}"), format!("refs/tags/{name}"));
        let peeled = format!("{tag}^{{}}");
        let wanted: &[&str] = if matches!(reference, GitReference::Tag(_)) { &[&peeled, &tag] } else { &[&branch, &peeled, &tag] };
        let list = self.list(url, key, wanted).await?;
        let found = wanted.iter().find_map(|wanted| lines(&list).find(|(_, name)| name == wanted));
        if let Some(commit) = found.and_then(|(commit, _)| commit.parse().ok()) {
            return Ok(commit);
        }
        let look = self.look(url, key).await?;
        if look.empty { Err(Error::Empty) } else { Err(Error::ReferenceGone { reference: name.to_owned(), existing: near_names(name, &look) }) }
    }

    async fn list(&self, url: &GitUrl, key: Option<&Secret>, patterns: &[&str]) -> Result<String, Error> {
        let git = self.remote(url, key).await?.timeout(LOOK_TIMEOUT).output_length_bytes(LIST_LENGTH_BYTES);
        let output = git.args(["ls-remote", "--symref", "--"]).arg(url.as_str()).args(patterns.iter().copied()).run().await?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(classify(&String::from_utf8_lossy(&output.stderr), url, patterns.first().unwrap_or(&"HEAD")))
    }
}

/// `(commit, reference)` of each line.
fn lines(list: &str) -> impl Iterator<Item = (&str, &str)> {
    list.lines().filter_map(|line| line.split_once('\t'))
}

fn read(list: &str) -> Look {
    let head = lines(list).find_map(|(target, name)| if name == "HEAD" { target.strip_prefix("ref: refs/heads/") } else { None });
    let named = |prefix: &'static str| lines(list).filter_map(move |(_, name)| name.strip_prefix(prefix)).filter(|name| !name.ends_with("^{}"));
    let (mut branches, mut tags): (Vec<_>, Vec<_>) = (named("refs/heads/").map(str::to_owned).collect(), named("refs/tags/").map(str::to_owned).collect());
    branches.sort_by_key(|branch| Some(branch.as_str()) != head);
    branches.truncate(NAMES_COUNT);
    tags.reverse();
    tags.truncate(NAMES_COUNT);
    let default_branch = head.map(str::to_owned).filter(|head| branches.contains(head));
    Look { empty: lines(list).next().is_none(), branches, default_branch, tags }
}

/// Names like one that is not there; the default branch when none is.
fn near_names(name: &str, look: &Look) -> Vec<String> {
    let name = name.to_lowercase();
    let likeness = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        let shared = candidate.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
        let contained = candidate.contains(&name) || name.contains(&candidate);
        (contained || shared * 2 >= name.chars().count().max(3)).then_some((contained, shared))
    };
    let mut near: Vec<_> = look.branches.iter().chain(&look.tags).filter_map(|candidate| Some((likeness(candidate)?, candidate.clone()))).collect();
    near.sort_by_key(|(likeness, _)| std::cmp::Reverse(*likeness));
    near.truncate(NEAR_NAMES_COUNT);
    let near: Vec<String> = near.into_iter().map(|(_, candidate)| candidate).collect();
    if near.is_empty() { look.branches.iter().take(NEAR_NAMES_COUNT).cloned().collect() } else { near }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_branch_comes_first_and_peeled_tags_not_at_all() {
        let look = read("ref: refs/heads/main\tHEAD\n1\tHEAD\n1\trefs/heads/a\n1\trefs/heads/main\n2\trefs/tags/v1\n1\trefs/tags/v1^{}\n3\trefs/tags/v2\n");
        assert_eq!(
            (look.branches, look.default_branch, look.tags, look.empty),
            (vec!["main".into(), "a".into()], Some("main".into()), vec!["v2".into(), "v1".into()], false)
        );
        assert!(read("").empty);
    }

    #[test]
    fn the_nearest_names_are_offered() {
        let look = Look { branches: ["main", "develop", "feature/login"].map(str::to_owned).to_vec(), ..Look::default() };
        assert_eq!(near_names("login", &look), ["feature/login"]);
        assert_eq!(near_names("mian", &look), ["main", "develop", "feature/login"]);
        assert_eq!(near_names("Develop", &look), ["develop"]);
    }
}
