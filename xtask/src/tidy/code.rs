//! Rust source with comments and the insides of literals blanked out, so that braces and words can be counted without a parser.

/// Blanked source; lines and columns are those of the original.
pub struct Code(pub String);

/// A function: its name, the line it begins on, and how many lines it has.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

impl Code {
    /// Blanks what is not code.
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut code = bytes.to_vec();
        let mut at = 0;
        while at < bytes.len() {
            let end = literal_or_comment(bytes, at);
            for byte in &mut code[at..end] {
                if *byte != b'\n' {
                    *byte = b' ';
                }
            }
            at = end.max(at + 1);
        }
        Self(String::from_utf8_lossy(&code).into_owned())
    }

    /// The line on which the tests of this file begin, if it has any of its own; tests are the last part of a file.
    pub fn tests_begin(&self) -> Option<usize> {
        let lines: Vec<&str> = self.0.lines().collect();
        lines.windows(2).position(|pair| pair[0].trim() == "#[cfg(test)]" && pair[1].trim_start().starts_with("mod ")).map(|at| at + 1)
    }

    /// Its functions that have a body.
    pub fn functions(&self) -> Vec<Function> {
        let words = self.0.match_indices("fn ").filter(|(at, _)| *at == 0 || !is_word(self.0.as_bytes()[at - 1]));
        words.filter_map(|(at, _)| self.function(at)).collect()
    }

    fn function(&self, at: usize) -> Option<Function> {
        let after = &self.0[at + 3..];
        let name: String = after.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect();
        let mut depth = 0_usize;
        for (offset, byte) in after.bytes().enumerate() {
            match byte {
                b';' if depth == 0 && !after[..offset].contains('[') => return None,
                b'{' => depth += 1,
                b'}' if depth <= 1 => {
                    let lines = after[..offset].matches('\n').count() + 1;
                    return (!name.is_empty()).then(|| Function { name, line: self.0[..at].matches('\n').count() + 1, lines });
                }
                b'}' => depth -= 1,
                _ => {}
            }
        }
        None
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Where the literal or comment that begins here ends; here, when none begins.
fn literal_or_comment(bytes: &[u8], at: usize) -> usize {
    match &bytes[at..] {
        [b'/', b'/', ..] => find(bytes, at, b"\n"),
        [b'/', b'*', ..] => after_block_comment(bytes, at),
        [b'r', b'"' | b'#', ..] if at == 0 || !is_word(bytes[at - 1]) || bytes[at - 1] == b'b' => after_raw_string(bytes, at),
        [b'"', ..] => after_string(bytes, at),
        [b'\'', b'\\', ..] => find(bytes, at + 3, b"'") + 1,
        [b'\'', _, b'\'', ..] => at + 3,
        // A character of more than one byte; a lifetime has no quote so near.
        [b'\'', first, ..] if *first >= 0x80 => find(bytes, at + 1, b"'") + 1,
        _ => at,
    }
    .min(bytes.len())
}

fn find(bytes: &[u8], from: usize, needle: &[u8]) -> usize {
    let from = from.min(bytes.len());
    bytes[from..].windows(needle.len()).position(|window| window == needle).map_or(bytes.len(), |at| from + at)
}

fn after_block_comment(bytes: &[u8], at: usize) -> usize {
    let (mut at, mut depth) = (at + 2, 1);
    while depth > 0 && at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => (at, depth) = (at + 2, depth + 1),
            [b'*', b'/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    at
}

fn after_raw_string(bytes: &[u8], at: usize) -> usize {
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    if bytes.get(at + 1 + hashes) != Some(&b'"') {
        return at;
    }
    let end = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    find(bytes, at + 2 + hashes, &end) + end.len()
}

fn after_string(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_in_literals_and_comments_are_not_counted() {
        let text = "fn one(a: [u8; 2]) -> char {\n  let s = \"}\\\"\"; // }\n  /* } /* } */ */ let r = r#\"}\"#;\n  '}'\n}\nfn two<'a>(x: &'a str) -> &'a str {\n  x\n}\ntrait T { fn none(); }\n";
        let functions = Code::of(text).functions();
        assert_eq!(functions.iter().map(|f| (f.name.as_str(), f.line, f.lines)).collect::<Vec<_>>(), [("one", 1, 5), ("two", 6, 3)]);
    }

    #[test]
    fn tests_begin_at_their_module() {
        assert_eq!(Code::of("fn a() {}\n#[cfg(test)]\nmod tests {}\n").tests_begin(), Some(2));
        assert_eq!(Code::of("fn a() {}\n").tests_begin(), None);
    }
}
