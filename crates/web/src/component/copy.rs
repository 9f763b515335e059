//! Text that is meant to be copied, with its button.

use super::icon::{Icon, icon};
use maud::{Markup, html};

/// The text shown as markup, the button copying `text`; `what` names it: "the address".
pub fn copy(shown: Markup, text: &str, what: &str) -> Markup {
    html! { span .copy { (shown) (copy_button(text, what)) } }
}

/// The button alone.
pub fn copy_button(text: &str, what: &str) -> Markup {
    html! { button type="button" data-copy=(text) aria-label={ "Copy " (what) } { (icon(Icon::Copy)) (icon(Icon::Check)) } }
}

/// A machine's word to copy.
pub fn copy_code(text: &str, what: &str) -> Markup {
    copy(html! { code .clip title=(text) { (text) } }, text, what)
}

/// A secret that is shown this once, in a field of its own.
pub fn copy_once(id: &str, label: &str, text: &str) -> Markup {
    html! {
        div .field.all {
            label for=(id) { (label) }
            div .row { input .input.mono id=(id) readonly value=(text) data-secret; (copy_button(text, &label.to_lowercase())) }
        }
    }
}
