//! Form fields: label, control, hint; an error below names the fix. Every control has an id of its form and name, and keeps what was typed.

use super::{
    icon::{Icon, icon},
    status::{Mark, mark},
};
use maud::{Markup, html};

/// A field of one control.
#[derive(Debug, Clone, Copy, Default)]
pub struct Field<'a> {
    /// The name the form sends; also the id, behind the form's prefix.
    pub name: &'a str,
    /// Its label.
    pub label: &'a str,
    /// What it holds.
    pub value: &'a str,
    /// What helps.
    pub hint: &'a str,
    /// What is wrong, as a sentence with the fix.
    pub error: Option<&'a str>,
    /// An example, in the control while it is empty.
    pub example: &'a str,
    /// `autocomplete` of the control.
    pub autocomplete: Option<&'a str>,
    /// The kind of an input: `email`, `number`, `password`; text when empty.
    pub kind: &'a str,
    /// A machine's word: set in the fixed font.
    pub mono: bool,
    /// Must be filled.
    pub required: bool,
    /// Takes the whole width of the form.
    pub wide: bool,
    /// Keeps fields of several forms on a page apart.
    pub prefix: &'a str,
    /// Opens with the focus.
    pub focus: bool,
    /// A unit or word behind the control's label, such as "seconds".
    pub unit: &'a str,
}

impl Field<'_> {
    fn id(&self) -> String {
        format!("{}{}", self.prefix, self.name)
    }
    fn described(&self) -> Option<String> {
        let id = self.id();
        match (self.error, self.hint) {
            (Some(_), _) => Some(format!("{id}-error")),
            (None, "") => None,
            _ => Some(format!("{id}-hint")),
        }
    }

    fn frame(&self, control: Markup) -> Markup {
        let id = self.id();
        html! {
            div .field .all[self.wide] data-row {
                label for=(id) { (self.label) @if !self.unit.is_empty() { " " span .faint { "(" (self.unit) ")" } } }
                (control)
                @if let Some(error) = self.error { (error_line(&format!("{id}-error"), error)) }
                @else if !self.hint.is_empty() { span .hint id={ (id) "-hint" } { (self.hint) } }
            }
        }
    }
}

/// The sentence below a field that is wrong.
pub fn error_line(id: &str, sentence: &str) -> Markup {
    html! { p .error id=(id) { (mark(Mark::Failed)) span { (capital(sentence)) } } }
}

/// A sentence with a capital letter and a full stop, as errors of parsed values lack them.
pub fn capital(sentence: &str) -> String {
    let stop = if sentence.ends_with(['.', ')', '?']) { "" } else { "." };
    format!("{}{stop}", capitalised(sentence))
}

/// A text with a capital letter, unless it begins with an address or another name that machines read.
pub fn capitalised(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default().trim_end_matches([',', ':', ';', '.', '?', ')']);
    if !first.chars().all(|character| character.is_alphabetic() || matches!(character, '-' | '\'')) {
        return text.to_owned();
    }
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default() + characters.as_str()
}

/// One line of text.
pub fn text(field: &Field) -> Markup {
    let kind = if field.kind.is_empty() { "text" } else { field.kind };
    field.frame(html! {
        input .input .mono[field.mono] id=(field.id()) name=(field.name) type=(kind) value=(field.value) placeholder=[some(field.example)]
            autocomplete=(field.autocomplete.unwrap_or("off")) required[field.required] autofocus[field.focus] spellcheck=[field.mono.then_some("false")]
            aria-invalid=[field.error.map(|_| "true")] aria-describedby=[field.described()];
    })
}

/// Several lines of text.
pub fn area(field: &Field, rows: u8) -> Markup {
    field.frame(html! {
        textarea .area id=(field.id()) name=(field.name) rows=(rows) placeholder=[some(field.example)] required[field.required] spellcheck="false"
            autofocus[field.focus] aria-invalid=[field.error.map(|_| "true")] aria-describedby=[field.described()] { "\n" (field.value) }
    })
}

/// One of several, given as value and label.
pub fn select(field: &Field, options: &[(String, String)]) -> Markup {
    field.frame(html! {
        span .select-wrap {
            select .select id=(field.id()) name=(field.name) aria-invalid=[field.error.map(|_| "true")] aria-describedby=[field.described()] {
                @for (value, label) in options {
                    option value=(value) selected[value == field.value] { (label) }
                }
            }
            (icon(Icon::Chevron))
        }
    })
}

/// Text with suggestions.
pub fn suggested(field: &Field, suggestions: &[String]) -> Markup {
    let list = format!("{}-list", field.id());
    field.frame(html! {
        input .input .mono[field.mono] id=(field.id()) name=(field.name) type="text" value=(field.value) list=(list) placeholder=[some(field.example)] autocomplete="off"
            aria-invalid=[field.error.map(|_| "true")] aria-describedby=[field.described()];
        datalist id=(list) { @for suggestion in suggestions { option value=(suggestion) {} } }
    })
}

/// Yes or no. A hidden `false` goes first, so that an unchecked box is said too.
pub fn switch(field: &Field, on: bool) -> Markup {
    let id = field.id();
    html! {
        div .field .all[field.wide] data-row {
            input type="hidden" name=(field.name) value="false";
            label .check.switch {
                input id=(id) type="checkbox" role="switch" name=(field.name) value="true" checked[on] aria-describedby=[field.described()];
                (field.label)
            }
            @if let Some(error) = field.error { (error_line(&format!("{id}-error"), error)) }
            @else if !field.hint.is_empty() { span .hint id={ (id) "-hint" } { (field.hint) } }
        }
    }
}

/// Some of several, as checkboxes of one name: value, label, hint, checked.
pub fn checks(name: &str, legend: &str, choices: &[(&str, &str, &str, bool)], error: Option<&str>) -> Markup {
    html! {
        fieldset .field {
            legend { (legend) }
            @for (value, label, hint, checked) in choices {
                label .check {
                    input type="checkbox" name=(name) value=(value) checked[*checked] data-label=(label);
                    span { (label) @if !hint.is_empty() { " " span .faint { (hint) } } }
                }
            }
            @if let Some(error) = error { (error_line(&format!("{name}-error"), error)) }
        }
    }
}

fn some(text: &str) -> Option<&str> {
    if text.is_empty() { None } else { Some(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_gets_its_capital_and_an_address_keeps_its_letters() {
        let sentences = ["not a port", "https://not a domain has a space", "nginx:1.27 is not there", "image, then?", ""].map(capital);
        assert_eq!(sentences, ["Not a port.", "https://not a domain has a space.", "nginx:1.27 is not there.", "Image, then?", "."]);
    }
}
