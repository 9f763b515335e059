//! Conditional and partial requests.

use http::{HeaderMap, HeaderName, header};
use jiff::{Timestamp, fmt::rfc2822};

/// What a stretch of a file a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stretch {
    /// All of it.
    Whole,
    /// From a byte on, so many.
    Part { from: u64, length: u64 },
    /// None that the file has: 416.
    Outside,
}

/// A time as HTTP writes it, in whole seconds.
pub(super) fn date(seconds: i64) -> Option<String> {
    rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::from_second(seconds).ok()?).ok()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn seconds(date: &str) -> Option<i64> {
    rfc2822::parse(date).ok().map(|time| time.timestamp().as_second())
}

/// Whether the visitor has this file already.
pub(super) fn is_known(headers: &HeaderMap, tag: &str, changed_seconds: i64) -> bool {
    match text(headers, header::IF_NONE_MATCH) {
        Some(tags) => tags.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag),
        None => text(headers, header::IF_MODIFIED_SINCE).and_then(seconds).is_some_and(|since| changed_seconds <= since),
    }
}

/// The stretch a request asks for. Several at once are answered with the whole file, which the protocol allows.
pub(super) fn stretch(headers: &HeaderMap, tag: &str, changed_seconds: i64, length: u64) -> Stretch {
    let Some(asked) = text(headers, header::RANGE).and_then(|range| range.strip_prefix("bytes=")) else { return Stretch::Whole };
    let same = text(headers, header::IF_RANGE).is_none_or(|known| known == tag || seconds(known) == Some(changed_seconds));
    let Some((from, to)) = asked.trim().split_once('-').filter(|_| same && !asked.contains(',')) else { return Stretch::Whole };
    let part = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to => (from, to.saturating_add(1).min(length)),
        (Ok(from), Err(_)) if to.is_empty() => (from, length),
        (Err(_), Ok(last)) if from.is_empty() => (length.saturating_sub(last), length),
        _ => return Stretch::Whole,
    };
    if part.0 < part.1 { Stretch::Part { from: part.0, length: part.1 - part.0 } } else { Stretch::Outside }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stretch_is_understood_and_the_rest_is_the_whole_file() {
        let part = |from, length| Stretch::Part { from, length };
        for (range, expected) in [
            ("bytes=0-9", part(0, 10)),
            ("bytes=90-", part(90, 10)),
            ("bytes=-10", part(90, 10)),
            ("bytes=-1000", part(0, 100)),
            ("bytes=50-1000", part(50, 50)),
            ("bytes=100-", Stretch::Outside),
            ("bytes=-0", Stretch::Outside),
            ("bytes=9-1", Stretch::Whole),
            ("bytes=0-1,5-6", Stretch::Whole),
            ("lines=0-1", Stretch::Whole),
            ("bytes=x-1", Stretch::Whole),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, range.parse().expect("a header"));
            assert_eq!(stretch(&headers, "\"t\"", 0, 100), expected, "{range}");
            headers.insert(header::IF_RANGE, "\"other\"".parse().expect("a header"));
            assert_eq!(stretch(&headers, "\"t\"", 0, 100), Stretch::Whole);
        }
    }

    #[test]
    fn a_known_file_is_recognised_by_tag_before_date() {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MODIFIED_SINCE, date(1000).expect("a date").parse().expect("a header"));
        assert!(is_known(&headers, "\"t\"", 1000));
        assert!(!is_known(&headers, "\"t\"", 1001));
        headers.insert(header::IF_NONE_MATCH, "\"a\", W/\"t\"".parse().expect("a header"));
        assert!(is_known(&headers, "\"t\"", 1001));
        assert!(!is_known(&headers, "\"u\"", 1000));
    }
}
