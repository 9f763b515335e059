//! Files of at most 500 lines, functions of at most 70, modules that say what they are.

use crate::tidy::{Code, Finding, Source};

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 70;

/// Checks the length of everything and how modules open.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    sources.iter().filter(|source| source.is_rust()).flat_map(of_source).collect()
}

fn of_source(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !source.text.trim_start().starts_with("//!") {
        findings.push(Finding::new(&source.path, 1, "a module opens with `//!` and says what it is"));
    }
    let lines = source.text.lines().count();
    if lines > FILE_LINES {
        findings.push(Finding::new(&source.path, 1, format!("the file has {lines} lines, {FILE_LINES} is the most")).at("", lines));
    }
    for function in Code::of(&source.text).functions().into_iter().filter(|function| function.lines > FUNCTION_LINES) {
        let words = format!("{} has {} lines, {FUNCTION_LINES} is the most", function.name, function.lines);
        findings.push(Finding::new(&source.path, function.line, words).at(&function.name, function.lines));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_long_functions_and_silent_modules_are_found() {
        let words = |text: String| of_source(&Source { path: "a.rs".into(), text }).into_iter().map(|finding| finding.words).collect::<Vec<_>>();
        assert!(words(format!("//! A.\nfn a() {{\n{}}}\n", "a();\n".repeat(68))).is_empty());
        assert_eq!(words(format!("//! A.\nfn a() {{\n{}}}\n", "a();\n".repeat(69))), ["a has 71 lines, 70 is the most"]);
        assert_eq!(words("// line\n".repeat(501)).len(), 2);
    }
}
