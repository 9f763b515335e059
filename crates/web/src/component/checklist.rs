//! Checklists: what was asked, what was found, how to fix it.

use super::{
    copy::copy_code,
    status::{Mark, status_mark},
};
use maud::{Markup, html};

/// One check.
#[derive(Debug, Clone, Default)]
pub struct Check {
    /// What was asked, as a statement: "Engine 28.5 answers".
    pub asked: String,
    /// What was found.
    pub found: String,
    /// The word at the end: "passed", "needs you".
    pub word: String,
    /// Whether it passed.
    pub passed: bool,
    /// What to do, where it failed.
    pub fix: Option<String>,
    /// A command that does it.
    pub command: Option<String>,
}

/// The checks, in order.
pub fn checklist(checks: &[Check]) -> Markup {
    html! {
        ol .checklist { @for check in checks { li {
            (status_mark(if check.passed { Mark::Done } else { Mark::Degraded }, if check.passed { "passed" } else { "needs you" }))
            div { b { (check.asked) } @if !check.found.is_empty() { div .found { (check.found) } } }
            span .small.faint.num { (check.word) }
            @if check.fix.is_some() || check.command.is_some() {
                div .fix {
                    @if let Some(fix) = &check.fix { p { (fix) } }
                    @if let Some(command) = &check.command { (copy_code(command, "the command")) }
                }
            }
        } } }
    }
}
