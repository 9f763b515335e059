//! Menus: links and acts behind one button, opened without script.

use super::icon::{Icon, icon};
use maud::{Markup, html};

/// An entry.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    /// Leads there.
    Link(Icon, &'a str, String),
    /// Opens a dialog of this id.
    Ask(Icon, &'a str, &'a str),
    /// The same, to destroy or interrupt.
    Danger(Icon, &'a str, &'a str),
    /// Posts to this address at once.
    Act(Icon, &'a str, String),
    /// A line between groups.
    Line,
}

/// The button with three dots, its name, and the menu.
pub fn menu(id: &str, name: &str, items: &[Item]) -> Markup {
    html! {
        button .btn.icon-only type="button" popovertarget=(id) aria-label=(name) { (icon(Icon::Dots)) }
        div .menu.from-end id=(id) popover { @for item in items { (entry(item)) } }
    }
}

fn entry(item: &Item) -> Markup {
    match item {
        Item::Link(shape, words, address) => html! { a href=(address) { (icon(*shape)) (words) } },
        Item::Ask(shape, words, dialog) => html! { button type="button" command="show-modal" commandfor=(dialog) { (icon(*shape)) (words) } },
        Item::Danger(shape, words, dialog) => html! { button .danger type="button" command="show-modal" commandfor=(dialog) { (icon(*shape)) (words) } },
        Item::Act(shape, words, address) => html! { form method="post" action=(address) { button { (icon(*shape)) (words) } } },
        Item::Line => html! { hr; },
    }
}
