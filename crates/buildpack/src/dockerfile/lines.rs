//! Lines of a Dockerfile put together into instructions: directives, comments, continuations, here-documents.

use super::Fault;

/// One instruction as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// The line it begins in, from 1.
    pub line: usize,
    /// Its name in capitals.
    pub name: String,
    /// What follows the name, continuations joined, here-documents left out.
    pub rest: String,
    /// Whether here-documents follow it.
    pub heredoc: bool,
}

/// What the directives at the top say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directives {
    /// Continues a line and escapes a character: `\` or a backtick.
    pub escape: char,
    /// The frontend asked for.
    pub syntax: Option<String>,
}

/// Reads the directives and instructions of a text.
pub fn read(text: &str) -> Result<(Directives, Vec<Instruction>), Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let directives = directives(text);
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    while let Some((line, first)) = lines.next() {
        if is_blank_or_comment(first) {
            continue;
        }
        let joined = join(first, &mut lines, directives.escape);
        let (name, rest) = joined.split_once(char::is_whitespace).unwrap_or((&joined, ""));
        let name = name.to_ascii_uppercase();
        let names = if takes_heredocs(&name, rest) { heredocs(rest, directives.escape) } else { Vec::new() };
        for heredoc in &names {
            let ends = |body: &str| (if heredoc.tabs { body.trim_start_matches('\t') } else { body }) == heredoc.name;
            if !lines.by_ref().any(|(_, body)| ends(body)) {
                return Err(Fault::new(line, format!("the here-document is never closed: end it with a line that holds only {}", heredoc.name)));
            }
        }
        found.push(Instruction { line, name, rest: rest.trim().to_owned(), heredoc: !names.is_empty() });
    }
    Ok((directives, found))
}

fn is_blank_or_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

/// Directives stand before everything else; the first line that is none ends them.
fn directives(text: &str) -> Directives {
    let mut found = Directives { escape: '\\', syntax: None };
    for line in text.lines() {
        let Some((name, value)) = line.trim().strip_prefix('#').and_then(|line| line.split_once('=')) else { break };
        match (name.trim().to_ascii_lowercase().as_str(), value.trim()) {
            ("escape", "`") => found.escape = '`',
            ("escape", _) => {}
            ("syntax", value) => found.syntax = Some(value.to_owned()),
            ("check", _) => {}
            _ => break,
        }
    }
    found
}

/// The text before a final escape character, when the line goes on.
fn continued(line: &str, escape: char) -> Option<&str> {
    let before = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!before.ends_with(escape)).then_some(before)
}

fn join<'a>(first: &str, lines: &mut impl Iterator<Item = (usize, &'a str)>, escape: char) -> String {
    let mut joined = String::new();
    let mut current = first;
    while let Some(before) = continued(current, escape) {
        joined.push_str(before);
        match lines.find(|(_, line)| !is_blank_or_comment(line)) {
            Some((_, next)) => current = next,
            None => return joined.trim().to_owned(),
        }
    }
    joined.push_str(current);
    joined.trim().to_owned()
}

struct Heredoc {
    name: String,
    tabs: bool,
}

fn takes_heredocs(name: &str, rest: &str) -> bool {
    let name = if name == "ONBUILD" { rest.split_whitespace().next().unwrap_or_default().to_ascii_uppercase() } else { name.to_owned() };
    matches!(name.as_str(), "RUN" | "COPY" | "ADD")
}

fn heredocs(rest: &str, escape: char) -> Vec<Heredoc> {
    words(rest, escape).iter().filter_map(|word| heredoc(word)).collect()
}

/// `<<EOF`, `<<-EOF`, `3<<"EOF"`: as a word of its own and not within quotes.
fn heredoc(word: &str) -> Option<Heredoc> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (tabs, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    let name: String = rest.chars().filter(|c| !"'\"".contains(*c)).collect();
    (!name.is_empty() && !rest.contains('<')).then_some(Heredoc { name, tabs })
}

/// Splits at spaces outside quotes; quotes and escapes stay in the words.
pub fn words(text: &str, escape: char) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match quote {
            None if character.is_whitespace() => {
                if !word.is_empty() {
                    found.push(std::mem::take(&mut word));
                }
                continue;
            }
            None if character == '\'' || character == '"' => quote = Some(character),
            Some(open) if character == open => quote = None,
            _ => {}
        }
        word.push(character);
        if character == escape && quote != Some('\'') {
            word.extend(characters.next());
        }
    }
    if !word.is_empty() {
        found.push(word);
    }
    found
}
