//! Repositories over ssh, from a real sshd on a port of its own.

use crate::repository::{Bench, Repository, branch, source_at};
use model::{GitUrl, Secret};
use source::{Error, SourcePolicy, keys};
use std::{os::unix::fs::PermissionsExt, path::Path, time::Duration};
use tokio::{net::TcpStream, task::JoinHandle};

const SSHD: &str = "/usr/sbin/sshd";

/// An sshd that lets one key in, stopped when dropped.
struct Sshd {
    port: u16,
    user: String,
    server: JoinHandle<()>,
}

impl Sshd {
    /// Starts one that keeps its files in a directory; none where sshd is not installed.
    async fn start(directory: &Path, port: u16, authorized: &str) -> Option<Self> {
        if !Path::new(SSHD).exists() {
            eprintln!("sshd is not installed: ssh is not tested");
            return None;
        }
        let _ = std::fs::create_dir_all("/run/sshd");
        std::fs::create_dir_all(directory).expect("a directory");
        let (host_key, _) = keys::generate().expect("a key");
        let write = |name: &str, content: &str| {
            std::fs::write(directory.join(name), content).expect("written");
            std::fs::set_permissions(directory.join(name), PermissionsExt::from_mode(0o600)).expect("private");
            directory.join(name).display().to_string()
        };
        let (host_key, authorized) = (write("host_key", host_key.expose()), write("authorized", &format!("{authorized}\n")));
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {host_key}\nAuthorizedKeysFile {authorized}\nPidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
        );
        let config = write("config", &config);
        let server = host::Command::new(SSHD).args(["-D", "-e", "-f", &config]).timeout(Duration::from_secs(300));
        let server = tokio::spawn(async move {
            let _ = server.stream(|_, line| eprintln!("sshd: {line}")).await;
        });
        let user = host::Command::new("id").arg("-un").run().await.expect("id runs");
        let sshd = Self { port, user: String::from_utf8_lossy(&user.stdout).trim().to_owned(), server };
        sshd.answers().await;
        Some(sshd)
    }

    async fn answers(&self) {
        let connected = async {
            while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
                // The pause between two looks.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), connected).await.expect("sshd answers within 10 s");
    }

    async fn stop(mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
        let gone = async {
            while TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                // The pause between two looks.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), gone).await.expect("sshd stops within 10 s");
    }

    fn url(&self, repository: &Repository) -> GitUrl {
        format!("ssh://{}@127.0.0.1:{}{}", self.user, self.port, repository.path.display()).parse().expect("a repository")
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

#[tokio::test]
async fn a_deploy_key_opens_a_private_repository_and_is_gone_afterwards() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    let commit = repository.commit("first").await;
    let (private, public) = keys::generate().expect("a key");
    let Some(sshd) = Sshd::start(&bench.path().join("sshd"), free_port(), &public).await else { return };
    let (git, url) = (bench.git(), sshd.url(&repository));

    assert_eq!(git.resolve(&url, &branch("main"), Some(&private)).await.expect("a commit"), commit);
    git.fetch(&source_at(url.clone()), &commit, Some(&private), |_| {}).await.expect("fetched");
    assert_eq!(git.commit(&url, &commit).await.expect("a commit").message, "first");
    let left: Vec<_> = std::fs::read_dir(bench.path().join("the cache/keys")).expect("a directory").collect();
    assert!(left.is_empty(), "{left:?}");
    let mode = std::fs::metadata(bench.path().join("the cache/keys")).expect("a directory").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);

    let (other, _) = keys::generate().expect("a key");
    for key in [None, Some(&other)] {
        let error = git.look(&url, key).await.expect_err("refused");
        assert!(matches!(&error, Error::AuthenticationFailed { host } if host == "127.0.0.1"), "{error:?}");
    }
    let missing = format!("{url}-missing").parse().expect("a repository");
    assert!(matches!(git.look(&missing, Some(&private)).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn a_host_that_shows_another_key_is_not_spoken_to_until_the_old_one_is_forgotten() {
    let bench = Bench::new();
    let repository = bench.repository("shop").await;
    repository.commit("first").await;
    let (private, public) = keys::generate().expect("a key");
    let port = free_port();
    let Some(sshd) = Sshd::start(&bench.path().join("one"), port, &public).await else { return };
    let (git, url) = (bench.git(), sshd.url(&repository));
    git.look(&url, Some(&private)).await.expect("the first key is pinned");
    sshd.stop().await;
    let _other = Sshd::start(&bench.path().join("two"), port, &public).await;
    let error = git.look(&url, Some(&private)).await.expect_err("another key");
    assert!(matches!(error, Error::HostKeyChanged { .. }), "{error:?}");
    git.forget_host(&url).await.expect("forgotten");
    git.look(&url, Some(&private)).await.expect("the new key is pinned");
}

#[tokio::test]
async fn private_addresses_need_the_setting_over_ssh_too() {
    let bench = Bench::new();
    let git = bench.git_with(SourcePolicy { allow_local: true, allow_private: false });
    for url in [
        "git@127.0.0.1:ada/shop.git",
        "git@localhost:ada/shop.git",
        "git@0x7f000001:ada/shop.git",
        "git@2130706433:ada/shop.git",
        "git@10.1.2.3:ada/shop.git",
        "ssh://git@169.254.169.254/ada/shop.git",
        "ssh://git@192.168.1.1:2222/ada/shop.git",
        "ssh://git@[::1]/ada/shop.git",
        "ssh://git@[fd00::1]:2222/ada/shop.git",
        "ssh://git@[::ffff:10.0.0.1]/ada/shop.git",
    ] {
        let error = git.look(&url.parse().expect("a repository"), None).await.expect_err("refused");
        assert!(matches!(error, Error::NotAllowed { setting: "--allow-private-sources", .. }), "{url}: {error}");
    }
}

#[tokio::test]
async fn a_host_that_is_down_is_unreachable() {
    let bench = Bench::new();
    let url = format!("ssh://git@127.0.0.1:{}/shop", free_port()).parse().expect("a repository");
    let error = bench.git().look(&url, None).await.expect_err("closed");
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_look_that_is_given_up_leaves_no_key_behind() {
    let bench = Bench::new();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url: GitUrl = format!("ssh://git@{}/shop", silent.local_addr().expect("an address")).parse().expect("a repository");
    let (private, _) = keys::generate().expect("a key");
    let git = bench.git();
    let look = tokio::spawn(async move { git.look(&url, Some(&private)).await });
    let connected = tokio::time::timeout(Duration::from_secs(10), silent.accept()).await.expect("ssh connects within 10 s").expect("a connection");
    let kept = || std::fs::read_dir(bench.path().join("the cache/keys")).map_or(0, Iterator::count);
    assert_eq!(kept(), 1);
    look.abort();
    assert!(look.await.is_err_and(|why| why.is_cancelled()));
    assert_eq!(kept(), 0);
    drop(connected);
}

#[tokio::test]
async fn keys_of_ssh_keygen_are_read_and_encrypted_ones_refused() {
    let bench = Bench::new();
    for (kind, size, passphrase) in [("ed25519", "256", ""), ("rsa", "2048", ""), ("ecdsa", "384", ""), ("ed25519", "256", "secret")] {
        let file = bench.path().join(format!("{kind}{passphrase}"));
        let made =
            host::Command::new("ssh-keygen").args(["-q", "-t", kind, "-b", size, "-N", passphrase, "-C", "ada", "-f"]).arg(&file).run().await.expect("runs");
        assert!(made.status.success());
        let private = Secret::new(std::fs::read_to_string(&file).expect("a key"));
        let read = keys::read(&private);
        if !passphrase.is_empty() {
            assert!(read.is_err_and(|why| why.0.contains("passphrase")));
            continue;
        }
        let read = read.expect("readable");
        assert_eq!(read.line, std::fs::read_to_string(file.with_extension("pub")).expect("a key").trim());
        let printed = host::Command::new("ssh-keygen").arg("-lf").arg(&file).run().await.expect("runs");
        assert!(String::from_utf8_lossy(&printed.stdout).contains(&read.fingerprint));
    }
}
