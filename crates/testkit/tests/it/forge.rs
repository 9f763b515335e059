//! The forge serves real clients.

use anyhow::{Result, ensure};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use testkit::{ForgeKind, TestForge};

const README: &[(&str, &str)] = &[("README.md", "one\n"), ("site/index.html", "<p>one</p>\n")];

async fn git(arguments: &[&str], ssh: &str) -> Result<String> {
    let command = host::Command::new("git").args(arguments.iter().copied()).env("GIT_TERMINAL_PROMPT", "0").env("GIT_SSH_COMMAND", ssh);
    let output = command.run().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path that is text")
}

#[tokio::test]
async fn a_clone_over_http_has_what_was_committed_and_a_fetch_what_came_after() {
    let forge = TestForge::start().await.expect("a forge");
    let repository = forge.create_empty("team/site").await.expect("a repository");
    let first = repository.commit("main", README, "One").await.expect("a commit");
    let folder = tempfile::tempdir().expect("a folder");
    let clone = folder.path().join("clone");
    git(&["clone", "--quiet", &repository.url_http(), text(&clone)], "").await.expect("cloned");
    assert_eq!(fs::read_to_string(clone.join("site/index.html")).expect("a file"), "<p>one</p>\n");
    assert_eq!(git(&["-C", text(&clone), "rev-parse", "HEAD"], "").await.expect("a commit"), first);

    let rewritten = repository.force_push("main", "Another history").await.expect("pushed");
    repository.commit("feature", &[("new", "x")], "New").await.expect("a branch");
    git(&["-C", text(&clone), "fetch", "--quiet"], "").await.expect("fetched");
    assert_eq!(git(&["-C", text(&clone), "rev-parse", "origin/main"], "").await.expect("a commit"), rewritten);
    repository.delete_branch("feature").await.expect("deleted");
    let branches = git(&["ls-remote", "--heads", &repository.url_http()], "").await.expect("branches");
    assert_eq!(branches, format!("{rewritten}\trefs/heads/main"));
}

#[tokio::test]
async fn a_private_repository_asks_for_its_password_and_a_forge_that_is_down_says_so() {
    let forge = TestForge::start().await.expect("a forge");
    let repository = forge.create_empty("team/private").await.expect("a repository");
    let commit = repository.commit("main", README, "One").await.expect("a commit");
    forge.require_credentials(Some(("ada", "lovelace")));
    let url = repository.url_http();
    assert!(git(&["ls-remote", &url, "main"], "").await.is_err());
    let with_password = url.replace("http://", "http://ada:lovelace@");
    assert!(git(&["ls-remote", &with_password, "main"], "").await.expect("let in").starts_with(&commit));
    forge.set_unavailable(true);
    let error = git(&["ls-remote", &with_password, "main"], "").await.expect_err("down");
    assert!(error.to_string().contains("503"), "{error}");
}

#[tokio::test]
async fn a_deploy_key_opens_ssh_and_no_other_key_does() {
    let mut forge = TestForge::start().await.expect("a forge");
    forge.serve_ssh().await.expect("an sshd");
    let repository = forge.create_empty("team/ssh").await.expect("a repository");
    let commit = repository.commit("main", README, "One").await.expect("a commit");
    let folder = tempfile::tempdir().expect("a folder");
    let (key, known) = (folder.path().join("key"), folder.path().join("known"));
    fs::write(&known, forge.known_host().expect("a host key") + "\n").expect("written");
    fs::write(&key, forge.deploy_key().await.expect("a key").private).expect("written");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("a mode");
    let ssh = format!(
        "ssh -F none -i {} -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile={}",
        key.display(),
        known.display()
    );
    let url = repository.url_ssh().expect("an ssh address");
    assert!(git(&["ls-remote", &url, "main"], &ssh).await.expect("let in").starts_with(&commit));

    let stranger = TestForge::start().await.expect("another forge");
    assert!(stranger.deploy_key().await.is_err(), "a forge without ssh hands out no keys");
    fs::remove_file(&key).expect("removed");
    assert!(git(&["ls-remote", &url, "main"], &ssh).await.is_err());
}

#[tokio::test]
async fn a_webhook_names_the_commit_that_was_pushed() {
    let forge = TestForge::start().await.expect("a forge");
    let repository = forge.create_empty("team/hook").await.expect("a repository");
    let commit = repository.commit("main", README, "One [skip ci]").await.expect("a commit");
    for kind in ForgeKind::ALL {
        let webhook = repository.push_webhook(kind, "main", "secret").await.expect("a webhook");
        assert!(webhook.body.contains(&commit) && webhook.body.contains("One [skip ci]"), "{kind:?}: {}", webhook.body);
        assert!(webhook.headers.len() == 4, "{kind:?}: {:?}", webhook.headers);
    }
}
