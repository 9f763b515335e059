//! Keys for ssh, made by the program that people make them with.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// A key pair in OpenSSH's form.
#[derive(Clone)]
pub struct TestKey {
    /// The private key, as in a file `id_ed25519`.
    pub private: String,
    /// The public key, one line.
    pub public: String,
}

impl TestKey {
    /// Makes one.
    ///
    /// # Errors
    /// ssh-keygen is not installed or fails.
    pub async fn make() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("key");
        keygen(&file).await?;
        Ok(Self { private: fs::read_to_string(&file)?, public: fs::read_to_string(file.with_extension("pub"))? })
    }
}

/// Makes a key pair in this file and beside it.
pub(crate) async fn keygen(file: &Path) -> Result<()> {
    let command = host::Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"]).arg(file);
    let output = command.run().await.context("openssh-client brings ssh-keygen")?;
    ensure!(output.status.success(), "ssh-keygen: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
