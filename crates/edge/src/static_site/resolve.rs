//! From the path of a request to a file below the root, and never beside it.

use std::{
    fs::{self, Metadata},
    path::{Path, PathBuf},
};

/// What a path leads to.
#[derive(Debug)]
pub(super) enum Found {
    /// A file.
    File(PathBuf, Metadata),
    /// The same at its proper path.
    Elsewhere(String),
    Nothing,
}

/// The parts of a request's path, decoded; `None` where it leads out of the root, to a hidden file, or nowhere a file can be.
pub(super) fn parts(path: &str) -> Option<Vec<String>> {
    let decoded = decode(path)?;
    let mut parts = Vec::new();
    for part in decoded.split('/').filter(|part| !part.is_empty() && *part != ".") {
        let hidden = part.starts_with('.') && !(part == ".well-known" && parts.is_empty());
        if hidden || part.contains(['\0', '\\']) {
            return None;
        }
        parts.push(part.to_owned());
    }
    Some(parts)
}

fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok().filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

fn encode(parts: &[String]) -> String {
    let mut path = String::new();
    for part in parts {
        path.push('/');
        for byte in part.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=@".contains(&byte) {
                path.push(byte as char);
            } else {
                path.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    path
}

/// The file at a path below the root, symbolic links within the root followed.
pub(super) fn file(root: &Path, below: &Path) -> Option<(PathBuf, Metadata)> {
    let path = fs::canonicalize(root.join(below)).ok().filter(|path| path.starts_with(root))?;
    let metadata = fs::metadata(&path).ok().filter(Metadata::is_file)?;
    Some((path, metadata))
}

/// What a request's path leads to. The root is canonical.
pub(super) fn find(root: &Path, path: &str) -> Found {
    let Some(parts) = parts(path) else { return Found::Nothing };
    let below: PathBuf = parts.iter().collect();
    let folder = path.ends_with('/') || parts.is_empty();
    let found = |(path, metadata)| Found::File(path, metadata);
    let page = || parts.last().and_then(|last| file(root, &below.with_file_name(format!("{last}.html"))));
    if folder {
        let index = file(root, &below.join("index.html")).map(found);
        return index.or_else(|| page().map(|_| Found::Elsewhere(encode(&parts)))).unwrap_or(Found::Nothing);
    }
    if let Some(file) = file(root, &below) {
        return found(file);
    }
    if let Some(page) = page() {
        return found(page);
    }
    match file(root, &below.join("index.html")) {
        Some(_) => Found::Elsewhere(format!("{}/", encode(&parts))),
        None => Found::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_or_to_hidden_files_lead_nowhere() {
        for bad in ["/../x", "/a/%2e%2e/x", "/.git/config", "/a/.env", "/%00", "/a%2", "/a%zz", "/..%5cx", "/%ff", "/a/.well-known/x", "/%+1"] {
            assert_eq!(parts(bad), None, "{bad}");
        }
    }

    #[test]
    fn paths_are_decoded_and_spelt_again() {
        assert_eq!(parts("//a//b%20c/./%C3%A9/"), Some(vec!["a".into(), "b c".into(), "é".into()]));
        assert_eq!(encode(&parts("//evil.example/b%20c").unwrap_or_default()), "/evil.example/b%20c");
        assert!(parts("/.well-known/acme").is_some());
    }
}
