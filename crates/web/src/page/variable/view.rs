//! The variables editor: a table with one form, and the same as `.env` text.

use crate::{
    component::{Button, Icon, card, changes, copy_code, field::error_line, filter::filter, icon, tabs::segments},
    form::Typed,
};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// One row, as it is shown and typed back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// What it is known by; empty for a new one.
    pub id: String,
    /// The name.
    pub name: String,
    /// The value; absent where it is hidden.
    pub value: Option<String>,
    /// Given to the build.
    pub build: bool,
    /// Given to the container.
    pub run: bool,
    /// References are not resolved.
    pub literal: bool,
    /// Never shown again.
    pub hidden: bool,
    /// What it is for.
    pub comment: String,
    /// Is to be removed.
    pub remove: bool,
}

/// Whose variables: those of an application know build and run, shared ones do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of an application.
    Own,
    /// Shared.
    Shared,
}

/// Everything the editor shows.
#[derive(Clone)]
pub struct Editor<'a> {
    /// Title of the card: "Variables of web".
    pub title: String,
    /// A word beside the title.
    pub lead: &'a str,
    /// Own or shared.
    pub kind: Kind,
    /// Where it is: the table is posted here, the text to `<address>/text`.
    pub address: &'a str,
    /// The rows.
    pub rows: &'a [Row],
    /// What is wrong, by field of the form.
    pub typed: &'a Typed,
    /// Whether the caller may change it.
    pub writable: bool,
}

/// Rows a fresh table has room for at once.
const EMPTY_ROWS: usize = 2;

/// Table or text, and the filter.
pub fn toolbar(editor: &Editor, text: bool) -> Markup {
    html! {
        div .toolbar {
            @if !text { (filter("variables", &format!("Filter {}", crate::unit::count(editor.rows.len(), "variable", "variables")))) }
            (segments("Edit as", &[("Table", editor.address.to_owned(), !text), ("Text", format!("{}?as=text", editor.address), text)]))
        }
    }
}

/// The table with its form.
pub fn table(editor: &Editor) -> Markup {
    let fresh = editor.rows.len();
    html! {
        form method="post" action=(editor.address) data-draft="variables" .stack {
            (card("own", &editor.title, html! { span .small.faint { (editor.lead) } }, html! {
                @if let Some(fault) = editor.typed.fault("") { div .body { (error_line("variables-error", fault)) } }
                table .table.kv id="variables" {
                    colgroup { col .key; col; col .used; col .from; col .act; }
                    thead { tr { th { "Key" } th { "Value" } th { "Used" } th { "What for" } th { span .sr { "Remove" } } } }
                    tbody {
                        @for (at, row) in editor.rows.iter().enumerate() { (line(editor, at, row)) }
                        @if editor.writable {
                            @for at in fresh..fresh + EMPTY_ROWS { (line(editor, at, &Row { run: true, value: Some(String::new()), ..Row::default() })) }
                        }
                    }
                }
                @if editor.writable { footer { "Secrets are sealed in the store and masked in logs. A reference such as " code { "{{team.NAME}}" } " takes a shared variable." } }
            }))
            @if editor.writable { (changes::unsaved("Save")) }
        }
    }
}

fn line(editor: &Editor, at: usize, row: &Row) -> Markup {
    let field = |part: &str| format!("{at}.{part}");
    let named = if row.name.is_empty() { "the new variable".to_owned() } else { row.name.clone() };
    let (name_fault, value_fault) = (editor.typed.fault(&field("name")), editor.typed.fault(&field("value")));
    let known = !row.id.is_empty();
    html! {
        tr data-row id=[known.then(|| format!("var-{}", row.name))] data-change=[row.remove.then_some("removed")] {
            td data-wide {
                input type="hidden" name=(field("id")) value=(row.id);
                div .field {
                    input .input.mono.key name=(field("name")) value=(row.name) aria-label="Key" placeholder=[(!known).then_some("NAME")] title=[known.then_some(row.name.as_str())] data-label=(if known { row.name.as_str() } else { "a new variable" })
                        spellcheck="false" autocomplete="off" autocapitalize="off" readonly[!editor.writable] aria-invalid=[name_fault.map(|_| "true")]
                        aria-describedby=[name_fault.map(|_| format!("{at}-name-error"))];
                    @if let Some(fault) = name_fault { (error_line(&format!("{at}-name-error"), fault)) }
                }
            }
            td data-wide {
                textarea .input.mono.value name=(field("value")) rows="1" aria-label={ "Value of " (named) } data-label=(if known { row.name.as_str() } else { "a new variable" }) data-secret
                    spellcheck="false" autocomplete="off" readonly[!editor.writable] placeholder=[row.value.is_none().then_some("hidden; type to replace it")]
                    aria-invalid=[value_fault.map(|_| "true")] { "\n" (row.value.as_deref().unwrap_or_default()) }
                @if let Some(fault) = value_fault { (error_line(&format!("{at}-value-error"), fault)) }
            }
            td { span .flags role="group" aria-label={ "Use of " (named) } { (flags(editor, row, &field)) } }
            td data-wide { input .input name=(field("comment")) value=(row.comment) aria-label={ "What " (named) " is for" } data-label=(if known { row.name.as_str() } else { "a new variable" }) placeholder=[editor.writable.then_some("what for")] autocomplete="off" readonly[!editor.writable]; }
            td { div .acts { @if known && editor.writable {
                label .use.remove { input .sr type="checkbox" name=(field("remove")) value="true" checked[row.remove] data-label=(row.name); (icon(Icon::Trash)) span .sr { "Remove " (row.name) } }
            } } }
        }
    }
}

fn flags(editor: &Editor, row: &Row, field: &dyn Fn(&str) -> String) -> Markup {
    let own = editor.kind == Kind::Own;
    let flag = |part: &str, on: bool, title: &str| {
        html! {
            label .use title=(title) { input .sr type="checkbox" name=(field(part)) value="true" checked[on] disabled[!editor.writable] data-label=(if row.name.is_empty() { "a new variable" } else { row.name.as_str() }); (part) }
        }
    };
    html! {
        @if own {
            (flag("build", row.build, "Given to the build"))
            (flag("run", row.run, "Given to the container"))
            (flag("literal", row.literal, "References are not resolved"))
        }
        @if row.hidden { input type="hidden" name=(field("hidden")) value="true"; span .badge { (icon(Icon::Lock)) "hidden" } }
        @else { (flag("hidden", false, "Never shown again once saved")) }
    }
}

/// The rows that a form of the table says, in its order; empty new ones are left out.
pub fn rows(typed: &Typed, count: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for at in 0..count {
        let get = |part: &str| typed.get(&format!("{at}.{part}")).to_owned();
        let on = |part: &str| typed.on(&format!("{at}.{part}"));
        let row = Row {
            id: get("id"),
            name: get("name").trim().to_owned(),
            value: Some(get("value")),
            build: on("build"),
            run: on("run"),
            literal: on("literal"),
            hidden: on("hidden"),
            comment: get("comment"),
            remove: on("remove"),
        };
        if !(row.id.is_empty() && row.name.is_empty() && row.value.as_deref().unwrap_or_default().is_empty()) {
            rows.push(row);
        }
    }
    rows
}

/// How many rows the form has: one more than the highest number in its field names.
pub fn row_count(typed: &Typed) -> usize {
    const MOST_ROWS: usize = 2000;
    let names = (0..MOST_ROWS).take_while(|at| typed.has(&format!("{at}.name")));
    names.count()
}

/// The same as text.
pub fn text(editor: &Editor, text: &str, hidden: usize) -> Markup {
    html! {
        form .stack method="post" action={ (editor.address) "/text" } {
            (card("own", &editor.title, html! { span .small.faint { (editor.lead) } }, html! {
                div .body.stack {
                    div .field {
                        label for="text" { "Variables as .env text" }
                        textarea .area id="text" name="text" rows="16" spellcheck="false" data-secret readonly[!editor.writable] aria-invalid=[editor.typed.fault("text").map(|_| "true")] aria-describedby="text-hint" { "\n" (text) }
                        @if let Some(fault) = editor.typed.fault("text") { (error_line("text-error", fault)) }
                        span .hint id="text-hint" {
                            "NAME=value, one a line; quotes and export are understood, # begins a comment."
                            @if hidden > 0 { " " (crate::unit::count(hidden, "hidden variable is", "hidden variables are")) " not in the text and stay as they are." }
                        }
                    }
                    label .check { input type="checkbox" name="remove" value="true" checked; "Remove variables that are not in the text" }
                }
                @if editor.writable { footer { (Button::submit("Save").primary().working("Saving ...")) (Button::link("Back to the table", editor.address).quiet()) } }
            }))
        }
    }
}

/// References that may be used, by level: what shared variables there are.
pub fn references(available: &BTreeMap<&str, Vec<String>>) -> Markup {
    html! {
        @if available.values().any(|names| !names.is_empty()) {
            (card("references", "Shared variables you can refer to", html! {}, html! {
                ul .rows { @for (level, names) in available { @for name in names { li .row { (copy_code(&format!("{{{{{level}.{name}}}}}"), "the reference")) span .small.faint.push { (level) } } } } }
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_reads_back_without_its_empty_rows() {
        let typed = Typed::parse(b"0.id=x&0.name=A&0.value=1&0.run=true&1.id=&1.name=&1.value=&2.id=&2.name=B&2.value=two%0D%0Alines&2.build=true");
        let rows = rows(&typed, row_count(&typed));
        assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(rows[1].value.as_deref(), Some("two\nlines"));
        assert!(rows[0].run && !rows[0].build && rows[1].build);
    }

    #[test]
    fn a_hidden_value_is_not_on_the_page() {
        let row = Row { id: "x".into(), name: "TOKEN".into(), value: None, hidden: true, ..Row::default() };
        let typed = Typed::default();
        let editor = Editor { title: "Variables".into(), lead: "", kind: Kind::Own, address: "/a", rows: &[row], typed: &typed, writable: true };
        let markup = table(&editor).into_string();
        assert!(markup.contains("hidden; type to replace it") && markup.contains("var-TOKEN"));
    }
}
