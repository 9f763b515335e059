//! How an application is, as shape and words, and the worst of several.

use crate::{component::Mark, time};
use maud::{Markup, html};
use ops::Status;

/// Shape and words of a status.
pub fn of(status: &Status) -> (Mark, String) {
    match status {
        Status::NeverDeployed => (Mark::Waiting, "Never deployed".into()),
        Status::Running => (Mark::Running, "Running".into()),
        Status::Degraded { running, of } => (Mark::Degraded, format!("Degraded, {running} of {of}")),
        Status::Starting => (Mark::Deploying, "Starting".into()),
        Status::Restarting { why: Some(why) } => (Mark::Degraded, format!("Restarting again and again ({why})")),
        Status::Restarting { why: None } => (Mark::Degraded, "Restarting again and again".into()),
        Status::Stopped => (Mark::Stopped, "Stopped".into()),
        Status::Exited { why } => (Mark::Exited, format!("Exited ({why})")),
        Status::Unknown { .. } => (Mark::Unknown, "Unknown".into()),
    }
}

/// The words of a status with the time they hold since, where that is worth knowing.
pub fn words(status: &Status) -> Markup {
    match status {
        Status::Unknown { since, .. } => html! { "Unknown since " (time::hour(*since)) },
        known => html! { (of(known).1) },
    }
}

/// How much a state wants a person.
fn weight(mark: Mark) -> u8 {
    match mark {
        Mark::Exited | Mark::Failed => 6,
        Mark::Degraded => 5,
        Mark::Unknown | Mark::Unreachable => 4,
        Mark::Deploying | Mark::Working => 3,
        Mark::Running | Mark::Done => 2,
        Mark::Stopped | Mark::Skipped | Mark::Past => 1,
        Mark::Waiting => 0,
    }
}

/// The state that wants a person most, in a word for the navigation; nothing yet where there is none.
pub fn worst(states: impl Iterator<Item = (Mark, String)>) -> (Mark, String) {
    let states: Vec<(Mark, String)> = states.collect();
    let Some((mark, _)) = states.iter().max_by_key(|(mark, _)| weight(*mark)) else {
        return (Mark::Waiting, "empty".into());
    };
    let alike = states.iter().filter(|(other, _)| other == mark).count();
    let word = match mark {
        Mark::Deploying => "deploying".into(),
        Mark::Running => "running".into(),
        Mark::Waiting => "never deployed".into(),
        other => format!("{alike} {}", other.name()),
    };
    (*mark, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_state_stands_for_all_and_counts_its_like() {
        let exited = || Status::Exited { why: "1".into() };
        let states = [Status::Running, exited(), Status::Starting, exited()];
        assert_eq!(worst(states.iter().map(of)), (Mark::Exited, "2 exited".into()));
        assert_eq!(worst(std::iter::empty()), (Mark::Waiting, "empty".into()));
        assert_eq!(worst([Status::Running].iter().map(of)).1, "running");
    }
}
