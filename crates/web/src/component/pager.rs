//! Pagers: what is shown of how much, and links onwards, by key.

use super::button::Button;
use maud::{Markup, html};

/// The foot of a long list.
pub fn pager(shown: &str, newer: Option<&str>, older: Option<&str>) -> Markup {
    html! {
        footer .pager {
            span { (shown) }
            span .row.push {
                @if let Some(address) = newer { (Button::link("Newest", address).small()) }
                @if let Some(address) = older { (Button::link("Older", address).small()) }
            }
        }
    }
}
