//! Filters a list as you type; the words stay in the address.

use super::icon::{Icon, icon};
use maud::{Markup, html};

/// A filter over the rows (`data-row`) of the element of this id.
pub fn filter(list: &str, label: &str) -> Markup {
    html! {
        label .affix.find {
            (icon(Icon::Search))
            span .sr { (label) }
            input .input type="search" name="filter" placeholder=(label) data-filter=(list) autocomplete="off";
        }
    }
}
