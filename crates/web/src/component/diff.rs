//! Differences: sign, key, before, after. Secrets appear as "changed".

use maud::{Markup, html};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs, in words or as a key.
    pub key: String,
    /// What it was; absent where it was added.
    pub before: Option<String>,
    /// What it is; absent where it was removed.
    pub after: Option<String>,
    /// Its values are secret: only that it differs is said.
    pub secret: bool,
    /// What happened to it.
    pub sign: Sign,
}

/// What happened to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It was not there.
    Added,
    /// It is gone.
    Removed,
    /// It has another value.
    Changed,
}

/// The differences, or a sentence that there are none.
pub fn diff(differences: &[Difference]) -> Markup {
    html! {
        @if differences.is_empty() { p .body.soft { "They are equal." } }
        @else { ul .diff { @for difference in differences { (row(difference)) } } }
    }
}

fn row(difference: &Difference) -> Markup {
    let (class, sign, word) = match difference.sign {
        Sign::Added => ("add", "+", "added"),
        Sign::Removed => ("del", "-", "removed"),
        Sign::Changed => ("mod", "~", "changed"),
    };
    html! {
        li class=(class) {
            b { span aria-hidden="true" { (sign) } span .sr { (word) } }
            span { (difference.key) }
            span {
                @if difference.secret { span .faint { (word) ", not shown" } }
                @if let Some(before) = &difference.before { del { (before) } }
                @if difference.before.is_some() && difference.after.is_some() { " " span .faint { "to" } " " }
                @if let Some(after) = &difference.after { ins { (after) } }
            }
        }
    }
}
