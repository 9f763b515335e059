//! Repositories on this machine: everything but the transport.

use crate::repository::{Bench, branch, path, tag, unpacked};
use model::{CommitSha, GitReference, GitSource};
use source::{EntryKind, Error, SourcePolicy};
use std::time::Duration;

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(path, content)| ((*path).to_owned(), (*content).to_owned())).collect()
}

#[tokio::test]
async fn a_look_lists_branches_and_tags_with_the_default_first() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    repository.commit("first").await;
    repository.git(&["branch", "alpha"]).await;
    repository.git(&["tag", "-a", "v1", "-m", "one"]).await;
    repository.git(&["tag", "v2"]).await;
    let look = bench.git().look(&repository.url(), None).await.expect("a look");
    assert_eq!(
        (look.branches, look.default_branch.as_deref(), look.tags, look.empty),
        (vec!["main".into(), "alpha".into()], Some("main"), vec!["v2".into(), "v1".into()], false)
    );
}

#[tokio::test]
async fn an_empty_repository_says_so() {
    let bench = Bench::new();
    let repository = bench.repository("empty").await;
    let git = bench.git();
    assert!(git.look(&repository.url(), None).await.expect("a look").empty);
    assert!(matches!(git.resolve(&repository.url(), &branch("main"), None).await, Err(Error::Empty)));
}

#[tokio::test]
async fn references_resolve_to_commits() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    let first = repository.commit("first").await;
    repository.git(&["tag", "-a", "v1", "-m", "one"]).await;
    repository.git(&["branch", "other/main"]).await;
    let second = repository.commit("second").await;
    let (git, url) = (bench.git(), repository.url());
    assert_eq!(git.resolve(&url, &branch("main"), None).await.expect("a commit"), second);
    assert_eq!(git.resolve(&url, &branch("other/main"), None).await.expect("a commit"), first);
    assert_eq!(git.resolve(&url, &tag("v1"), None).await.expect("a commit"), first);
    assert_eq!(git.resolve(&url, &branch("v1"), None).await.expect("a commit"), first);
    assert_eq!(git.resolve(&url, &GitReference::Commit(first.clone()), None).await.expect("a commit"), first);
}

#[tokio::test]
async fn a_branch_that_is_gone_is_named_with_those_like_it() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    repository.commit("first").await;
    repository.git(&["branch", "feature/login"]).await;
    let error = bench.git().resolve(&repository.url(), &branch("login"), None).await.expect_err("no such branch");
    assert_eq!(error.to_string(), "the repository has no branch or tag `login`. It has feature/login");
}

#[tokio::test]
async fn a_repository_that_is_not_there_may_need_credentials() {
    let bench = Bench::new();
    let url = format!("file://{}/nothing.git", bench.path().display()).parse().expect("a repository");
    assert!(matches!(bench.git().look(&url, None).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn local_repositories_need_the_setting() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    let git = bench.git_with(SourcePolicy::default());
    assert!(matches!(git.look(&repository.url(), None).await, Err(Error::NotAllowed { setting: "--allow-local-git", .. })));
}

#[tokio::test]
async fn a_fetched_commit_is_read_without_a_checkout() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    repository.write("Dockerfile", "FROM scratch\n");
    repository.write("web/index.html", "hello");
    repository.write("web/deep/a b.txt", "spaces");
    std::os::unix::fs::symlink("/etc/passwd", repository.path.join("web/link")).expect("a link");
    let commit = repository.commit("first line\n\nmore").await;
    let (git, url) = (bench.git(), repository.url());
    git.fetch(&repository.source(), &commit, None, |_| {}).await.expect("fetched");

    let found = git.commit(&url, &commit).await.expect("a commit");
    assert_eq!((found.sha, found.message.as_str(), found.author.as_str()), (commit.clone(), "first line", "Ada"));
    assert!(found.at.as_second() > 1_500_000_000);

    let tree = git.tree(&url, &commit, &path("web")).await.expect("a tree");
    let entries: Vec<_> = tree.iter().map(|entry| (entry.path.as_str(), entry.size_bytes, entry.kind)).collect();
    assert_eq!(
        entries,
        [("deep", 0, EntryKind::Directory), ("deep/a b.txt", 6, EntryKind::File), ("index.html", 5, EntryKind::File), ("link", 0, EntryKind::Symlink)]
    );
    assert!(matches!(git.tree(&url, &commit, &path("nope")).await, Err(Error::NoDirectory { .. })));

    assert_eq!(git.read(&url, &commit, &path("web/index.html"), 100).await.expect("read"), Some(b"hello".to_vec()));
    assert_eq!(git.read(&url, &commit, &path("web/link"), 100).await.expect("read"), None);
    assert_eq!(git.read(&url, &commit, &path("web"), 100).await.expect("read"), None);
    assert_eq!(git.read(&url, &commit, &path("nope"), 100).await.expect("read"), None);
    assert!(matches!(git.read(&url, &commit, &path("web/index.html"), 4).await, Err(Error::TooLarge { .. })));

    let archive = git.archive(&url, &commit, &path("web")).await.expect("an archive");
    assert_eq!(archive.entries, 4);
    assert_eq!(unpacked(archive), pairs(&[("deep/a b.txt", "spaces"), ("index.html", "hello"), ("link", "")]));
    let left: Vec<_> = std::fs::read_dir(bench.path().join("the cache/archives")).expect("a directory").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn an_archive_holds_what_a_checkout_would() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    repository.write(".gitattributes", "tests export-ignore\nDockerfile export-ignore\nversion export-subst\n");
    repository.write("tests/a", "kept");
    repository.write("Dockerfile", "FROM a");
    repository.write("version", "$Format:%H$");
    let commit = repository.commit("first").await;
    let git = bench.git();
    git.fetch(&repository.source(), &commit, None, |_| {}).await.expect("fetched");
    let archive = unpacked(git.archive(&repository.url(), &commit, &path("")).await.expect("an archive"));
    assert_eq!(archive[1..], pairs(&[("Dockerfile", "FROM a"), ("tests/a", "kept"), ("version", "$Format:%H$")]));
}

#[tokio::test]
async fn fetches_are_shallow_and_add_up() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    let first = repository.commit("first").await;
    repository.write("a", "1");
    let second = repository.commit("second").await;
    let (git, url) = (bench.git(), repository.url());
    git.fetch(&repository.source(), &second, None, |_| {}).await.expect("fetched");
    assert!(matches!(git.commit(&url, &first).await, Err(Error::CommitGone { .. })));
    git.fetch(&repository.source(), &first, None, |_| {}).await.expect("fetched");
    for commit in [&first, &second] {
        git.commit(&url, commit).await.expect("both are there");
    }
    std::fs::remove_dir_all(&repository.path).expect("removed");
    git.fetch(&repository.source(), &second, None, |_| {}).await.expect("nothing to fetch");
}

#[tokio::test]
async fn a_commit_that_a_force_push_removed_is_found_while_the_host_has_it_and_said_to_be_gone_after() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    repository.commit("first").await;
    let lost = repository.commit("lost").await;
    repository.git(&["reset", "--quiet", "--hard", "HEAD~1"]).await;
    let forced = repository.commit("forced").await;
    let (git, url) = (bench.git(), repository.url());
    assert_eq!(git.resolve(&url, &branch("main"), None).await.expect("a commit"), forced);
    git.fetch(&repository.source(), &lost, None, |_| {}).await.expect("still there");
    git.forget(&url).await.expect("forgotten");

    repository.git(&["reflog", "expire", "--expire=now", "--all"]).await;
    repository.git(&["gc", "--quiet", "--prune=now"]).await;
    let error = git.fetch(&repository.source(), &lost, None, |_| {}).await.expect_err("gone");
    assert!(matches!(error, Error::CommitGone { .. }), "{error:?}");
    git.fetch(&repository.source(), &forced, None, |_| {}).await.expect("the new one is there");
}

#[tokio::test]
async fn a_commit_that_never_was_is_gone_only_once_everything_was_fetched() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    let first = repository.commit("first").await;
    repository.commit("second").await;
    let git = bench.git();
    git.fetch(&repository.source(), &first, None, |_| {}).await.expect("fetched");
    let unknown: CommitSha = "a".repeat(40).parse().expect("a commit");
    let mut said = Vec::new();
    let error = git.fetch(&repository.source(), &unknown, None, |line| said.push(line.to_owned())).await.expect_err("unknown");
    assert!(matches!(error, Error::CommitGone { .. }), "{error:?}");
    assert!(said.iter().any(|line| line.contains("all of the repository")), "{said:?}");
}

#[tokio::test]
async fn what_a_killed_fetch_left_behind_stops_nothing() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    let first = repository.commit("first").await;
    let git = bench.git();
    git.fetch(&repository.source(), &first, None, |_| {}).await.expect("fetched");
    let second = repository.commit("second").await;
    let cache = std::fs::read_dir(bench.path().join("the cache/repositories")).expect("a directory").next().expect("one").expect("entry").path();
    for (file, content) in [("shallow.lock", ""), ("config.lock", ""), ("config", "[core\n"), ("HEAD", ""), ("shallow", "nonsense")] {
        git.fetch(&repository.source(), &first, None, |_| {}).await.expect("fetched");
        std::fs::write(cache.join(file), content).expect("written");
        git.fetch(&repository.source(), &second, None, |_| {}).await.unwrap_or_else(|why| panic!("{file}: {why}"));
        assert_eq!(git.commit(&repository.url(), &second).await.expect("a commit").message, "second");
        git.forget(&repository.url()).await.expect("forgotten");
    }
}

#[tokio::test]
async fn fetches_of_one_repository_wait_for_each_other() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    let mut commits = Vec::new();
    for number in 0..4 {
        repository.write("n", &number.to_string());
        commits.push(repository.commit("next").await);
    }
    let git = bench.git();
    let source = repository.source();
    let fetches = commits.iter().map(|commit| {
        let (git, source, commit) = (git.clone(), source.clone(), commit.clone());
        tokio::spawn(async move { git.fetch(&source, &commit, None, |_| {}).await })
    });
    for fetch in fetches.collect::<Vec<_>>() {
        fetch.await.expect("joined").expect("fetched");
    }
}

#[tokio::test]
async fn hooks_and_settings_of_a_repository_do_not_run() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    let commit = repository.commit("first").await;
    let mark = bench.path().join("ran");
    let script = format!("#!/bin/sh\ntouch {}\n", mark.display());
    let hook = repository.path.join(".git/hooks/post-upload-pack");
    std::fs::create_dir_all(hook.parent().expect("a parent")).expect("a directory");
    std::fs::write(&hook, &script).expect("written");
    let program = bench.path().join("program");
    std::fs::write(&program, &script).expect("written");
    for file in [&hook, &program] {
        std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("executable");
    }
    for name in ["uploadpack.packObjectsHook", "core.fsmonitor", "core.sshCommand", "core.askPass"] {
        repository.git(&["config", name, &program.display().to_string()]).await;
    }
    let git = bench.git();
    git.look(&repository.url(), None).await.expect("a look");
    git.fetch(&repository.source(), &commit, None, |_| {}).await.expect("fetched");
    git.archive(&repository.url(), &commit, &path("")).await.expect("an archive");
    assert!(!mark.exists());
}

#[tokio::test]
async fn an_archive_becomes_a_build_context() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    repository.write("Dockerfile", "FROM scratch\nCOPY a /a\n");
    repository.write(".dockerignore", "secret\n");
    repository.write("a", "1");
    repository.write("secret", "2");
    let commit = repository.commit("first").await;
    let (git, url) = (bench.git(), repository.url());
    git.fetch(&repository.source(), &commit, None, |_| {}).await.expect("fetched");
    let mut tree = buildpack::FileTree::new(git.tree(&url, &commit, &path("")).await.expect("a tree"));
    for wanted in tree.wanted(None) {
        let content = git.read(&url, &commit, &wanted, 1024 * 1024).await.expect("read").expect("a file");
        tree.give(&wanted, content);
    }
    let pack = buildpack::detect(&tree).pack.expect("a pack");
    let recipe = buildpack::recipe(&pack, &model::Source::Git(repository.source()), &tree, &[]).expect("a recipe");
    let archive = git.archive(&url, &commit, &recipe.directory().expect("a directory")).await.expect("an archive");
    let sent = buildpack::assemble(&recipe, archive.file, std::io::sink(), 0).expect("assembled");
    assert_eq!((sent.files, sent.left_out), (3, 1));
}

#[tokio::test]
async fn a_repository_of_another_user_of_the_machine_is_read() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    let commit = repository.commit("first").await;
    let given = host::Command::new("chown").args(["-R", "65534:65534"]).arg(&repository.path).run().await.expect("chown runs");
    if !given.status.success() {
        eprintln!("only root can give files away: this is not tested");
        return;
    }
    let git = bench.git();
    assert_eq!(git.resolve(&repository.url(), &branch("main"), None).await.expect("a commit"), commit);
    git.fetch(&repository.source(), &commit, None, |_| {}).await.expect("fetched");
}

#[tokio::test]
async fn large_files_kept_elsewhere_are_said_to_stay_there() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    repository.write("assets/.gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    repository.write("assets/text", &"no pointer ".repeat(12));
    let first = repository.commit("first").await;
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345678\n", "a".repeat(64));
    ["assets/logo.bin", "b.bin", "c.bin", "d.bin"].iter().for_each(|path| repository.write(path, &pointer));
    let second = repository.commit("second").await;
    let git = bench.git();
    let said = async |commit, base: &str| {
        let mut said = Vec::new();
        let source = GitSource { base_directory: path(base), ..repository.source() };
        git.fetch(&source, commit, None, |line| said.push(line.to_owned())).await.expect("fetched");
        assert!(!said.iter().any(|line| line.contains("refs/wharf")), "{said:?}");
        said.last().cloned().unwrap_or_default()
    };
    assert!(!said(&first, "").await.contains("LFS"), "attributes alone are no pointers");
    let all = said(&second, "").await;
    assert!(all.starts_with("4 files are Git LFS pointers and not the content: assets/logo.bin, b.bin, c.bin and 1 more. "), "{all}");
    let below = said(&second, "assets").await;
    assert!(below.starts_with("1 file is a Git LFS pointer and not the content: assets/logo.bin. ") && below.contains("git lfs migrate export"), "{below}");
}

#[tokio::test]
async fn commits_that_nobody_keeps_are_dropped_from_the_cache() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    repository.write("a", "1");
    let first = repository.commit("first").await;
    repository.write("a", "2");
    let second = repository.commit("second").await;
    let (git, url) = (bench.git(), repository.url());
    for commit in [&first, &second] {
        git.fetch(&repository.source(), commit, None, |_| {}).await.expect("fetched");
    }
    git.keep_only(&url, &[], Duration::from_secs(3600)).await.expect("nothing is old enough");
    git.archive(&url, &first, &path("")).await.expect("an archive");
    git.keep_only(&url, std::slice::from_ref(&second), Duration::ZERO).await.expect("dropped");
    assert!(matches!(git.archive(&url, &first, &path("")).await, Err(Error::CommitGone { .. })));
    git.archive(&url, &second, &path("")).await.expect("an archive");
    git.fetch(&repository.source(), &first, None, |_| {}).await.expect("fetched again");
    git.archive(&url, &first, &path("")).await.expect("an archive");
    git.keep_only(&url, &[], Duration::ZERO).await.expect("dropped");
    let unknown = "file:///nowhere".parse().expect("a repository");
    git.keep_only(&unknown, &[], Duration::ZERO).await.expect("nothing to drop");
}

#[tokio::test]
async fn caches_of_repositories_that_nobody_uses_any_more_are_removed() {
    let bench = Bench::new();
    let git = bench.git();
    let mut urls = Vec::new();
    for name in ["kept", "dropped"] {
        let repository = bench.repository(name).await;
        let commit = repository.commit("first").await;
        git.fetch(&repository.source(), &commit, None, |_| {}).await.expect("fetched");
        urls.push((repository.url(), commit));
    }
    let known = [urls[0].0.clone()];
    assert_eq!(git.forget_others(&known, Duration::from_secs(3600)).await.expect("looked"), 0, "both were used a moment ago");
    assert_eq!(git.forget_others(&known, Duration::ZERO).await.expect("removed"), 1);
    git.archive(&urls[0].0, &urls[0].1, &path("")).await.expect("an archive");
    assert!(git.archive(&urls[1].0, &urls[1].1, &path("")).await.is_err());
    assert_eq!(bench.git().forget_others(&[], Duration::ZERO).await.expect("removed"), 1);
}
