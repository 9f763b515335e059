//! A real sshd on a loopback port, with a host key and a list of authorised keys of its own.

use crate::key::{TestKey, keygen};
use crate::{Running, free_port};
use anyhow::Result;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

const PROGRAM: &str = "/usr/sbin/sshd";
const STARTS_WITHIN: Duration = Duration::from_secs(10);

pub(crate) struct SshServer {
    folder: PathBuf,
    port: u16,
    user: String,
    _running: Running,
}

impl SshServer {
    pub(crate) async fn start(forge: &Path) -> Result<Self> {
        let folder = forge.join("sshd");
        fs::create_dir_all(&folder)?;
        keygen(&folder.join("host")).await?;
        fs::write(folder.join("authorized"), "")?;
        if rustix::process::geteuid().is_root() {
            // sshd refuses to start as root without the folder that its package makes at boot.
            fs::create_dir_all("/run/sshd")?;
        }
        let port = free_port()?;
        let path = folder.display();
        let configuration = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {path}/host\nAuthorizedKeysFile {path}/authorized\nStrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
        );
        let file = folder.join("config");
        fs::write(&file, configuration)?;
        let arguments = ["-D".as_ref(), "-e".as_ref(), "-f".as_ref(), file.as_os_str()];
        let mut running = Running::start(Path::new(PROGRAM), arguments, &[], &folder.join("log"))?;
        running.wait_for_port(port, STARTS_WITHIN).await?;
        let user = host::Command::new("id").arg("-un").run().await?;
        Ok(Self { folder, port, user: String::from_utf8_lossy(&user.stdout).trim().to_owned(), _running: running })
    }

    /// User and port.
    pub(crate) fn address(&self) -> (String, u16) {
        (self.user.clone(), self.port)
    }

    pub(crate) fn known_host(&self) -> Result<String> {
        let key = fs::read_to_string(self.folder.join("host.pub"))?;
        let words: Vec<&str> = key.split_whitespace().take(2).collect();
        Ok(format!("[127.0.0.1]:{} {}", self.port, words.join(" ")))
    }

    pub(crate) async fn deploy_key(&self) -> Result<TestKey> {
        let key = TestKey::make().await?;
        fs::File::options().append(true).open(self.folder.join("authorized"))?.write_all(key.public.as_bytes())?;
        Ok(key)
    }
}
