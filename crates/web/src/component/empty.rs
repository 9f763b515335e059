//! What stands where nothing is yet: what is missing, why it is good to have, one act.

use super::icon::{Icon, icon};
use maud::{Markup, html};

/// An empty state.
pub fn empty(shape: Icon, title: &str, why: &str, act: Markup) -> Markup {
    html! { div .empty { (icon(shape)) h2 { (title) } p { (why) } (act) } }
}
