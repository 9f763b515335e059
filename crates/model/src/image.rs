//! References to images in registries.

use crate::{Invalid, parsed_text};

/// The registry that is meant when none is named.
pub const DOCKER_HUB: &str = "docker.io";

fn image(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    let wrong = || Invalid::new("an image looks like nginx, nginx:1.27 or registry.example.com/team/app@sha256:...");
    if text.is_empty() || text.len() > 512 || !text.is_ascii() {
        return Err(wrong());
    }
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    if let Some(digest) = digest {
        let hex = digest.strip_prefix("sha256:").ok_or_else(|| Invalid::new("a digest looks like sha256: and 64 hexadecimal digits"))?;
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return Err(Invalid::new("a digest looks like sha256: and 64 hexadecimal digits"));
        }
    }
    let (name, tag) = match rest.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
        Some((name, tag)) => (name, Some(tag)),
        None => (rest, None),
    };
    if let Some(tag) = tag {
        let first = tag.chars().next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        if !first || tag.len() > 128 || !tag.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) {
            return Err(Invalid::new("a tag has up to 128 letters, digits, dots, hyphens and underscores"));
        }
    }
    let (registry, path) = match name.split_once('/') {
        Some((first, path)) if first.contains('.') || first.contains(':') || first == "localhost" => (Some(first), path),
        _ => (None, name),
    };
    if let Some(registry) = registry {
        let (host, port) = registry.split_once(':').unwrap_or((registry, "1"));
        if host.parse::<crate::Host>().is_err() || host.starts_with('*') || port.parse::<crate::Port>().is_err() {
            return Err(wrong());
        }
    }
    let component = |part: &str| {
        part.chars().next().is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.chars().last().is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
    };
    if path.split('/').all(component) { Ok(text.to_owned()) } else { Err(wrong()) }
}

parsed_text!(
    /// A reference to an image, `[registry/]path[:tag][@digest]`, by the grammar of the OCI distribution specification.
    ImageReference,
    image
);

impl ImageReference {
    /// Host and port of the registry; `None` is Docker Hub.
    pub fn registry(&self) -> Option<&str> {
        self.0.split_once('/').map(|(first, _)| first).filter(|first| first.contains('.') || first.contains(':') || *first == "localhost")
    }
    /// Host and port of the registry in lower case; `docker.io` is Docker Hub, however it is written.
    pub fn registry_host(&self) -> String {
        match self.registry().map(str::to_ascii_lowercase) {
            None => DOCKER_HUB.to_owned(),
            Some(host) if ["index.docker.io", "registry-1.docker.io"].contains(&host.as_str()) => DOCKER_HUB.to_owned(),
            Some(host) => host,
        }
    }
    /// The digest, when the reference is pinned to one.
    pub fn digest(&self) -> Option<&str> {
        self.0.split_once('@').map(|(_, digest)| digest)
    }
    /// The tag; `latest` when neither tag nor digest is given.
    pub fn tag(&self) -> Option<&str> {
        let rest = self.0.split_once('@').map_or(self.0.as_str(), |(rest, _)| rest);
        match rest.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
            Some((_, tag)) => Some(tag),
            None if self.digest().is_some() => None,
            None => Some("latest"),
        }
    }
    /// The reference without tag and digest.
    pub fn repository(&self) -> &str {
        let rest = self.0.split_once('@').map_or(self.0.as_str(), |(rest, _)| rest);
        rest.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).map_or(rest, |(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        let image: ImageReference = "127.0.0.1:5000/library/busybox:1.36".parse().expect("valid");
        assert_eq!((image.registry(), image.repository(), image.tag()), (Some("127.0.0.1:5000"), "127.0.0.1:5000/library/busybox", Some("1.36")));
        let image: ImageReference = "nginx".parse().expect("valid");
        assert_eq!((image.registry(), image.tag()), (None, Some("latest")));
        for (text, host) in
            [("nginx", "docker.io"), ("index.docker.io/library/nginx", "docker.io"), ("Registry.example.com:5000/a", "registry.example.com:5000")]
        {
            assert_eq!(text.parse::<ImageReference>().map(|image| image.registry_host()), Ok(host.to_owned()));
        }
        let pinned = format!("ghcr.io/a/b@sha256:{}", "0".repeat(64));
        assert_eq!(pinned.parse::<ImageReference>().map(|image| image.tag().is_none()), Ok(true));
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for bad in ["", "UPPER", "a b", "a:", "a@sha256:1", "-a", "a/../b", "$(id)", "a:t;id", "reg:99999/a", "a//b", "a@md5:x"] {
            assert!(bad.parse::<ImageReference>().is_err(), "{bad}");
        }
    }
}
