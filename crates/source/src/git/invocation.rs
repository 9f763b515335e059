//! One run of git: nothing from the machine's configuration, no hook, no prompt, no transport but the one that is meant.

use super::{cache_error, door::Door};
use crate::{Error, keys};
use host::{Command, Output, Stream};
use model::{GitUrl, Secret, git::GitTransport};
use std::{
    io::Write,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::Arc,
    time::Duration,
};
use tempfile::NamedTempFile;

/// Git hands this to a shell. It is fixed: what differs comes in variables, which the shell does not read again.
const SSH: &str = r#"exec ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none -o IdentityFile="\"$WHARF_SSH_KEY\"" -o CertificateFile=none -o UserKnownHostsFile="\"$WHARF_SSH_KNOWN_HOSTS\"" -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=accept-new -o UpdateHostKeys=no -o PreferredAuthentications=publickey -o ForwardAgent=no -o ClearAllForwardings=yes -o PermitLocalCommand=no -o ControlPath=none -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 ${WHARF_SSH_ADDRESS:+-o HostName="$WHARF_SSH_ADDRESS" -o HostKeyAlias="$WHARF_SSH_NAME"}"#;

/// Settings of every run; each overrides what a repository's own configuration says.
const SETTINGS: [&str; 12] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "core.attributesFile=/dev/null",
    "credential.helper=",
    "http.followRedirects=initial",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
    "gc.autoDetach=false",
    "maintenance.autoDetach=false",
    "fetch.recurseSubmodules=false",
    "tar.umask=0022",
];

pub(super) fn keys_directory(cache: &Path) -> PathBuf {
    cache.join("keys")
}

pub(super) fn known_hosts(cache: &Path) -> PathBuf {
    cache.join("known_hosts")
}

/// One run of git.
#[derive(Clone)]
pub(super) struct Invocation {
    command: Command,
    seconds: u64,
    // Held so that the key file is removed when the last run that uses it is gone.
    key: Option<Arc<NamedTempFile>>,
}

impl Invocation {
    /// A run in a bare repository, without network.
    pub(super) fn local(cache: &Path, repository: &Path) -> Self {
        Self { command: hermetic(cache, "/dev/null"), seconds: host::TIMEOUT.as_secs(), key: None }.inside(repository)
    }

    /// A run that talks to a repository through an open door.
    pub(super) async fn remote(cache: &Path, url: &GitUrl, door: &Door, key: Option<&Secret>) -> Result<Self, Error> {
        make_directory(cache)?;
        let mut command = match url.transport() {
            // A repository of the operator's own machine may belong to another user of it, which only a file can tell git's other end.
            GitTransport::File => hermetic(cache, local_settings(cache).await?),
            _ => hermetic(cache, "/dev/null"),
        };
        command = command.args(["-c", door.transport]);
        for setting in &door.settings {
            command = command.arg("-c").arg(setting);
        }
        let mut invocation = Self { command, seconds: host::TIMEOUT.as_secs(), key: None };
        if url.transport() == GitTransport::Ssh {
            invocation = invocation.with_key(cache, key)?;
            if let Some(place) = &door.ssh {
                invocation.command = invocation.command.env("WHARF_SSH_ADDRESS", place.address.to_string()).env("WHARF_SSH_NAME", &place.name);
            }
        }
        Ok(invocation)
    }

    fn with_key(mut self, cache: &Path, key: Option<&Secret>) -> Result<Self, Error> {
        let file = key.map(|key| key_file(cache, key)).transpose()?;
        let path = file.as_ref().map_or_else(|| "none".into(), |file| file.path().as_os_str().to_owned());
        self.command = self.command.env("GIT_SSH_COMMAND", SSH).env("GIT_SSH_VARIANT", "ssh");
        self.command = self.command.env("WHARF_SSH_KEY", path).env("WHARF_SSH_KNOWN_HOSTS", known_hosts(cache));
        self.key = file.map(Arc::new);
        Ok(self)
    }

    /// Runs it in a bare repository.
    pub(super) fn inside(mut self, repository: &Path) -> Self {
        self.command = self.command.arg("--git-dir").arg(repository);
        self
    }

    pub(super) fn arg(mut self, argument: impl Into<std::ffi::OsString>) -> Self {
        self.command = self.command.arg(argument);
        self
    }

    pub(super) fn args<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.command = self.command.args(arguments);
        self
    }

    pub(super) fn input(mut self, text: String) -> Self {
        self.command = self.command.input(text);
        self
    }

    pub(super) fn timeout(mut self, limit: Duration) -> Self {
        self.command = self.command.timeout(limit);
        self.seconds = limit.as_secs();
        self
    }

    pub(super) fn output_length_bytes(mut self, limit: usize) -> Self {
        self.command = self.command.output_length_bytes(limit);
        self
    }

    /// Ends it once it writes more than that.
    pub(super) fn ends_when_full(mut self) -> Self {
        self.command = self.command.ends_when_full();
        self
    }

    pub(super) async fn run(&self) -> Result<Output, Error> {
        self.command.run().await.map_err(|why| self.failure(why))
    }

    pub(super) async fn stream(&self, sink: impl FnMut(Stream, &str)) -> Result<ExitStatus, Error> {
        self.command.stream(sink).await.map_err(|why| self.failure(why))
    }

    fn failure(&self, why: host::Error) -> Error {
        if matches!(why, host::Error::Timeout { .. }) { Error::Timeout { seconds: self.seconds } } else { Error::Program(why) }
    }
}

fn hermetic(cache: &Path, global: impl Into<std::ffi::OsString>) -> Command {
    let mut command = Command::new("git").directory("/");
    command = command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", global).env("GIT_ATTR_NOSYSTEM", "1");
    command = command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "").env("HOME", cache).env("LC_ALL", "C").env("LANG", "C");
    // Without this, git would fetch what a partial clone left out, past our policy.
    command = command.env("GIT_NO_LAZY_FETCH", "1");
    command = command.args(["--literal-pathspecs", "-c", "protocol.allow=never", "-c", "protocol.ext.allow=never"]);
    SETTINGS.iter().fold(command, |command, setting| command.args(["-c", setting]))
}

/// The one setting that git's other end reads for a repository on this machine.
async fn local_settings(cache: &Path) -> Result<PathBuf, Error> {
    let path = cache.join("local.gitconfig");
    tokio::fs::write(&path, "[safe]\n\tdirectory = *\n").await.map_err(|source| cache_error(&path, source))?;
    Ok(path)
}

/// Makes a directory that only its owner can enter, and those above it.
pub(super) fn make_directory(path: &Path) -> Result<(), Error> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|source| cache_error(path, source))
}

/// The key in a file that only its owner can read, removed when dropped.
fn key_file(cache: &Path, key: &Secret) -> Result<NamedTempFile, Error> {
    keys::read(key).map_err(Error::Key)?;
    let directory = keys_directory(cache);
    make_directory(&directory)?;
    let written = || {
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o700))?;
        let mut file = tempfile::Builder::new().prefix("key-").tempfile_in(&directory)?;
        file.write_all(keys::normalised(key).expose().as_bytes())?;
        Ok(file)
    };
    written().map_err(|source| cache_error(&directory, source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::door::SshPlace;

    #[tokio::test]
    async fn ssh_goes_to_the_address_that_was_checked() {
        let cache = tempfile::tempdir().expect("a folder");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        // Nobody can look this name up (RFC 6761).
        let url: GitUrl = format!("ssh://git@git.invalid:{port}/ada/shop.git").parse().expect("a repository");
        let place = SshPlace { address: std::net::Ipv4Addr::LOCALHOST.into(), name: format!("[git.invalid]:{port}") };
        let door = Door { transport: "protocol.ssh.allow=always", settings: Vec::new(), ssh: Some(place) };
        let git = Invocation::remote(cache.path(), &url, &door, None).await.expect("a run");
        let git = git.args(["ls-remote", "--"]).arg(url.as_str());
        let run = tokio::spawn(async move { git.run().await });
        // What answers is no ssh server and hangs up.
        let came = tokio::time::timeout(Duration::from_secs(30), listener.accept()).await;
        came.expect("ssh comes within 30 s").expect("a connection");
        drop(listener);
        assert!(!run.await.expect("ran").expect("ended").status.success());
    }
}
