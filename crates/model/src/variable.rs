//! Environment variables of an application.

use crate::{Invalid, Secret, VariableId, parsed_text};
use serde::{Deserialize, Serialize};

parsed_text!(
    /// The name of an environment variable: letters, digits and `_`, not beginning with a digit, at most 256 characters.
    EnvName,
    |text| {
        let text = text.trim();
        let first = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if first && text.len() <= 256 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            Ok(text.to_owned())
        } else {
            Err(Invalid::new("a variable's name has letters, digits and underscores, and does not begin with a digit"))
        }
    }
);

/// Largest value of a variable, in bytes.
pub const VALUE_LENGTH_BYTES: usize = 64 * 1024;

/// A variable as a person set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its id.
    pub id: VariableId,
    /// Its name.
    pub name: EnvName,
    /// Its value, references not yet resolved.
    pub value: Secret,
    /// Given to the build as a build argument or secret.
    pub build_time: bool,
    /// Given to the container.
    pub run_time: bool,
    /// Taken as it is: `{{team.X}}` is not resolved.
    pub literal: bool,
    /// May have several lines.
    pub multiline: bool,
    /// Never shown again once saved.
    pub hidden: bool,
    /// What it is for, for people.
    pub comment: String,
}

/// A variable with its references resolved, as a release freezes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenVariable {
    /// Its name.
    pub name: EnvName,
    /// Its value.
    pub value: Secret,
    /// Given to the build.
    pub build_time: bool,
    /// Given to the container.
    pub run_time: bool,
    /// Given by Wharf and not by a person: a name or an address, no secret.
    #[serde(default)]
    pub given: bool,
}

/// Where a shared variable lives; what `{{team.X}}`, `{{project.X}}` and `{{environment.X}}` name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SharedLevel {
    /// Of the team.
    Team,
    /// Of the project.
    Project,
    /// Of the environment.
    Environment,
}

impl SharedLevel {
    /// `team`, `project` or `environment`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Project => "project",
            Self::Environment => "environment",
        }
    }
}

/// The shared variables a value may refer to.
#[derive(Debug, Clone, Default)]
pub struct Shared(pub std::collections::BTreeMap<(SharedLevel, String), Secret>);

/// Resolves `{{team.X}}`, `{{project.X}}` and `{{environment.X}}` in a value. One pass: what a reference brings is not resolved again.
///
/// # Errors
/// A reference to a variable that is not there, by its name. Braces that are no such reference stay as they are.
pub fn resolve(value: &Secret, shared: &Shared) -> Result<Secret, Invalid> {
    let mut rest = value.expose();
    let mut resolved = String::new();
    while let Some((before, after)) = rest.split_once("{{") {
        resolved.push_str(before);
        let reference = after.split_once("}}").and_then(|(inside, after)| Some((parse_reference(inside)?, inside, after)));
        let Some(((level, name), inside, after)) = reference else {
            resolved.push_str("{{");
            rest = after;
            continue;
        };
        let Some(value) = shared.0.get(&(level, name)) else {
            return Err(Invalid::new(format!(
                "{{{{{}}}}} names a shared variable that is not there: add it to the {} or remove the reference",
                inside.trim(),
                level.as_str()
            )));
        };
        resolved.push_str(value.expose());
        rest = after;
    }
    resolved.push_str(rest);
    Ok(Secret::new(resolved))
}

fn parse_reference(inside: &str) -> Option<(SharedLevel, String)> {
    let (level, name) = inside.trim().split_once('.')?;
    let level = match level.trim() {
        "team" => SharedLevel::Team,
        "project" => SharedLevel::Project,
        "environment" => SharedLevel::Environment,
        _ => return None,
    };
    name.parse::<EnvName>().ok().map(|name| (level, name.into()))
}

/// One line of a `.env` text that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvLine {
    /// Its line number, from 1.
    pub line: usize,
    /// The name.
    pub name: EnvName,
    /// The value, quotes removed.
    pub value: Secret,
}

/// Reads a `.env` text: `NAME=value` lines, `export` in front allowed, `#` comments, single quotes literal, double quotes with `\n`, `\"` and `\\`;
/// quoted values may span lines.
///
/// # Errors
/// The first line that is none of these, by its number.
pub fn parse_dotenv(text: &str) -> Result<Vec<EnvLine>, Invalid> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let at = at + 1;
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, raw) = line.split_once('=').ok_or_else(|| Invalid::new(format!("line {at}: a line looks like NAME=value")))?;
        let name = name.parse().map_err(|why: Invalid| Invalid::new(format!("line {at}: {why}")))?;
        let raw = raw.trim_start();
        let value = match raw.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let mut whole = raw[1..].to_owned();
                let (mut read, mut escaped) = (0, false);
                let end = loop {
                    if let Some(end) = closing(&whole[read..], quote, &mut escaped) {
                        break read + end;
                    }
                    read = whole.len();
                    let (_, next) = lines.next().ok_or_else(|| Invalid::new(format!("line {at}: the quote is never closed")))?;
                    whole.push('\n');
                    whole.push_str(next);
                };
                if quote == '"' { unescape(&whole[..end]) } else { whole[..end].to_owned() }
            }
            _ => raw.split(" #").next().unwrap_or_default().trim_end().to_owned(),
        };
        found.push(EnvLine { line: at, name, value: Secret::new(value) });
    }
    Ok(found)
}

/// Where a quote closes. `escaped` says whether a backslash stood before the text, and then whether one ends it.
fn closing(text: &str, quote: char, escaped: &mut bool) -> Option<usize> {
    for (at, character) in text.char_indices() {
        if character == quote && !*escaped {
            return Some(at);
        }
        *escaped = quote == '"' && character == '\\' && !*escaped;
    }
    None
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('n') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some('r') => plain.push('\r'),
                Some(other @ ('"' | '\\' | '$')) => plain.push(other),
                Some(other) => plain.extend(['\\', other]),
                None => plain.push('\\'),
            },
            (other, false) => plain.push(other),
        }
    }
    plain
}

/// Writes variables as a `.env` text that [`parse_dotenv`] reads back to the same values.
pub fn write_dotenv<'a>(variables: impl IntoIterator<Item = (&'a EnvName, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in variables {
        let plain = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c));
        if plain || value.is_empty() {
            text.push_str(&format!("{name}={value}\n"));
        } else {
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
            text.push_str(&format!("{name}=\"{quoted}\"\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dotenv(text: &str) -> Vec<(String, String)> {
        parse_dotenv(text).expect("valid").into_iter().map(|line| (line.name.into(), line.value.expose().to_owned())).collect()
    }

    #[test]
    fn dotenv_reads_comments_quotes_and_lines() {
        let text = "# c\nexport A=1 # x\nB='a $b'\nC=\"x\\ny \\\"z\\\"\"\nD=\"one\ntwo\"\nE=\n";
        let expected = [("A", "1"), ("B", "a $b"), ("C", "x\ny \"z\""), ("D", "one\ntwo"), ("E", "")];
        assert_eq!(dotenv(text), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn a_bad_line_is_named() {
        assert_eq!(parse_dotenv("A=1\n2B=2").map_err(|why| why.0.starts_with("line 2:")), Err(true));
        assert!(parse_dotenv("A=\"x").is_err());
    }

    #[test]
    fn what_is_written_reads_back() {
        let name: EnvName = "K".parse().expect("valid");
        for value in ["", "plain", "a b", "q\"uo\\te", "two\nlines", "$x `y`", " #c", "\\n"] {
            assert_eq!(dotenv(&write_dotenv([(&name, value)])), [("K".to_owned(), value.to_owned())]);
        }
    }

    #[test]
    fn references_resolve_once_and_missing_ones_are_named() {
        let mut shared = Shared::default();
        shared.0.insert((SharedLevel::Team, "X".into()), Secret::new("{{team.Y}}"));
        assert_eq!(resolve(&Secret::new("a {{ team.X }} {{other}} {{"), &shared).map(|v| v.expose().to_owned()), Ok("a {{team.Y}} {{other}} {{".into()));
        assert!(resolve(&Secret::new("{{project.NOPE}}"), &shared).is_err_and(|why| why.0.contains("project.NOPE")));
    }
}
