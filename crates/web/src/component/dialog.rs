//! Dialogs ask one question, show what will happen, and keep on the safe button.

use super::{
    button::{Button, Look},
    field::{Field, text},
};
use maud::{Markup, html};

/// A question before an act that touches what runs.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The dialog's id, for the button that opens it.
    pub id: &'a str,
    /// The question: "Stop web?".
    pub title: &'a str,
    /// Where the form is posted.
    pub action: &'a str,
    /// The safe button: "Keep it running".
    pub keep: &'a str,
    /// The button that acts: "Stop web".
    pub act: &'a str,
    /// What it says meanwhile.
    pub working: &'a str,
    /// The name that must be typed; nothing is destroyed where it is absent.
    pub confirm: Option<&'a str>,
    /// Whether it destroys or interrupts.
    pub danger: bool,
}

/// A dialog with what will happen and further fields.
pub fn dialog(question: &Question, content: Markup) -> Markup {
    let look = if question.danger { Look::DangerPrimary } else { Look::Primary };
    let mut act = Button::submit(question.act).look(look).working(question.working);
    if question.confirm.is_some() {
        act = act.confirmed();
    }
    html! {
        dialog .dialog id=(question.id) aria-labelledby={ (question.id) "-title" } {
            header { h2 id={ (question.id) "-title" } { (question.title) } }
            form .stack method="post" action=(question.action) {
                (content)
                @if let Some(name) = question.confirm { (confirm_field(question.id, name)) }
                footer { (Button::close(question.keep, question.id)) (act) }
            }
        }
    }
}

fn confirm_field(id: &str, name: &str) -> Markup {
    html! {
        div .field {
            label for={ (id) "-confirm" } { "Type " code { (name) } " to confirm" }
            input .input.mono id={ (id) "-confirm" } name="confirm" autocomplete="off" spellcheck="false" required data-confirm=(name);
        }
    }
}

/// A dialog that asks for one text.
pub fn ask(question: &Question, field: &Field) -> Markup {
    dialog(question, text(field))
}

/// What will happen, as a numbered list.
pub fn steps(steps: &[Markup]) -> Markup {
    html! { ol .plan-list.small.soft { @for step in steps { li { (step) } } } }
}
