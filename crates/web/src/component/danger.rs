//! The danger zone: the last card, a row an act: what, consequence, button.

use maud::{Markup, html};

/// One act.
pub struct Act<'a> {
    /// What: "Delete web".
    pub title: &'a str,
    /// What follows from it.
    pub consequence: &'a str,
    /// The button, usually opening a dialog.
    pub button: Markup,
}

/// The zone.
pub fn danger(acts: &[Act]) -> Markup {
    html! {
        section .card.danger-zone id="danger" aria-labelledby="danger-title" {
            header { h2 id="danger-title" { "Danger zone" } }
            div .rows { @for act in acts { div { p { b { (act.title) } br; span .small.soft { (act.consequence) } } (act.button) } } }
        }
    }
}
