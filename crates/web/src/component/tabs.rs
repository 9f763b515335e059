//! Tabs: links to the parts of one thing, scrolled by finger on a phone.

use maud::{Markup, html};

/// One tab.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Its word.
    pub word: &'static str,
    /// Where it leads.
    pub address: String,
    /// How many are behind it, where that is worth knowing.
    pub count: Option<usize>,
}

/// The tabs of what the label names; the current one by its word.
pub fn tabs(label: &str, tabs: &[Tab], current: &str) -> Markup {
    html! {
        nav .tabs aria-label=(label) {
            @for tab in tabs {
                a href=(tab.address) aria-current=[(tab.word == current).then_some("page")] {
                    (tab.word)
                    @if let Some(count) = tab.count.filter(|count| *count > 0) { span .badge { (count) } }
                }
            }
        }
    }
}

/// A choice between views of the same, as links: word, address, whether it is shown.
pub fn segments(label: &str, choices: &[(&str, String, bool)]) -> Markup {
    html! {
        nav .seg aria-label=(label) {
            @for (word, address, current) in choices {
                a href=(address) aria-current=[current.then_some("true")] { (word) }
            }
        }
    }
}
