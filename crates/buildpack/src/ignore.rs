//! `.dockerignore`: which files stay out of a build context, by Docker's rules.

use crate::Error;
use regex::Regex;

/// Patterns of an ignore file; the last one that matches a path, or a directory above it, decides.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    expression: Regex,
    keeps: bool,
}

impl Ignore {
    /// Reads an ignore file; `file` is its name, for the error.
    ///
    /// # Errors
    /// A pattern that cannot be read, by its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut patterns = Vec::new();
        for (at, line) in text.lines().enumerate() {
            if line.starts_with('#') {
                continue;
            }
            let line = line.trim();
            let (keeps, pattern) = line.strip_prefix('!').map_or((false, line), |pattern| (true, pattern.trim()));
            let pattern = cleaned(pattern);
            if pattern.is_empty() {
                continue;
            }
            let wrong = || Error::BadIgnore { file: file.to_owned(), line: at + 1, pattern: line.to_owned() };
            let expression = expression(&pattern).and_then(|text| Regex::new(&text).ok()).ok_or_else(wrong)?;
            patterns.push(Pattern { expression, keeps });
        }
        Ok(Self { patterns })
    }

    /// Whether a path, relative to the context and without a leading `/`, is left out.
    pub fn leaves_out(&self, path: &str) -> bool {
        let path = path.trim_matches('/');
        let decides = |pattern: &&Pattern| parents_and_self(path).any(|part| pattern.expression.is_match(part));
        self.patterns.iter().rev().find(decides).is_some_and(|pattern| !pattern.keeps)
    }

    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }
}

/// `a/b/c` gives `a`, `a/b` and `a/b/c`.
fn parents_and_self(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at]).chain(std::iter::once(path))
}

/// A pattern without `.`, `..` and empty parts; what would climb out of the context stays at its top.
fn cleaned(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A pattern as a regular expression over a whole path; none when a bracket is never closed.
fn expression(pattern: &str) -> Option<String> {
    let mut text = String::from("(?s)^");
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '*' if characters.next_if_eq(&'*').is_some() => {
                characters.next_if_eq(&'/');
                text.push_str(if characters.peek().is_none() { ".*" } else { "(.*/)?" });
            }
            '*' => text.push_str("[^/]*"),
            '?' => text.push_str("[^/]"),
            '[' => text.push_str(&class(&mut characters)?),
            '\\' => text.push_str(&regex::escape(characters.next().unwrap_or('\\').encode_utf8(&mut [0; 4]))),
            other => text.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    text.push('$');
    Some(text)
}

/// A bracket expression such as `[a-z]` or `[^0]`, after its opening bracket.
fn class(characters: &mut impl Iterator<Item = char>) -> Option<String> {
    let mut text = String::from("[");
    let mut first = true;
    loop {
        match characters.next()? {
            ']' if !first => break,
            '^' if text == "[" => {
                text.push('^');
                continue;
            }
            '-' => text.push('-'),
            '\\' => text.push_str(&escaped(characters.next()?)),
            other => text.push_str(&escaped(other)),
        }
        first = false;
    }
    text.push(']');
    Some(text)
}

fn escaped(character: char) -> String {
    if character.is_ascii_punctuation() { format!("\\{character}") } else { character.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn left_out(patterns: &str, paths: &[&str]) -> Vec<String> {
        let ignore = Ignore::parse(".dockerignore", patterns).expect("patterns");
        paths.iter().filter(|path| ignore.leaves_out(path)).map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn patterns_are_anchored_at_the_context_and_cover_what_lies_below() {
        assert_eq!(left_out("target\n/docs/", &["target", "target/a/b", "sub/target", "docs/x", "doc"]), ["target", "target/a/b", "docs/x"]);
    }

    #[test]
    fn stars_stay_in_one_part_and_double_stars_do_not() {
        assert_eq!(left_out("*.log", &["a.log", "b/a.log"]), ["a.log"]);
        assert_eq!(left_out("**/*.log", &["a.log", "b/a.log", "a.logs"]), ["a.log", "b/a.log"]);
        assert_eq!(left_out("a/**/z", &["a/z", "a/b/c/z", "az"]), ["a/z", "a/b/c/z"]);
        assert_eq!(left_out("a/**", &["a/b", "a/b/c", "b"]), ["a/b", "a/b/c"]);
        assert_eq!(left_out("*/temp*", &["x/temporary.txt", "x/y/temp", "temp"]), ["x/temporary.txt"]);
        assert_eq!(left_out("temp?", &["tempa", "temp", "temp/"]), ["tempa"]);
    }

    #[test]
    fn the_last_match_wins() {
        assert_eq!(left_out("*.md\n!README*.md\nREADME-secret.md", &["a.md", "README.md", "README-secret.md"]), ["a.md", "README-secret.md"]);
        assert_eq!(left_out("*\n!src", &["src/main.rs", "target/x"]), ["target/x"]);
        assert_eq!(left_out("!a\na", &["a"]), ["a"]);
    }

    #[test]
    fn comments_blanks_and_the_context_itself_match_nothing() {
        assert_eq!(left_out("# a\n\n.\n/\n   \n!", &["a", "# a", "."]), Vec::<String>::new());
        assert_eq!(left_out("./a/../b\n../c", &["a", "b", "c"]), ["b", "c"]);
    }

    #[test]
    fn brackets_and_escapes_are_docker_s() {
        assert_eq!(left_out("[a-c].txt\n[^x]z", &["b.txt", "d.txt", "yz", "xz"]), ["b.txt", "yz"]);
        assert_eq!(left_out("a\\*b\n(x)+.$", &["a*b", "aXb", "(x)+.$", "x"]), ["a*b", "(x)+.$"]);
        let wrong = Ignore::parse(".dockerignore", "ok\n[a").map(|_| ()).expect_err("never closed");
        assert_eq!(wrong.to_string(), ".dockerignore is wrong in line 2: `[a` is no pattern. Close its bracket or escape it with a backslash");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_matcher_panic(text in "[\\PC\n]*", path in "[a-z/.\\[\\]*!]*") {
            if let Ok(ignore) = Ignore::parse(".dockerignore", &text) {
                let _ = ignore.leaves_out(&path);
            }
        }

        #[test]
        fn a_plain_path_leaves_out_itself_and_nothing_beside(name in "[a-z]{1,8}", other in "[A-Z]{1,8}") {
            let ignore = Ignore::parse(".dockerignore", &name).expect("a pattern");
            let below = format!("{name}/{other}");
            prop_assert!(ignore.leaves_out(&name) && ignore.leaves_out(&below) && !ignore.leaves_out(&other));
        }
    }
}
