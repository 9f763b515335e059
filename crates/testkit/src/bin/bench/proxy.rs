//! A proxy that is measured: a process on a core of its own, with a port for HTTP and one for HTTPS.

use crate::process;
use anyhow::{Context, Result};
use model::edge::Certificate;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use testkit::Running;

/// The core that proxies run on; load and backend share the other.
pub(crate) const CORE: &str = "0";

/// The proxy; dropping it ends it.
pub(crate) struct Proxy {
    pub(crate) name: &'static str,
    pub(crate) running: Running,
    pub(crate) http: u16,
    pub(crate) https: u16,
    /// Its configuration and state.
    pub(crate) folder: TempDir,
}

impl Proxy {
    /// Seconds of processor time that it has used.
    pub(crate) fn processor_seconds(&self) -> Result<f64> {
        process::processor_seconds(self.running.pid().with_context(|| format!("{} does not run", self.name))?)
    }
}

/// A certificate in files, as proxies want it.
pub(crate) struct CertificateFiles {
    pub(crate) chain: PathBuf,
    pub(crate) key: PathBuf,
}

impl CertificateFiles {
    /// Writes a certificate into a folder.
    pub(crate) fn write(folder: &Path, certificate: &Certificate) -> Result<Self> {
        let files = Self { chain: folder.join("chain.pem"), key: folder.join("key.pem") };
        std::fs::write(&files.chain, &certificate.chain_pem)?;
        std::fs::write(&files.key, certificate.key_pem.expose())?;
        Ok(files)
    }
}

/// Starts a program on a core.
pub(crate) fn on_core(core: &str, argv: &[&str], variables: &[(&str, &str)], log: &Path) -> Result<Running> {
    Running::start(Path::new("taskset"), ["-c", core].iter().chain(argv), variables, log)
}

/// The path as text.
pub(crate) fn text(path: &Path) -> Result<&str> {
    path.to_str().context("the folder for temporary files has a name that is no text")
}
