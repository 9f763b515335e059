//! Whether a push deploys an application, and if not, why in a sentence.

use crate::webhook::{Push, Pushed};
use globset::{GlobBuilder, GlobMatcher};
use model::{GitReference, Invalid};

/// What a push means for an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wants {
    /// It deploys.
    Deploy,
    /// It does not, for this reason.
    Skip(String),
}

/// Words that keep a push from deploying when every commit message has one of them.
const SKIP_WORDS: [&str; 2] = ["[skip ci]", "[skip cd]"];

/// Decides whether a push deploys what is set up with this reference and these watch paths (see [`check_watch_paths`]).
pub fn push_wants_deploy(push: &Push, reference: &GitReference, watch_paths: &[String]) -> Wants {
    match (&push.pushed, reference) {
        (Pushed::Branch(name), GitReference::Branch(wanted)) if name == wanted.as_str() => {}
        (Pushed::Tag(name), GitReference::Tag(wanted)) if name == wanted.as_str() => {}
        (_, GitReference::Commit(commit)) => return Wants::Skip(format!("The application stays at commit {}.", commit.short())),
        (Pushed::Branch(name), wanted) => return Wants::Skip(format!("The push is to branch {name}; the application follows {wanted}.")),
        (Pushed::Tag(name), wanted) => return Wants::Skip(format!("The push is to tag {name}; the application follows {wanted}.")),
    }
    if push.deleted {
        return Wants::Skip(format!("{reference} was removed."));
    }
    if asks_to_skip(push) {
        return Wants::Skip("Every commit message has [skip ci] or [skip cd].".to_owned());
    }
    if !watch_paths.is_empty() && push.complete && !push.commits.iter().flat_map(|commit| &commit.changed).any(|path| is_watched(path, watch_paths)) {
        return Wants::Skip("No changed path is watched.".to_owned());
    }
    Wants::Deploy
}

fn asks_to_skip(push: &Push) -> bool {
    let asks = |message: &str| SKIP_WORDS.iter().any(|word| message.to_lowercase().contains(word));
    if push.commits.is_empty() { push.message.as_deref().is_some_and(asks) } else { push.commits.iter().all(|commit| asks(&commit.message)) }
}

/// Whether a path is watched: the last pattern that matches it, or a directory above it, decides. Without a match it is, when every pattern excludes.
pub fn is_watched(path: &str, watch_paths: &[String]) -> bool {
    let patterns: Vec<_> = watch_paths.iter().filter_map(|pattern| Pattern::parse(pattern).ok()).collect();
    let last = patterns.iter().rev().find(|pattern| pattern.matches(path));
    last.map_or_else(|| patterns.iter().all(|pattern| pattern.excludes), |pattern| !pattern.excludes)
}

/// Checks patterns of watch paths: globs from the top of the repository, `*` within a part, `**` across, a directory covers what lies below, `!` excludes.
///
/// # Errors
/// The first pattern that cannot be read.
pub fn check_watch_paths(watch_paths: &[String]) -> Result<(), Invalid> {
    watch_paths.iter().try_for_each(|pattern| Pattern::parse(pattern).map(|_| ()))
}

struct Pattern {
    itself: GlobMatcher,
    below: GlobMatcher,
    excludes: bool,
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let (excludes, pattern) = text.strip_prefix('!').map_or((false, text), |pattern| (true, pattern.trim()));
        let pattern = pattern.trim_matches('/');
        let wrong = || Invalid::new(format!("`{text}` is no pattern: write paths such as src/** or !docs"));
        if pattern.is_empty() {
            return Err(wrong());
        }
        let glob = |pattern: &str| GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build().map(|glob| glob.compile_matcher());
        let below = format!("{pattern}/**");
        Ok(Self { itself: glob(pattern).map_err(|_| wrong())?, below: glob(&below).map_err(|_| wrong())?, excludes })
    }

    fn matches(&self, path: &str) -> bool {
        self.itself.is_match(path) || self.below.is_match(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::PushedCommit;

    fn push(commits: &[(&str, &[&str])]) -> Push {
        let one = |(message, changed): &(&str, &[&str])| PushedCommit {
            id: "1".to_owned(),
            message: (*message).to_owned(),
            changed: changed.iter().map(|path| (*path).to_owned()).collect(),
        };
        Push {
            repository: "ada/shop".to_owned(),
            pushed: Pushed::Branch("main".to_owned()),
            before: "a".repeat(40).parse().ok(),
            after: "b".repeat(40).parse().ok(),
            deleted: false,
            commits: commits.iter().map(one).collect(),
            complete: true,
            message: None,
            pusher: None,
            compare_url: None,
        }
    }

    fn branch(name: &str) -> GitReference {
        GitReference::Branch(name.parse().expect("a branch"))
    }

    fn paths(list: &[&str]) -> Vec<String> {
        list.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn only_the_branch_that_is_followed_deploys() {
        let push = push(&[("x", &["a"])]);
        assert_eq!(push_wants_deploy(&push, &branch("main"), &[]), Wants::Deploy);
        assert_eq!(push_wants_deploy(&push, &branch("next"), &[]), Wants::Skip("The push is to branch main; the application follows next.".to_owned()));
        let pinned = GitReference::Commit("c".repeat(40).parse().expect("a commit"));
        assert_eq!(push_wants_deploy(&push, &pinned, &[]), Wants::Skip("The application stays at commit cccccccccccc.".to_owned()));
        let tag = GitReference::Tag("main".parse().expect("a tag"));
        assert!(matches!(push_wants_deploy(&push, &tag, &[]), Wants::Skip(_)));
    }

    #[test]
    fn a_removed_branch_deploys_nothing() {
        let push = Push { deleted: true, after: None, ..push(&[]) };
        assert_eq!(push_wants_deploy(&push, &branch("main"), &[]), Wants::Skip("main was removed.".to_owned()));
    }

    #[test]
    fn a_push_is_skipped_when_every_commit_asks_for_it() {
        let asked = push_wants_deploy(&push(&[("a [Skip CI]", &["a"]), ("b\n\n[skip cd]", &["b"])]), &branch("main"), &[]);
        assert_eq!(asked, Wants::Skip("Every commit message has [skip ci] or [skip cd].".to_owned()));
        assert_eq!(push_wants_deploy(&push(&[("a [skip ci]", &["a"]), ("b", &["b"])]), &branch("main"), &[]), Wants::Deploy);
    }

    #[test]
    fn watch_paths_decide_when_the_push_names_its_paths() {
        let watched = paths(&["src/**", "!src/docs", "Dockerfile"]);
        for (path, deploys) in [("src/a/b.rs", true), ("src/docs/x.md", false), ("Dockerfile", true), ("README.md", false)] {
            let wants = push_wants_deploy(&push(&[("x", &[path])]), &branch("main"), &watched);
            assert_eq!(wants == Wants::Deploy, deploys, "{path}");
        }
        let unknown = Push { complete: false, ..push(&[("x", &["README.md"])]) };
        assert_eq!(push_wants_deploy(&unknown, &branch("main"), &watched), Wants::Deploy);
    }

    #[test]
    fn patterns_that_only_exclude_watch_everything_else() {
        let watched = paths(&["!docs/", "!*.md"]);
        for (path, expected) in [("docs/a", false), ("README.md", false), ("src/README.md", true), ("src/a.rs", true)] {
            assert_eq!(is_watched(path, &watched), expected, "{path}");
        }
    }

    #[test]
    fn the_last_pattern_that_matches_decides() {
        let watched = paths(&["!web", "web/api/**"]);
        assert!(is_watched("web/api/x", &watched) && !is_watched("web/x", &watched));
        assert!(check_watch_paths(&watched).is_ok());
        assert!(check_watch_paths(&paths(&["ok", "[a"])).is_err_and(|why| why.0.contains("[a")));
    }
}
