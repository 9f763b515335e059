//! Git repositories and what is taken from them.

use crate::{Invalid, KeyId, RelativePath, parsed_text};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

fn git_url(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    let wrong = || Invalid::new("a repository looks like https://host/owner/name.git or git@host:owner/name.git");
    if text.is_empty() || text.len() > 2048 || text.starts_with('-') || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(wrong());
    }
    if let Some((user, rest)) = text.split_once('@').filter(|_| !text.contains("://")) {
        let user_sane = !user.is_empty() && user.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let (host, path) = rest.split_once(':').ok_or_else(wrong)?;
        let host_sane = !host.is_empty() && !host.starts_with('-') && host.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
        return if user_sane && host_sane && !path.is_empty() && !path.starts_with('-') { Ok(text.to_owned()) } else { Err(wrong()) };
    }
    let url = url::Url::parse(text).map_err(|_| wrong())?;
    let host_sane = url.host_str().is_some_and(|host| !host.starts_with('-'));
    match url.scheme() {
        "https" | "http" if url.password().is_some() || !url.username().is_empty() => {
            Err(Invalid::new("leave the password out of the address: add a deploy key instead"))
        }
        "https" | "http" if host_sane && url.path().len() > 1 => Ok(text.to_owned()),
        "ssh" if host_sane && url.password().is_none() && !url.username().starts_with('-') && url.path().len() > 1 => Ok(text.to_owned()),
        "file" if url.host_str().is_none() && url.path().len() > 1 => Ok(text.to_owned()),
        "http" | "https" | "ssh" | "file" => Err(wrong()),
        _ => Err(Invalid::new("a repository is reached over https, ssh or, on the operator's own machine, file")),
    }
}

parsed_text!(
    /// The address of a git repository over https, http, ssh (also `user@host:path`) or `file`. It never begins with `-` and holds no password.
    GitUrl,
    git_url
);

/// How a repository is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GitTransport {
    /// `https://`
    Https,
    /// `http://`, allowed on private addresses by an instance setting only.
    Http,
    /// `ssh://` or `user@host:path`.
    Ssh,
    /// `file://`, allowed by an instance setting only.
    File,
}

impl GitUrl {
    /// How it is reached.
    pub fn transport(&self) -> GitTransport {
        match self.as_str().split_once("://").map(|(scheme, _)| scheme) {
            Some("https") => GitTransport::Https,
            Some("http") => GitTransport::Http,
            Some("file") => GitTransport::File,
            _ => GitTransport::Ssh,
        }
    }

    /// Host name or address, without a port; `None` for a file.
    pub fn host(&self) -> Option<String> {
        match url::Url::parse(self.as_str()) {
            Ok(url) => url.host_str().map(str::to_owned),
            Err(_) => self.as_str().split_once('@').and_then(|(_, rest)| rest.split_once(':')).map(|(host, _)| host.to_owned()),
        }
    }

    /// `owner/name` as forges write it in webhooks: the path without a leading `/` or a final `.git`, lower-cased.
    pub fn repository(&self) -> String {
        let path = match url::Url::parse(self.as_str()) {
            Ok(url) => url.path().to_owned(),
            Err(_) => self.as_str().split_once(':').map(|(_, path)| path.to_owned()).unwrap_or_default(),
        };
        path.trim_matches('/').trim_end_matches(".git").to_lowercase()
    }
}

/// Git's own rules for reference names (git-check-ref-format), and no leading `-`.
fn reference(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock") && !part.ends_with('.');
    let sane = !text.starts_with('-')
        && text.len() <= 255
        && !text.contains("..")
        && !text.contains("@{")
        && text != "@"
        && !text.chars().any(|c| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c))
        && text.split('/').all(part);
    if sane { Ok(text.to_owned()) } else { Err(Invalid::new("that is not a name git allows for a branch or tag")) }
}

parsed_text!(
    /// The name of a branch or tag that git allows.
    Branch,
    reference
);

parsed_text!(
    /// A commit's full id: 40 or 64 hexadecimal digits, lower case.
    CommitSha,
    |text| {
        let text = text.trim().to_ascii_lowercase();
        if (text.len() == 40 || text.len() == 64) && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(text)
        } else {
            Err(Invalid::new("a commit is given by its full id of 40 hexadecimal digits"))
        }
    }
);

impl CommitSha {
    /// The first twelve digits, as people quote commits.
    pub fn short(&self) -> &str {
        &self.as_str()[..12]
    }
}

/// What of a repository is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "lowercase")]
pub enum GitReference {
    /// The newest commit of a branch.
    Branch(Branch),
    /// The commit a tag names.
    Tag(Branch),
    /// One commit.
    Commit(CommitSha),
}

impl fmt::Display for GitReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Branch(name) | Self::Tag(name) => name.fmt(formatter),
            Self::Commit(commit) => formatter.write_str(commit.short()),
        }
    }
}

impl FromStr for GitReference {
    type Err = Invalid;
    /// `refs/tags/x` is a tag, a full id a commit, everything else a branch.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if let Some(tag) = text.strip_prefix("refs/tags/") {
            return tag.parse().map(Self::Tag);
        }
        if let Ok(commit) = text.parse() {
            return Ok(Self::Commit(commit));
        }
        text.strip_prefix("refs/heads/").unwrap_or(text).parse().map(Self::Branch)
    }
}

/// A repository and what of it is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GitSource {
    /// Where.
    pub url: GitUrl,
    /// What.
    pub reference: GitReference,
    /// The directory taken as the source tree.
    pub base_directory: RelativePath,
    /// The deploy key to sign in with over ssh.
    pub key: Option<KeyId>,
    /// Whether submodules are fetched too.
    #[serde(default)]
    pub submodules: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_over_the_four_transports_are_taken() {
        for (text, repository) in [
            ("https://github.com/Ada/Shop.git", "ada/shop"),
            ("http://127.0.0.1:3000/ada/shop", "ada/shop"),
            ("git@github.com:ada/shop.git", "ada/shop"),
            ("ssh://git@host:2222/ada/shop.git", "ada/shop"),
            ("file:///srv/git/shop.git", "srv/git/shop"),
        ] {
            assert_eq!(text.parse::<GitUrl>().map(|url| url.repository()), Ok(repository.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_would_run_a_program_is_refused() {
        for bad in [
            "",
            "ext::sh -c id",
            "--upload-pack=id",
            "-oProxyCommand=id@h:x",
            "git@-oProxyCommand=id:x",
            "ssh://-oProxyCommand=id/x",
            "https://u:p@h/x",
            "https://h",
            "ftp://h/x",
            "file://h/x",
            "a@b",
            "https://h/x y",
            "git@h:-x",
        ] {
            assert!(bad.parse::<GitUrl>().is_err(), "{bad}");
        }
        for bad in ["", "-b", "a..b", "a b", "a~1", "x.lock", "/a", "a//b", "@", "a@{0}", "$(id)\nx", "a\\b"] {
            assert!(bad.parse::<Branch>().is_err(), "{bad}");
        }
    }

    #[test]
    fn references_are_told_apart() {
        assert!(matches!("refs/tags/v1".parse(), Ok(GitReference::Tag(_))));
        assert!(matches!("main".parse(), Ok(GitReference::Branch(_))));
        assert!(matches!("a".repeat(40).parse(), Ok(GitReference::Commit(_))));
    }
}
