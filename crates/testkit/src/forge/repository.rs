//! A repository of the forge: bare where it is served, with a work tree beside it in which tests commit.

use super::git;
use super::webhook::{ForgeKind, Push, Webhook};
use anyhow::{Context, Result};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A repository.
pub struct Repository {
    name: String,
    bare: PathBuf,
    work: PathBuf,
    http: SocketAddr,
    ssh: Option<(String, u16)>,
    /// The forge's folder, kept as long as a repository in it is used.
    _folder: Arc<TempDir>,
}

impl Repository {
    pub(super) async fn create(folder: Arc<TempDir>, name: &str, http: SocketAddr, ssh: Option<(String, u16)>) -> Result<Self> {
        let bare = folder.path().join(format!("{name}.git"));
        let work = folder.path().join("work").join(name);
        fs::create_dir_all(&work)?;
        fs::create_dir_all(&bare)?;
        git::run(&bare, &["init", "--quiet", "--bare", "--initial-branch=main"]).await?;
        git::run(&bare, &["config", "http.receivepack", "true"]).await?;
        git::run(&bare, &["config", "uploadpack.allowAnySHA1InWant", "true"]).await?;
        git::run(&work, &["init", "--quiet", "--initial-branch=main"]).await?;
        let remote = bare.to_str().context("the forge's folder has a name that is no text")?;
        git::run(&work, &["remote", "add", "origin", remote]).await?;
        Ok(Self { name: name.to_owned(), bare, work, http, ssh, _folder: folder })
    }

    /// Its address over smart HTTP.
    pub fn url_http(&self) -> String {
        format!("http://{}/{}.git", self.http, self.name)
    }

    /// Its address over ssh; none where the forge serves no ssh.
    pub fn url_ssh(&self) -> Option<String> {
        let (user, port) = self.ssh.as_ref()?;
        Some(format!("ssh://{user}@127.0.0.1:{port}{}", self.bare.display()))
    }

    /// Its address as a folder of this machine.
    pub fn url_file(&self) -> String {
        format!("file://{}", self.bare.display())
    }

    /// Commits files, paths and contents, on a branch, pushes it and returns the commit. A branch that is new begins at the last commit made.
    ///
    /// # Errors
    /// git fails.
    pub async fn commit(&self, branch: &str, files: &[(&str, &str)], message: &str) -> Result<String> {
        self.switch(branch).await?;
        for (path, content) in files {
            let path = self.work.join(path);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, content)?;
        }
        self.commit_all(branch, message).await
    }

    /// Commits the files of a folder, as [`commit`](Self::commit) does.
    ///
    /// # Errors
    /// git fails, or the folder cannot be read.
    pub async fn commit_folder(&self, branch: &str, files: &Path, message: &str) -> Result<String> {
        self.switch(branch).await?;
        copy(files, &self.work)?;
        self.commit_all(branch, message).await
    }

    /// Removes a file and pushes that.
    ///
    /// # Errors
    /// git fails.
    pub async fn remove(&self, branch: &str, path: &str, message: &str) -> Result<String> {
        self.switch(branch).await?;
        fs::remove_file(self.work.join(path))?;
        self.commit_all(branch, message).await
    }

    /// Replaces the branch's last commit by another with the same files and this message, over what was pushed before.
    ///
    /// # Errors
    /// git fails.
    pub async fn force_push(&self, branch: &str, message: &str) -> Result<String> {
        self.switch(branch).await?;
        git::run(&self.work, &["commit", "--quiet", "--amend", "--allow-empty", "--message", message]).await?;
        self.push(branch).await
    }

    /// Deletes a branch on the server.
    ///
    /// # Errors
    /// git fails.
    pub async fn delete_branch(&self, branch: &str) -> Result<()> {
        git::run(&self.bare, &["update-ref", "-d", &format!("refs/heads/{branch}")]).await.map(drop)
    }

    /// Forgets the commits that no branch and no tag leads to any more, as servers do in time.
    ///
    /// # Errors
    /// git fails.
    pub async fn forget_lost_commits(&self) -> Result<()> {
        git::run(&self.bare, &["reflog", "expire", "--expire=now", "--all"]).await?;
        git::run(&self.bare, &["gc", "--quiet", "--prune=now"]).await.map(drop)
    }

    /// Puts another repository's newest commit on `main` into a folder, as a submodule, pushes that and returns the commit.
    ///
    /// # Errors
    /// git fails.
    pub async fn commit_module(&self, branch: &str, folder: &str, module: &Self, message: &str) -> Result<String> {
        self.switch(branch).await?;
        if self.work.join(folder).exists() {
            git::run(&self.work, &["submodule", "--quiet", "update", "--remote", folder]).await?;
        } else {
            git::run(&self.work, &["submodule", "--quiet", "add", "--branch", "main", &module.url_http(), folder]).await?;
        }
        self.commit_all(branch, message).await
    }

    /// Tags the branch's last commit and pushes the tag.
    ///
    /// # Errors
    /// git fails.
    pub async fn tag(&self, branch: &str, tag: &str) -> Result<()> {
        git::run(&self.work, &["tag", tag, branch]).await?;
        git::run(&self.work, &["push", "--quiet", "origin", tag]).await.map(drop)
    }

    /// The commit a branch is at.
    ///
    /// # Errors
    /// There is no such branch.
    pub async fn head(&self, branch: &str) -> Result<String> {
        git::run(&self.bare, &["rev-parse", "--verify", &format!("refs/heads/{branch}")]).await
    }

    /// The webhook that a forge of this kind sends when the branch's last commit is pushed.
    ///
    /// # Errors
    /// There is no such branch.
    pub async fn push_webhook(&self, kind: ForgeKind, branch: &str, secret: &str) -> Result<Webhook> {
        let commit = self.head(branch).await?;
        let message = git::run(&self.bare, &["log", "-1", "--format=%B", &commit]).await?;
        let files = git::run(&self.bare, &["show", "--format=", "--name-only", &commit]).await?;
        let push = Push {
            repository: self.name.clone(),
            url: self.url_http(),
            branch: branch.to_owned(),
            commit,
            message,
            files: files.lines().map(str::to_owned).collect(),
        };
        Ok(push.webhook(kind, secret))
    }

    async fn switch(&self, branch: &str) -> Result<()> {
        let exists = git::run(&self.work, &["rev-parse", "--verify", "--quiet", &format!("refs/heads/{branch}")]).await.is_ok();
        let how: &[&str] = if exists { &["checkout", "--quiet", branch] } else { &["checkout", "--quiet", "-B", branch] };
        git::run(&self.work, how).await.map(drop)
    }

    async fn commit_all(&self, branch: &str, message: &str) -> Result<String> {
        git::run(&self.work, &["add", "--all", "--force"]).await?;
        git::run(&self.work, &["commit", "--quiet", "--allow-empty", "--message", message]).await?;
        self.push(branch).await
    }

    async fn push(&self, branch: &str) -> Result<String> {
        git::run(&self.work, &["push", "--quiet", "origin", &format!("+HEAD:refs/heads/{branch}")]).await?;
        git::run(&self.work, &["rev-parse", "HEAD"]).await
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
