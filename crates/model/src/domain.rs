//! Domains: where visitors reach an application.

use crate::{Invalid, Port, parsed_text};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

fn host(text: &str) -> Result<String, Invalid> {
    let text = text.trim().trim_end_matches('.').to_ascii_lowercase();
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let named = text.strip_prefix("*.").unwrap_or(&text);
    if !text.is_empty() && text.len() <= 253 && named.split('.').all(label) {
        Ok(text)
    } else if !text.is_ascii() {
        Err(Invalid::new("write an international domain in its ASCII form (xn--...)"))
    } else {
        Err(Invalid::new("a host looks like app.example.com"))
    }
}

parsed_text!(
    /// A host name in lower case, without a port or a final dot; `*.` in front matches one label.
    Host,
    host
);

parsed_text!(
    /// A path prefix as routes match it: begins with `/`, no `..`, no query, no final `/` but for the whole site, which is `/`.
    PathPrefix,
    |text| {
        let text = text.trim();
        if text.is_empty() || text == "/" {
            return Ok("/".to_owned());
        }
        let sane = text.starts_with('/')
            && text.len() <= 512
            && text.chars().all(|c| c.is_ascii_graphic() && !"?#\\\"<>^`{|}".contains(c))
            && !text.split('/').any(|part| part == ".." || part == ".")
            && !text.contains("//");
        if sane { Ok(text.trim_end_matches('/').to_owned()) } else { Err(Invalid::new("a path looks like /api")) }
    }
);

impl PathPrefix {
    /// The whole site.
    pub fn root() -> Self {
        Self("/".to_owned())
    }
    /// Whether this is the whole site.
    pub fn is_root(&self) -> bool {
        self.0 == "/"
    }
}

/// Whether visitors come over TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Plain HTTP; no certificate is asked for.
    Http,
    /// HTTPS; plain HTTP is redirected.
    Https,
}

/// Where visitors reach an application: `https://host[:container port][/path]`. As in Coolify the port is the *container's*, for an application
/// that answers different domains on different ports. Without a scheme it is `http` for localhost names, else `https`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Domain {
    /// HTTP or HTTPS.
    pub scheme: Scheme,
    /// The host.
    pub host: Host,
    /// The container's port; the application's exposed port when absent.
    pub port: Option<Port>,
    /// The path below which the application answers.
    pub path: PathPrefix,
}

impl FromStr for Domain {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some(("http", rest)) => (Some(Scheme::Http), rest),
            Some(("https", rest)) => (Some(Scheme::Https), rest),
            Some(_) => return Err(Invalid::new("a domain begins with http:// or https://")),
            None => (None, text),
        };
        let (authority, path) = match rest.find('/') {
            Some(at) => (&rest[..at], &rest[at..]),
            None => (rest, "/"),
        };
        let (name, port) = match authority.split_once(':') {
            Some((name, port)) => (name, Some(port.parse()?)),
            None => (authority, None),
        };
        let host: Host = name.parse()?;
        let local = host.as_str() == "localhost" || host.as_str().ends_with(".localhost");
        let scheme = scheme.unwrap_or(if local { Scheme::Http } else { Scheme::Https });
        Ok(Self { scheme, host, port, path: path.parse()? })
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(formatter, "{scheme}://{}", self.host)?;
        if let Some(port) = self.port {
            write!(formatter, ":{port}")?;
        }
        if self.path.is_root() { Ok(()) } else { formatter.write_str(self.path.as_str()) }
    }
}

impl TryFrom<String> for Domain {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Domain> for String {
    fn from(domain: Domain) -> String {
        domain.to_string()
    }
}

/// What happens to the other of `example.com` and `www.example.com`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WwwRedirect {
    /// Each domain answers for itself.
    #[default]
    Both,
    /// The bare host is redirected to `www.`.
    Www,
    /// `www.` is redirected to the bare host.
    NonWww,
}

impl Domain {
    /// The address a visitor types, given the port the edge listens on for the domain's scheme.
    pub fn url(&self, edge_port: Port) -> String {
        let (scheme, usual) = match self.scheme {
            Scheme::Http => ("http", 80),
            Scheme::Https => ("https", 443),
        };
        let path = if self.path.is_root() { "" } else { self.path.as_str() };
        if edge_port.number() == usual { format!("{scheme}://{}{path}", self.host) } else { format!("{scheme}://{}:{edge_port}{path}", self.host) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_print_as_they_are_kept() {
        for (text, kept) in [
            ("Example.COM", "https://example.com"),
            ("hello.localhost", "http://hello.localhost"),
            ("http://a.b:3000/api/", "http://a.b:3000/api"),
            ("https://*.example.com", "https://*.example.com"),
        ] {
            assert_eq!(text.parse::<Domain>().map(|domain| domain.to_string()), Ok(kept.to_owned()));
        }
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        for bad in ["", "ftp://a.b", "a..b", "-a.b", "a b", "a.b/../c", "a.b:0", "a.b/x?y", "exämple.com", "a.b`id`", "$(id).b", "*.*.b"] {
            assert!(bad.parse::<Domain>().is_err(), "{bad}");
        }
    }
}
