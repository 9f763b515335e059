//! Toasts: what happened, and the way back where there is one. They never take the focus.

use super::status::{Mark, mark};
use maud::{Markup, html};

/// A toast; `act` may hold an Undo.
pub fn toast(shape: Mark, words: &str, act: Markup) -> Markup {
    html! { div .toast role="status" { (mark(shape)) span { (words) } (act) } }
}
