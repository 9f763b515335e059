//! Buttons act, links go. One primary a page; a busy button says what it does; "..." asks first.

use super::icon::{Icon, icon};
use maud::{Markup, Render, html};

/// How loud a button is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Look {
    /// One a page.
    Primary,
    /// The usual.
    #[default]
    Plain,
    /// Beside others.
    Quiet,
    /// Asks before it destroys.
    Danger,
    /// Destroys.
    DangerPrimary,
}

impl Look {
    fn classes(self) -> &'static str {
        match self {
            Self::Primary => "btn primary",
            Self::Plain => "btn",
            Self::Quiet => "btn quiet",
            Self::Danger => "btn danger",
            Self::DangerPrimary => "btn danger primary",
        }
    }
}

/// A button or a link that looks like one.
#[derive(Debug, Clone, Default)]
pub struct Button<'a> {
    words: &'a str,
    look: Look,
    icon: Option<Icon>,
    small: bool,
    alone: bool,
    working: Option<&'a str>,
    name: Option<(&'a str, &'a str)>,
    target: Target<'a>,
    confirmed: bool,
    save: bool,
    form: Option<&'a str>,
}

#[derive(Debug, Clone, Default)]
enum Target<'a> {
    #[default]
    Submit,
    Link(&'a str),
    Dialog(&'a str),
    Close(&'a str),
    Reset,
}

impl<'a> Button<'a> {
    /// Sends the form it stands in.
    pub fn submit(words: &'a str) -> Self {
        Self { words, ..Self::default() }
    }
    /// Leads there.
    pub fn link(words: &'a str, address: &'a str) -> Self {
        Self { words, target: Target::Link(address), ..Self::default() }
    }
    /// Opens the dialog of this id.
    pub fn dialog(words: &'a str, id: &'a str) -> Self {
        Self { words, target: Target::Dialog(id), ..Self::default() }
    }
    /// Closes the dialog of this id.
    pub fn close(words: &'a str, id: &'a str) -> Self {
        Self { words, target: Target::Close(id), ..Self::default() }
    }
    /// Puts the form back as it was.
    pub fn reset(words: &'a str) -> Self {
        Self { words, target: Target::Reset, ..Self::default() }
    }
    /// The one act of the page.
    pub fn primary(self) -> Self {
        self.look(Look::Primary)
    }
    /// Without a border.
    pub fn quiet(self) -> Self {
        self.look(Look::Quiet)
    }
    /// Asks before it destroys.
    pub fn danger(self) -> Self {
        self.look(Look::Danger)
    }
    /// This loud.
    pub fn look(self, look: Look) -> Self {
        Self { look, ..self }
    }
    /// With an icon before the words.
    pub fn icon(self, icon: Icon) -> Self {
        Self { icon: Some(icon), ..self }
    }
    /// In a row.
    pub fn small(self) -> Self {
        Self { small: true, ..self }
    }
    /// The icon alone; the words become its name.
    pub fn alone(self) -> Self {
        Self { alone: true, ..self }
    }
    /// What it says while the form is sent, such as "Deploying ...".
    pub fn working(self, words: &'a str) -> Self {
        Self { working: Some(words), ..self }
    }
    /// Sends this name and value along.
    pub fn named(self, name: &'a str, value: &'a str) -> Self {
        Self { name: Some((name, value)), ..self }
    }
    /// Belongs to the form of this id, wherever it stands.
    pub fn of(self, form: &'a str) -> Self {
        Self { form: Some(form), ..self }
    }
    /// Waits until the name was typed.
    pub fn confirmed(self) -> Self {
        Self { confirmed: true, ..self }
    }
    /// Is what Ctrl or Cmd S presses.
    pub fn saves(self) -> Self {
        Self { save: true, ..self }
    }

    fn class(&self) -> String {
        let small = if self.small { " small" } else { "" };
        let alone = if self.alone { " icon-only" } else { "" };
        format!("{}{small}{alone}", self.look.classes())
    }
}

impl Render for Button<'_> {
    fn render(&self) -> Markup {
        let class = self.class();
        let label = self.alone.then_some(self.words);
        let inner = html! { @if let Some(shape) = self.icon { (icon(shape)) } @if !self.alone { (self.words) } };
        match self.target {
            Target::Link(address) => html! { a class=(class) href=(address) aria-label=[label] { (inner) } },
            Target::Dialog(id) => html! { button type="button" class=(class) command="show-modal" commandfor=(id) aria-label=[label] { (inner) } },
            Target::Close(id) => html! { button type="button" class=(class) command="close" commandfor=(id) aria-label=[label] { (inner) } },
            Target::Reset => html! { button type="reset" class=(class) { (inner) } },
            Target::Submit => html! {
                button class=(class) aria-label=[label] name=[self.name.map(|(name, _)| name)] value=[self.name.map(|(_, value)| value)]
                    form=[self.form] data-working=[self.working] data-confirmed[self.confirmed] data-save[self.save] { (inner) }
            },
        }
    }
}
