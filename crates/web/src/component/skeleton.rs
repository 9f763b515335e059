//! What stands where something is still being read.

use maud::{Markup, html};

/// Bars in the shape of rows, and what is being read.
pub fn skeleton(rows: usize, reading: &str) -> Markup {
    html! {
        div .rows aria-busy="true" {
            @for _ in 0..rows { div .row { span .skeleton.short {} span .skeleton {} } }
            p .small.faint { (reading) }
        }
    }
}
