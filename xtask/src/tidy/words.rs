//! Words that do not belong: shells, addresses and paths of one machine, unfinished work, the tone that people are not spoken to in, and synonyms.

use crate::testbed::machine;
use crate::tidy::{Code, Finding, Source};
use crate::workspace;
use anyhow::Result;

const SHELLS: &[&str] = &["sh", "bash", "/bin/sh", "/bin/bash"];
const UNFINISHED: &[&str] = &["todo!(", "unimplemented!(", "#[ignore", "FIXME", "coming soon"];
const TONE: &[&str] = &["please", "successfully", "oops", "simply", "just click"];
/// The rules themselves name what they forbid.
const RULES: &[&str] = &["xtask/src/tidy/", "CONTRIBUTING.md", "GLOSSARY.md"];

/// Checks every tracked file.
pub fn check(sources: &[Source]) -> Result<Vec<Finding>> {
    let machine = of_this_machine();
    let synonyms = synonyms(sources);
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| !RULES.iter().any(|rule| source.path.starts_with(rule))) {
        findings.extend(shells(source));
        findings.extend(lock_addresses(source));
        for (at, line) in source.text.lines().enumerate() {
            let found = |words: String| Finding::new(&source.path, at + 1, words);
            findings
                .extend(machine.iter().filter(|text| line.contains(text.as_str())).map(|text| found(format!("`{text}` is an address or path of one machine"))));
            if source.is_rust() {
                findings.extend(UNFINISHED.iter().filter(|text| line.contains(**text)).map(|text| found(format!("`{text}` is unfinished work"))));
            }
            if source.is_rust() || source.path.ends_with(".md") {
                findings.extend(TONE.iter().filter(|word| has_word(line, word)).map(|word| found(format!("`{word}`: say what happens, and no more"))));
                findings
                    .extend(synonyms.iter().filter(|(word, _)| has_word(line, word)).map(|(word, instead)| found(format!("`{word}`: the word is {instead}"))));
            }
        }
    }
    Ok(findings)
}

fn shells(source: &Source) -> Vec<Finding> {
    if !source.is_rust() || source.is_test() {
        return Vec::new();
    }
    let tests_begin = Code::of(&source.text).tests_begin().unwrap_or(usize::MAX);
    let lines = source.text.lines().enumerate().take_while(|(at, _)| at + 1 < tests_begin);
    let started = lines.filter(|(_, line)| !line.trim_start().starts_with("//") && SHELLS.iter().any(|shell| line.contains(&format!("\"{shell}\""))));
    started.map(|(at, _)| Finding::new(&source.path, at + 1, "a shell: other programs get an argv through host::Command")).collect()
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

/// GLOSSARY.md's section "Words not used": a list of "- `word`: the word to use".
fn synonyms(sources: &[Source]) -> Vec<(String, String)> {
    let glossary = sources.iter().find(|source| source.path == "GLOSSARY.md").map(|source| source.text.as_str()).unwrap_or_default();
    let lines = glossary.lines().skip_while(|line| *line != "## Words not used").skip(1).take_while(|line| !line.starts_with("## "));
    lines.filter_map(|line| line.strip_prefix("- `")?.split_once("`: ")).map(|(word, instead)| (word.to_owned(), instead.to_owned())).collect()
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
    fn a_shell_is_found_outside_tests_only() {
        let source =
            |path: &str| Source { path: path.into(), text: "//! A.\nfn a() { run(\"sh\"); }\n#[cfg(test)]\nmod tests { const A: &str = \"sh\"; }\n".into() };
        assert_eq!(shells(&source("crates/a/src/lib.rs")).len(), 1);
        assert!(shells(&source("crates/a/tests/it.rs")).is_empty());
    }
}
