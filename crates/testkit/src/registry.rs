//! A registry of a test's own: Debian's docker-registry on a free port, open or with credentials, with faults on demand.

use crate::disk::temporary;
use crate::{Fault, Running, TestEngine, fault::FaultProxy, free_port};
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const STARTS_WITHIN: Duration = Duration::from_secs(15);

/// A registry; dropping it removes it with its images.
pub struct TestRegistry {
    proxy: FaultProxy,
    user: Option<(String, String)>,
    _running: Running,
    _folder: TempDir,
}

impl TestRegistry {
    /// Starts one that anyone may use.
    ///
    /// # Errors
    /// docker-registry is not installed or does not start.
    pub async fn open() -> Result<Self> {
        Self::start(None).await
    }

    /// Starts one that asks for this user and password.
    ///
    /// # Errors
    /// docker-registry or htpasswd is not installed or does not start.
    pub async fn with_credentials(user: &str, password: &str) -> Result<Self> {
        Self::start(Some((user.to_owned(), password.to_owned()))).await
    }

    async fn start(user: Option<(String, String)>) -> Result<Self> {
        let folder = temporary("wharf-registry-")?;
        let port = free_port()?;
        let path = folder.path().display();
        let mut configuration = format!(
            "version: 0.1\nlog: {{level: warn}}\nstorage:\n  filesystem: {{rootdirectory: {path}/images}}\n  delete: {{enabled: true}}\nhttp:\n  addr: 127.0.0.1:{port}\n  relativeurls: true\n"
        );
        if let Some((name, password)) = &user {
            write_passwords(folder.path(), name, password).await?;
            configuration.push_str(&format!("auth:\n  htpasswd: {{realm: test, path: {path}/passwords}}\n"));
        }
        let file = folder.path().join("registry.yml");
        std::fs::write(&file, configuration)?;
        let arguments = ["serve".as_ref(), file.as_os_str()];
        let mut running = Running::start(Path::new("docker-registry"), arguments, &[], &folder.path().join("log"))?;
        running.wait_for_port(port, STARTS_WITHIN).await?;
        Ok(Self { proxy: FaultProxy::start(port).await?, user, _running: running, _folder: folder })
    }

    /// Its address as part of an image's name, such as `127.0.0.1:41234`; engines take loopback addresses without TLS.
    pub fn address(&self) -> String {
        self.proxy.address().to_string()
    }

    /// The name of an image in it.
    pub fn image(&self, name: &str) -> String {
        format!("{}/{name}", self.address())
    }

    /// Makes it misbehave from the next request on.
    pub fn set_fault(&self, fault: Fault) {
        self.proxy.set(fault);
    }

    /// Puts an image that the engine has into it under this name, and returns the full name.
    ///
    /// # Errors
    /// The engine does not have the image, or the registry misbehaves.
    pub async fn push(&self, engine: &TestEngine, image: &str, name: &str) -> Result<String> {
        let full = self.image(name);
        engine.push(image, &full, self.user.as_ref().map(|(name, password)| (name.as_str(), password.as_str()))).await?;
        Ok(full)
    }
}

async fn write_passwords(folder: &Path, user: &str, password: &str) -> Result<()> {
    let output = host::Command::new("htpasswd").args(["-niB", user]).input(password).run().await.context("apache2-utils brings htpasswd")?;
    ensure!(output.status.success(), "htpasswd: {}", String::from_utf8_lossy(&output.stderr));
    Ok(std::fs::write(folder.join("passwords"), output.stdout)?)
}
