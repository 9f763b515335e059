//! Paths inside a repository and inside a container.

use crate::{Invalid, parsed_text};

fn plain(text: &str) -> Result<(), Invalid> {
    if text.chars().any(char::is_control) {
        return Err(Invalid::new("a path has no control characters"));
    }
    if text.len() > 1024 {
        return Err(Invalid::new("a path has at most 1024 characters"));
    }
    if text.split('/').any(|part| part == "..") {
        return Err(Invalid::new("a path stays inside: `..` is not allowed"));
    }
    if text.split('/').any(|part| part != part.trim()) {
        return Err(Invalid::new("no name in a path begins or ends with a space"));
    }
    Ok(())
}

parsed_text!(
    /// A path below a source tree, normalised: no leading `/` or `./`, no `..`, no empty parts; the tree itself is the empty path.
    RelativePath,
    |text| {
        let text = text.trim();
        plain(text)?;
        Ok(text.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/"))
    }
);

impl RelativePath {
    /// The tree itself.
    pub fn root() -> Self {
        Self(String::new())
    }
    /// Whether this is the tree itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
    /// This path with another below it.
    pub fn join(&self, below: &RelativePath) -> Self {
        match (self.is_root(), below.is_root()) {
            (true, _) => below.clone(),
            (_, true) => self.clone(),
            _ => Self(format!("{}/{}", self.0, below.0)),
        }
    }
}

parsed_text!(
    /// An absolute path inside a container (or on a host), normalised: no `..`, no `:`, not `/` itself.
    MountPath,
    |text| {
        let text = text.trim();
        plain(text)?;
        if !text.starts_with('/') {
            return Err(Invalid::new("the path begins with /"));
        }
        if text.contains(':') {
            return Err(Invalid::new("the path has no colon"));
        }
        let path = format!("/{}", text.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/"));
        if path == "/" { Err(Invalid::new("the whole file system cannot be a mount")) } else { Ok(path) }
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_are_normalised_and_stay_inside() {
        assert_eq!("/./a//b/".parse::<RelativePath>().map(String::from), Ok("a/b".into()));
        assert!("/".parse::<RelativePath>().is_ok_and(|path| path.is_root()));
        for bad in ["..", "a/../b", "a\nb", "a //", "a/ b"] {
            assert!(bad.parse::<RelativePath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn mount_paths_are_absolute() {
        assert_eq!("/data//x/".parse::<MountPath>().map(String::from), Ok("/data/x".into()));
        for bad in ["", "data", "/", "//", "/a/../..", "/a:b"] {
            assert!(bad.parse::<MountPath>().is_err(), "{bad}");
        }
    }
}
