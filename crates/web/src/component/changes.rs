//! The changes bar: the only place where edits are saved, discarded or made live.

use super::{
    button::Button,
    icon::Icon,
    status::{Mark, mark},
};
use maud::{Markup, html};

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

/// Saved changes that do not run yet: their names, where the diff is, where a deployment is asked for. Nothing where there are none.
pub fn not_live(id: &str, names: &[String], review: &str, deploy: &str) -> Markup {
    html! {
        div id=(id) {
            @if !names.is_empty() {
                form .changes method="post" action=(deploy) {
                    (mark(Mark::Degraded))
                    p .say role="status" {
                        b { @if names.len() == 1 { "1 change is not live yet." } @else { (names.len()) " changes are not live yet." } }
                        " " span { (names.join(", ")) }
                    }
                    div .acts {
                        (Button::link("Review", review).quiet())
                        (Button::submit("Deploy").primary().icon(Icon::Deploy).working("Deploying ..."))
                    }
                }
            }
        }
    }
}
