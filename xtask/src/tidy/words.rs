//! Words that do not belong: shells, addresses and paths of one machine, unfinished work, the tone that people are not spoken to in, and synonyms.

use crate::testbed::machine;
use crate::tidy::{Code, Finding, Source};
use crate::workspace;

const SHELLS: &[&str] = &["sh", "bash", "/bin/sh", "/bin/bash"];
const UNFINISHED: &[&str] = &["todo!(", "unimplemented!(", "#[ignore", "FIXME", "coming soon"];
const TONE: &[&str] = &["please", "successfully", "oops", "simply", "just click"];
/// The rules themselves name what they forbid.
const RULES: &[&str] = &["xtask/src/tidy/", "CONTRIBUTING.md", "GLOSSARY.md"];

/// Checks every tracked file.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    let (machine, synonyms) = (of_this_machine(), synonyms(sources));
    let judged = sources.iter().filter(|source| !RULES.iter().any(|rule| source.path.starts_with(rule)));
    judged.flat_map(|source| of_source(source, &machine, &synonyms)).collect()
}

fn of_source(source: &Source, machine: &[String], synonyms: &[(String, String)]) -> Vec<Finding> {
    let mut findings = shells(source);
    findings.extend(lock_addresses(source));
    for (at, line) in source.text.lines().enumerate() {
        let mut found = |name: &str, why: &str| findings.push(Finding::new(&source.path, at + 1, format!("`{name}`: {why}")).at(name, 1));
        machine.iter().filter(|text| line.contains(text.as_str())).for_each(|text| found(text, "an address or path of one machine"));
        if source.is_rust() {
            UNFINISHED.iter().filter(|text| line.contains(**text)).for_each(|text| found(text, "unfinished work"));
        }
        if source.is_rust() || source.path.ends_with(".md") {
            TONE.iter().filter(|word| has_word(line, word)).for_each(|word| found(word, "say what happens, and no more"));
        }
        let declared = declared_type(line).filter(|_| source.path.starts_with("crates/") && !source.is_test());
        if let Some((other, word)) = declared.and_then(|name| synonyms.iter().find(|(other, _)| *other == name)) {
            found(other, &format!("GLOSSARY.md has the word {word}"));
        }
    }
    findings
}

fn shells(source: &Source) -> Vec<Finding> {
    if !source.is_rust() || source.is_test() {
        return Vec::new();
    }
    let tests_begin = Code::of(&source.text).tests_begin().unwrap_or(usize::MAX);
    let lines = source.text.lines().enumerate().take_while(|(at, _)| at + 1 < tests_begin);
    let started = lines.filter(|(_, line)| !line.trim_start().starts_with("//") && SHELLS.iter().any(|shell| line.contains(&format!("\"{shell}\""))));
    started.map(|(at, _)| Finding::new(&source.path, at + 1, "a shell: other programs get an argv through host::Command").at("shell", 1)).collect()
}

/// A lock file of npm names packages, not where one machine fetched them.
fn lock_addresses(source: &Source) -> Vec<Finding> {
    if !source.path.ends_with("package-lock.json") {
        return Vec::new();
    }
    let lines = source.text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("\"resolved\": \"http"));
    lines.map(|(at, _)| Finding::new(&source.path, at + 1, "a lock file holds no addresses: make it with omit-lockfile-registry-resolved")).collect()
}

/// The checkout's folder, the home folder and the hosts that this machine fetches packages from. They are asked, so no file holds them.
fn of_this_machine() -> Vec<String> {
    let mut texts = vec![workspace::root().display().to_string()];
    texts.extend(std::env::var("HOME").ok().filter(|home| home.len() > 1).map(|home| format!("{home}/")));
    let addresses = machine::package_addresses().into_iter().flat_map(|(_, value)| value.split(',').map(str::to_owned).collect::<Vec<_>>());
    texts.extend(addresses.filter_map(|address| address.split("://").nth(1)?.split(['/', ':']).next().map(str::to_owned)));
    texts
}

/// Names that GLOSSARY.md's third column says are not used, each with the word to use. Rows with a remark in brackets are for people to judge.
fn synonyms(sources: &[Source]) -> Vec<(String, String)> {
    let glossary = sources.iter().find(|source| source.path == "GLOSSARY.md").map(|source| source.text.as_str()).unwrap_or_default();
    let mut synonyms = Vec::new();
    for line in glossary.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, word, _, others, _] = cells[..] {
            let others =
                others.split(',').map(str::trim).filter(|other| !others.contains('(') && !other.is_empty() && other.chars().all(char::is_alphanumeric));
            synonyms.extend(others.map(|other| (other.to_lowercase(), word.to_owned())));
        }
    }
    synonyms
}

/// The name of the public type that this line declares, in lower case.
fn declared_type(line: &str) -> Option<String> {
    let line = line.trim_start().strip_prefix("pub ")?;
    let name = ["struct ", "enum ", "trait ", "type "].iter().find_map(|keyword| line.strip_prefix(keyword))?;
    Some(name.chars().take_while(|character| character.is_alphanumeric()).collect::<String>().to_lowercase())
}

fn has_word(line: &str, word: &str) -> bool {
    let lower = line.to_lowercase();
    let borders = |at: usize| {
        let before = lower[..at].chars().next_back();
        let after = lower[at + word.len()..].chars().next();
        [before, after].into_iter().flatten().all(|character| !character.is_alphanumeric() && character != '_')
    };
    lower.match_indices(word).any(|(at, _)| borders(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_count() {
        assert!(has_word("Please wait", "please"));
        assert!(!has_word("it pleases", "please"));
    }

    #[test]
    fn a_type_named_by_a_word_that_the_glossary_does_not_use_is_found() {
        let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
        let glossary = source("GLOSSARY.md", "| step | One act of a plan. | task |\n| plan | Steps. | pipeline (but in CI) |\n");
        assert_eq!(synonyms(&[glossary]), [("task".to_owned(), "step".to_owned())]);
        assert_eq!(declared_type("    pub struct Task<'a> {").as_deref(), Some("task"));
        assert_eq!(declared_type("pub fn task() {"), None);
    }

    #[test]
    fn a_shell_is_found_outside_tests_only() {
        let source =
            |path: &str| Source { path: path.into(), text: "//! A.\nfn a() { run(\"sh\"); }\n#[cfg(test)]\nmod tests { const A: &str = \"sh\"; }\n".into() };
        assert_eq!(shells(&source("crates/a/src/lib.rs")).len(), 1);
        assert!(shells(&source("crates/a/tests/it.rs")).is_empty());
    }
}
