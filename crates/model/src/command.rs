//! Command lines that people type, taken apart into an argv once; no shell ever reads them.

use crate::{Invalid, parsed_text};

fn split(text: &str) -> Result<Vec<String>, Invalid> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some('\'') => break,
                        Some(other) => word.push(other),
                        None => return Err(Invalid::new("a single quote is never closed")),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some('"') => break,
                        Some('\\') => match characters.next() {
                            Some(other @ ('"' | '\\')) => word.push(other),
                            Some(other) => word.extend(['\\', other]),
                            None => return Err(Invalid::new("a double quote is never closed")),
                        },
                        Some(other) => word.push(other),
                        None => return Err(Invalid::new("a double quote is never closed")),
                    }
                }
            }
            '\\' => match characters.next() {
                Some(other) => word.get_or_insert_default().push(other),
                None => return Err(Invalid::new("a backslash at the end escapes nothing")),
            },
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

parsed_text!(
    /// A command line such as `node server.js --port "80 80"`: words, quotes and backslashes as a shell has them, and nothing else of a shell:
    /// `&&`, `|`, `$X` and `*` are plain words. Who wants a shell writes `sh -c "..."` and gets the one in the image.
    CommandLine,
    |text| {
        let text = text.trim();
        if text.contains('\0') || text.len() > 8192 {
            return Err(Invalid::new("a command has at most 8192 bytes and no NUL"));
        }
        if split(text)?.first().is_none_or(String::is_empty) {
            return Err(Invalid::new("a command begins with a program"));
        }
        Ok(text.to_owned())
    }
);

impl CommandLine {
    /// The words: program first, never empty.
    pub fn argv(&self) -> Vec<String> {
        split(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_quotes_are_taken_apart_and_nothing_is_expanded() {
        let line: CommandLine = r#"node  "a b" 'c $d' e\ f && "q\"x" "" *"#.parse().expect("valid");
        assert_eq!(line.argv(), ["node", "a b", "c $d", "e f", "&&", "q\"x", "", "*"]);
    }

    #[test]
    fn unclosed_quotes_and_nothing_are_refused() {
        for bad in ["", "  ", "a 'b", "a \"b", "a\\", "''", "a\0b"] {
            assert!(bad.parse::<CommandLine>().is_err(), "{bad:?}");
        }
    }
}
