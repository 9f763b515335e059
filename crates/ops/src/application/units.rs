//! Texts of forms that are numbers with units, lists and switches.

use model::Invalid;
use std::collections::BTreeMap;

/// Most members of a list.
const LIST_COUNT: usize = 100;

/// A switch: what check boxes, JSON and people write.
pub(super) fn flag(text: &str) -> Result<bool, Invalid> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "on" | "yes" | "1" => Ok(true),
        "false" | "off" | "no" | "0" | "" => Ok(false),
        _ => Err(Invalid::new("this is true or false")),
    }
}

/// A whole number.
pub(super) fn number<T: std::str::FromStr>(text: &str) -> Result<T, Invalid> {
    text.trim().parse().map_err(|_| Invalid::new("a whole number is wanted here"))
}

/// Bytes such as `512m`, `1.5g`, `256MiB` or `536870912`; none for `0` and the empty text.
pub(super) fn memory(text: &str) -> Result<Option<u64>, Invalid> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let factor = match text[digits.len()..].trim() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err(Invalid::new("memory looks like 512m or 1.5g")),
    };
    let thousandths = decimal(if digits.is_empty() && text.is_empty() { "0" } else { digits }).ok_or_else(|| Invalid::new("memory looks like 512m or 1.5g"))?;
    let bytes = (u128::from(thousandths) << factor) / 1000;
    let bytes = u64::try_from(bytes).ok().filter(|bytes| *bytes <= 1 << 50).ok_or_else(|| Invalid::new("that is more memory than any machine has"))?;
    Ok((bytes > 0).then_some(bytes))
}

/// Thousandths of processors from `0.5` or `2`; none for `0` and the empty text.
pub(super) fn processors(text: &str) -> Result<Option<u32>, Invalid> {
    let wrong = || Invalid::new("processors look like 0.5 or 2");
    let text = text.trim();
    let thousandths = decimal(if text.is_empty() { "0" } else { text }).ok_or_else(wrong)?;
    let thousandths = u32::try_from(thousandths).ok().filter(|count| *count <= 1_024_000).ok_or_else(wrong)?;
    Ok((thousandths > 0).then_some(thousandths))
}

/// A decimal number in thousandths.
fn decimal(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let plain = |digits: &str| digits.chars().all(|c| c.is_ascii_digit()) && digits.len() <= 15;
    if (whole.is_empty() && part.is_empty()) || !plain(whole) || !plain(part) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    whole.checked_mul(1000)?.checked_add(part.parse().ok()?)
}

/// A whole number between two others, both allowed.
pub(super) fn between(text: &str, least: u32, most: u32) -> Result<u32, Invalid> {
    let wrong = || Invalid::new(format!("a whole number from {least} to {most} is wanted here"));
    text.trim().parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(wrong)
}

/// Members of a list, with commas or line ends between.
pub(super) fn members(text: &str) -> Result<Vec<&str>, Invalid> {
    let members: Vec<&str> = text.split([',', '\n']).map(str::trim).filter(|member| !member.is_empty()).collect();
    if members.len() > LIST_COUNT { Err(Invalid::new(format!("at most {LIST_COUNT} of them"))) } else { Ok(members) }
}

/// Lines that are not empty.
pub(super) fn lines(text: &str) -> Result<Vec<String>, Invalid> {
    let lines: Vec<String> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if lines.len() > LIST_COUNT { Err(Invalid::new(format!("at most {LIST_COUNT} lines"))) } else { Ok(lines) }
}

/// `NAME=value` lines.
pub(super) fn labels(text: &str) -> Result<BTreeMap<String, String>, Invalid> {
    pairs(text, '=', "a label is one line, NAME=value")
}

/// `Name: value` lines whose names HTTP allows.
pub(super) fn headers(text: &str) -> Result<BTreeMap<String, String>, Invalid> {
    let found = pairs(text, ':', "a header is one line, Name: value")?;
    let allowed = |name: &String| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    let plain = |value: &String| value.chars().all(|c| !c.is_control()) && value.is_ascii();
    if found.iter().all(|(name, value)| allowed(name) && plain(value)) {
        Ok(found)
    } else {
        Err(Invalid::new("a header's name has letters, digits and hyphens, its value plain characters"))
    }
}

fn pairs(text: &str, between: char, sentence: &str) -> Result<BTreeMap<String, String>, Invalid> {
    let pair = |line: String| {
        let (name, value) = line.split_once(between).ok_or_else(|| Invalid::new(sentence))?;
        let name = name.trim();
        if name.is_empty() { Err(Invalid::new(sentence)) } else { Ok((name.to_owned(), value.trim().to_owned())) }
    };
    lines(text)?.into_iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_processors_are_read_as_people_write_them() {
        for (text, bytes) in [("512m", Some(512 << 20)), ("1.5g", Some(3 << 29)), ("0", None), ("", None), ("1024", Some(1024)), ("64 MiB", Some(64 << 20))] {
            assert_eq!(memory(text), Ok(bytes), "{text}");
        }
        for text in ["-1", "m", "1x", "99999999999t", "1.2.3"] {
            assert!(memory(text).is_err(), "{text}");
        }
        assert_eq!(processors("1.5"), Ok(Some(1500)));
        assert_eq!(processors(".25"), Ok(Some(250)));
        assert_eq!(processors("0"), Ok(None));
        assert!(processors("many").is_err() && processors(".").is_err());
    }

    #[test]
    fn pairs_keep_what_follows_the_first_separator() {
        assert_eq!(labels("a=b=c\n\n d = e").map(|map| map.into_iter().collect::<Vec<_>>()), Ok(vec![("a".into(), "b=c".into()), ("d".into(), "e".into())]));
        assert!(labels("nothing").is_err());
        assert!(headers("X-A: b\nBad Name: c").is_err());
        assert_eq!(headers("X-A: b:c").map(|map| map["X-A"].clone()), Ok("b:c".to_owned()));
    }
}
