//! What this machine says of itself: who runs the task, which distribution it is, and where its own clients fetch packages. No address is written anywhere else.

use crate::program::Program;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Whether the task runs as root.
pub fn is_root() -> Result<bool> {
    Ok(Program::new("id").arg("-u").text()? == "0")
}

/// The distribution's code name, such as `bookworm`.
pub fn codename() -> Result<String> {
    let release = fs::read_to_string("/etc/os-release").context("/etc/os-release cannot be read")?;
    let name = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    Ok(name.unwrap_or_default().trim_matches('"').to_owned())
}

/// The address of the distribution's mirror, out of apt's own configuration.
pub fn package_mirror() -> Result<String> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    if let Ok(folder) = fs::read_dir("/etc/apt/sources.list.d") {
        files.extend(folder.filter_map(|entry| entry.ok().map(|entry| entry.path())));
    }
    let codename = codename()?;
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|text| mirror_in(&text, &codename))
        .context("apt's configuration names no mirror of this distribution: /etc/apt/sources.list and /etc/apt/sources.list.d hold no entry for it")
}

fn mirror_in(text: &str, codename: &str) -> Option<String> {
    let stanza = |stanza: &str| {
        let field = |name: &str| stanza.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
        let suites = field("Suites:")?;
        suites.split_whitespace().any(|suite| suite == codename).then(|| field("URIs:")).flatten()
    };
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().filter(|word| !word.starts_with('[') && !word.ends_with(']')).collect();
        matches!(words[..], ["deb", _, suite, ..] if suite == codename).then(|| words[1].to_owned())
    };
    text.split("\n\n").find_map(stanza).or_else(|| text.lines().find_map(line)).and_then(|uris| uris.split_whitespace().next().map(str::to_owned))
}

/// The machine's bundle of certificate authorities, which knows a proxy that inspects TLS when there is one.
pub fn authorities() -> Option<PathBuf> {
    let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    named.into_iter().chain([PathBuf::from("/etc/ssl/certs/ca-certificates.crt")]).find(|path| path.is_file())
}

/// Build arguments that name the package registries which the machine's own clients use; empty where a client names none.
pub fn package_addresses() -> Vec<(&'static str, String)> {
    let ask = |program: &str, arguments: &[&str]| Program::new(program).args(arguments).current_dir(Path::new("/")).text().unwrap_or_default();
    vec![
        ("APT_MIRROR", package_mirror().unwrap_or_default()),
        ("NPM_REGISTRY", ask("npm", &["config", "get", "registry"])),
        ("PIP_INDEX", ask("pip3", &["config", "get", "global.index-url"])),
        ("GO_PROXY", ask("go", &["env", "GOPROXY"])),
    ]
}

#[cfg(test)]
mod tests {
    use super::mirror_in;

    #[test]
    fn the_mirror_is_read_from_both_forms_of_apt_configuration() {
        let stanza = "Types: deb\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n";
        assert_eq!(mirror_in(stanza, "bookworm").as_deref(), Some("http://mirror.example/debian"));
        assert_eq!(mirror_in(stanza, "trixie"), None);
        let line = "# old form\ndeb [arch=amd64] http://mirror.example/debian bookworm main\n";
        assert_eq!(mirror_in(line, "bookworm").as_deref(), Some("http://mirror.example/debian"));
    }
}
