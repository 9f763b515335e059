//! A forge: real git repositories, served over smart HTTP and over ssh, and the webhooks that GitHub, GitLab, Gitea and Bitbucket would send for them.

mod cgi;
mod git;
mod repository;
mod ssh;
mod webhook;

pub use repository::Repository;
pub use webhook::{ForgeKind, Push, Webhook};

use crate::TestKey;
use crate::disk::temporary;
use crate::serve::Server;
use anyhow::Result;
use std::path::Path;
use std::sync::{Arc, RwLock};
use tempfile::TempDir;

/// What the forge asks for and how it is, shared with its HTTP server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Door {
    /// User and password that requests over HTTP must carry.
    pub(crate) user: Option<(String, String)>,
    /// Whether it answers 503 to everything.
    pub(crate) unavailable: bool,
    /// Whether it breaks off when it hands out commits.
    pub(crate) breaks_off: bool,
}

/// The forge; dropping it removes its repositories.
pub struct TestForge {
    folder: Arc<TempDir>,
    server: Server,
    ssh: Option<ssh::SshServer>,
    door: Arc<RwLock<Door>>,
}

impl TestForge {
    /// Starts one that serves over HTTP; [`serve_ssh`](Self::serve_ssh) adds ssh.
    ///
    /// # Errors
    /// git is not installed, or no folder can be made.
    pub async fn start() -> Result<Self> {
        let folder = Arc::new(temporary("wharf-forge-")?);
        let door = Arc::new(RwLock::new(Door::default()));
        let server = Server::start({
            let (folder, door) = (Arc::clone(&folder), Arc::clone(&door));
            move |request| {
                let (folder, door) = (Arc::clone(&folder), door.read().map(|door| door.clone()).unwrap_or_default());
                async move { cgi::answer(folder.path(), &door, request).await }
            }
        })
        .await?;
        Ok(Self { folder, server, ssh: None, door })
    }

    /// Starts an sshd beside it, on a loopback port.
    ///
    /// # Errors
    /// openssh-server is not installed or does not start.
    pub async fn serve_ssh(&mut self) -> Result<()> {
        self.ssh = Some(ssh::SshServer::start(self.folder.path()).await?);
        Ok(())
    }

    /// Makes a key that the ssh server lets in.
    ///
    /// # Errors
    /// There is no ssh server, or ssh-keygen fails.
    pub async fn deploy_key(&self) -> Result<TestKey> {
        self.ssh_server()?.deploy_key().await
    }

    /// The ssh server's host key as a line of a `known_hosts` file.
    ///
    /// # Errors
    /// There is no ssh server.
    pub fn known_host(&self) -> Result<String> {
        self.ssh_server()?.known_host()
    }

    /// Makes a repository with the files of a folder as the first commit on `main`; the name is such as `team/hello`.
    ///
    /// # Errors
    /// git fails, or the folder cannot be read.
    pub async fn create(&self, name: &str, files: &Path) -> Result<Repository> {
        let repository = self.create_empty(name).await?;
        repository.commit_folder("main", files, "First commit").await?;
        Ok(repository)
    }

    /// Makes a repository without a commit.
    ///
    /// # Errors
    /// git fails.
    pub async fn create_empty(&self, name: &str) -> Result<Repository> {
        let ssh = self.ssh.as_ref().map(ssh::SshServer::address);
        Repository::create(Arc::clone(&self.folder), name, self.server.address, ssh).await
    }

    /// Asks for this user and password over HTTP from now on; nobody's when `None`.
    pub fn require_credentials(&self, user: Option<(&str, &str)>) {
        self.change(|door| door.user = user.map(|(name, password)| (name.to_owned(), password.to_owned())));
    }

    /// Answers 503 to everything over HTTP, or serves again.
    pub fn set_unavailable(&self, unavailable: bool) {
        self.change(|door| door.unavailable = unavailable);
    }

    /// Tells over HTTP which branches there are, and breaks off in the middle of what is fetched, as a server does that goes down; or serves again.
    pub fn set_breaking_off(&self, breaks_off: bool) {
        self.change(|door| door.breaks_off = breaks_off);
    }

    fn change(&self, change: impl FnOnce(&mut Door)) {
        if let Ok(mut door) = self.door.write() {
            change(&mut door);
        }
    }

    fn ssh_server(&self) -> Result<&ssh::SshServer> {
        self.ssh.as_ref().ok_or_else(|| anyhow::anyhow!("the forge serves no ssh: call serve_ssh first"))
    }
}
