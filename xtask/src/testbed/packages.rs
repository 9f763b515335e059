//! Programs from the distribution's packages.
//!
//! On Debian 12 the engine comes from the suite `sid`, placed beside the configured one at a priority (100) that keeps every other package as it is: the
//! engine of Debian 12 itself is too old for an API that negotiates with today's clients.

use crate::program::{self, Program};
use crate::testbed::machine;
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A program that the tasks need, and the package that has it.
pub struct Package {
    /// The package.
    pub name: &'static str,
    /// A program or file that shows that it is there.
    shown_by: &'static str,
    /// Taken from `sid` where the distribution is Debian 12.
    newer: bool,
}

impl Package {
    const fn new(name: &'static str, shown_by: &'static str) -> Self {
        Self { name, shown_by, newer: false }
    }

    const fn newer(name: &'static str, shown_by: &'static str) -> Self {
        Self { name, shown_by, newer: true }
    }

    /// Whether what it brings is there, from this package or from elsewhere.
    pub fn is_installed(&self) -> bool {
        if self.shown_by.starts_with('/') { Path::new(self.shown_by).exists() } else { program::is_installed(self.shown_by) }
    }
}

/// What Wharf is built with beside Rust, and what `make run` starts it with.
pub const BUILD: &[Package] = &[
    Package::new("gcc", "cc"),
    Package::new("g++", "c++"),
    Package::new("git", "git"),
    Package::new("make", "make"),
    Package::new("nodejs", "node"),
    Package::new("npm", "npm"),
    Package::new("util-linux", "setpriv"),
];

/// An engine and what it needs to run and to build.
pub const ENGINE: &[Package] = &[
    Package::newer("docker.io", "dockerd"),
    Package::newer("containerd", "containerd"),
    Package::newer("docker-cli", "docker"),
    Package::newer("docker-buildx", "/usr/libexec/docker/cli-plugins/docker-buildx"),
    Package::new("runc", "runc"),
    Package::new("iptables", "iptables"),
];

/// Everything the tests use.
pub const TESTBED: &[Package] = &[
    Package::new("docker-registry", "docker-registry"),
    Package::new("apache2-utils", "htpasswd"),
    Package::new("busybox-static", "/bin/busybox"),
    Package::new("debootstrap", "debootstrap"),
    Package::new("iproute2", "ip"),
    Package::new("git", "git"),
    Package::new("openssh-client", "ssh-keygen"),
    Package::new("openssh-server", "sshd"),
    Package::new("chromium", "chromium"),
    Package::new("nginx", "nginx"),
    Package::new("wrk", "wrk"),
    Package::newer("pebble", "pebble"),
    Package::new("python3-aiosmtpd", "/usr/lib/python3/dist-packages/aiosmtpd"),
    Package::new("curl", "curl"),
];

/// The peers that figures are measured beside, and what measures.
pub const BENCH: &[Package] = &[Package::newer("caddy", "caddy"), Package::new("valgrind", "valgrind"), Package::new("util-linux", "taskset")];

/// Installs what is missing, saying what and why it may. An engine's packages are left to [`crate::testbed::engine`].
pub fn install(wanted: &[Package]) -> Result<()> {
    let missing: Vec<&Package> = wanted.iter().filter(|package| !package.is_installed()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    if !machine::is_root()? {
        bail!("these packages are missing, and only root may install them: {}", names.join(" "));
    }
    let newer = machine::codename()? == "bookworm" && missing.iter().any(|package| package.newer);
    println!("Installing from the distribution's packages: {}", names.join(" "));
    if newer {
        println!("  The newer ones come from the suite sid, at a priority that leaves every other package alone.");
        add_newer_suite()?;
    }
    let arguments: Vec<String> =
        missing.iter().map(|package| if newer && package.newer { format!("{}/sid", package.name) } else { package.name.into() }).collect();
    let _no_services = ServicesHeldBack::new()?;
    apt().args(["update", "-qq"]).quiet()?;
    apt().args(["install", "-y", "-qq", "--no-install-recommends"]).args(arguments).quiet()
}

fn apt() -> Program {
    Program::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive")
}

fn add_newer_suite() -> Result<()> {
    let mirror = machine::package_mirror()?;
    let source = format!(
        "Types: deb\nURIs: {mirror}\nSuites: sid\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\nCheck-Valid-Until: no\n"
    );
    fs::write("/etc/apt/sources.list.d/sid.sources", source)?;
    fs::write("/etc/apt/preferences.d/sid", "Package: *\nPin: release n=sid\nPin-Priority: 100\n")?;
    Ok(())
}

const POLICY: &str = "/usr/sbin/policy-rc.d";

/// While it lives, an installed package starts no service: a web server or sshd from a package would take the machine's ports 80 and 22.
struct ServicesHeldBack {
    made: bool,
}

impl ServicesHeldBack {
    fn new() -> Result<Self> {
        let made = !Path::new(POLICY).exists();
        if made {
            fs::write(POLICY, "#!/bin/sh\nexit 101\n").with_context(|| format!("{POLICY} cannot be written"))?;
            fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755))?;
        }
        Ok(Self { made })
    }
}

impl Drop for ServicesHeldBack {
    fn drop(&mut self) {
        if self.made
            && let Err(error) = fs::remove_file(POLICY)
        {
            eprintln!("{POLICY} stays: {error}. Remove it, or packages start no services.");
        }
    }
}
