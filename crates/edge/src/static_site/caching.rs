//! Which files never change: those whose names carry a hash of their content.

/// What builders put a hash in the names of. A page or a document with such a name is more likely an article's number.
const BUILT: [&str; 21] =
    ["js", "mjs", "css", "map", "wasm", "woff", "woff2", "ttf", "otf", "png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "mp4", "webm", "mp3", "txt"];

/// Whether a file's name carries a content hash: `main.3f2a1b9c.js`, `index-BxY3k9Qa.js`, `9f86d081884c7d65.css`. In doubt it does not: a file that is kept
/// for a year by mistake costs more than one that is asked for again.
pub(super) fn is_hashed(name: &str) -> bool {
    let mut parts = name.rsplitn(2, '.');
    let (Some(extension), Some(stem)) = (parts.next(), parts.next()) else { return false };
    // `app.3f2a1b9c.js.map`
    let stem = if extension == "map" { stem.trim_end_matches(".js").trim_end_matches(".css") } else { stem };
    if !BUILT.contains(&extension) {
        return false;
    }
    let last = stem.rsplit(['.', '-']).next().unwrap_or_default();
    let named = last.len() < stem.len();
    let tail = stem.len().checked_sub(9).and_then(|at| stem.get(at..)).filter(|tail| tail.starts_with(['.', '-'])).map(|tail| &tail[1..]);
    (is_hex(last) && last.len() >= if named { 8 } else { 16 }) || (named && is_mixed(last)) || tail.is_some_and(is_mixed)
}

fn is_hex(text: &str) -> bool {
    let hex = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    hex && text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Eight characters or more with capitals, small letters and digits.
fn is_mixed(text: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| text.as_bytes().iter().any(kind);
    let spelt = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    text.len() >= 8 && spelt && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_hash_are_told_from_others() {
        for hashed in ["main.3f2a1b9c.js", "index-BxY3k9Qa.js", "index-B-Y3k9Qa.css", "9f86d081884c7d65.css", "logo.0123abcd4567.svg", "app.3f2a1b9c.js.map"] {
            assert!(is_hashed(hashed), "{hashed}");
        }
        for plain in [
            "index.html",
            "jquery-3.7.1.min.js",
            "bootstrap.bundle.js",
            "my-JavaScript.js",
            "report-3f2a1b9c.pdf",
            "photo-20240101.jpg",
            "deadbeef",
            "a.js",
            ".js",
            "page-3f2a1b9c.html",
        ] {
            assert!(!is_hashed(plain), "{plain}");
        }
    }
}
