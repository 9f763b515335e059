//! A plan as plain text, for terminals, logs and people.

use model::{Phase, Plan, Step};
use std::fmt::Write;

/// What stands between the cutover and the cleanup.
const NO_RETURN: &str = "- - - - - - - - - - - - no way back from here - - - - - - - - - - - -";

/// Prints a plan: its summary, its phases with their steps numbered from 1, a dashed line where the point of no return is passed, and the way back.
pub fn print(plan: &Plan) -> String {
    let mut text = format!("{}\n", plan.summary);
    let of = |wanted: Phase| plan.forward().chain(plan.backward()).filter(move |(_, phase, _)| *phase == wanted);
    section(&mut text, "Prepare", of(Phase::Prepare));
    section(&mut text, "Cutover", of(Phase::Cutover));
    if !plan.cutover.is_empty() {
        text.push_str(&format!("\n{NO_RETURN}\n"));
    }
    section(&mut text, "Cleanup", of(Phase::Cleanup));
    section(&mut text, "If a step before the line fails", of(Phase::Undo));
    text
}

fn section<'a>(text: &mut String, title: &str, steps: impl Iterator<Item = (usize, Phase, &'a Step)>) {
    let mut steps = steps.peekable();
    if steps.peek().is_some() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n{title}");
        for (number, _, step) in steps {
            let _ = writeln!(text, "{:>4}. {}", number + 1, step.title());
        }
    }
}
