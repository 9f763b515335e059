//! The changes bar: the only place where edits are saved, discarded or made live.

use super::{
    button::Button,
    icon::Icon,
    status::{Mark, mark},
};
use maud::{Markup, html};

/// Names that the bar says; the rest is counted.
const NAMES_COUNT: usize = 3;

/// The first few names, each once, and how many more there are. The page's script says what is not saved in the same way.
fn summary(names: &[String]) -> String {
    let mut unique: Vec<&str> = Vec::new();
    for name in names {
        if !unique.contains(&name.as_str()) {
            unique.push(name);
        }
    }
    let more = unique.len().saturating_sub(NAMES_COUNT);
    let said = unique[..unique.len() - more].join(", ");
    if more == 0 { said } else { format!("{said} and {more} more") }
}

/// Edits of a form that are not saved. The page's script shows it once there are some and counts them; without script it always shows.
pub fn unsaved(save: &str) -> Markup {
    html! {
        div .changes data-unsaved role="status" {
            (mark(Mark::Degraded))
            p .say { b data-count { "What you change is saved here." } " " span data-names {} }
            div .acts { (Button::reset("Discard").quiet()) (Button::submit(save).primary().working("Saving ...").saves()) }
        }
    }
}

/// Saved changes that do not run yet: their names, where the diff is, and for who may act the dialog that gives them up and where a deployment is
/// asked for. Nothing where there are none.
pub fn not_live(id: &str, names: &[String], review: &str, acts: Option<(&str, &str)>) -> Markup {
    html! {
        div id=(id) {
            @if !names.is_empty() {
                form .changes method="post" action=[acts.map(|(_, deploy)| deploy)] {
                    (mark(Mark::Degraded))
                    p .say role="status" {
                        b { @if names.len() == 1 { "1 change is not live yet." } @else { (names.len()) " changes are not live yet." } }
                        " " span { (summary(names)) }
                    }
                    div .acts {
                        (Button::link("Review", review).quiet())
                        @if let Some((discard, _)) = acts {
                            (Button::dialog("Discard ...", discard).quiet())
                            (Button::submit("Deploy").primary().icon(Icon::Deploy).working("Deploying ..."))
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_names_are_said_once_each_and_the_rest_is_counted() {
        let said = |names: &[&str]| summary(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(said(&["domain", "domain", "port"]), "domain, port");
        assert_eq!(said(&["a", "b", "c", "d", "a", "e"]), "a, b, c and 2 more");
        assert_eq!(said(&[]), "");
    }
}
