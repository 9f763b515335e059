//! Cards and sections: the one container. Rows inside are separated by hairlines, not by more boxes.

use maud::{Markup, html};

/// A card with a title; `end` stands at the end of its head.
pub fn card(id: &str, title: &str, end: Markup, content: Markup) -> Markup {
    html! {
        section .card id=(id) aria-labelledby={ (id) "-title" } {
            header { h2 id={ (id) "-title" } { (title) } (end) }
            (content)
        }
    }
}

/// A section with a title above its card.
pub fn section(id: &str, title: &str, end: Markup, content: Markup) -> Markup {
    html! {
        section id=(id) aria-labelledby={ (id) "-title" } {
            div .section-head { h2 id={ (id) "-title" } { (title) } (end) }
            (content)
        }
    }
}

/// Facts as label and value.
pub fn facts(facts: &[(&str, Markup)]) -> Markup {
    html! { dl .body.facts-list { @for (label, value) in facts { div { dt { (label) } dd { (value) } } } } }
}
