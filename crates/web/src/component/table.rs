//! Tables: real ones; on a narrow page each row becomes a block.

use maud::{Markup, html};

/// A column's head.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    /// A word.
    Word(&'a str),
    /// A word over figures, aligned at their end.
    Figure(&'a str),
    /// Seen by readers only: the column of actions.
    Actions,
}

/// A table with these heads and rows.
pub fn table(id: &str, columns: &[Column], rows: Markup) -> Markup {
    html! {
        table .table id=(id) {
            thead { tr {
                @for column in columns {
                    @match column {
                        Column::Word(word) => th scope="col" { (word) },
                        Column::Figure(word) => th scope="col" .end { (word) },
                        Column::Actions => th scope="col" { span .sr { "Actions" } },
                    }
                }
            } }
            tbody { (rows) }
        }
    }
}
