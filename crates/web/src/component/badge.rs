//! Badges: facts as a tint and a word.

use maud::{Markup, html};

/// The tint of a badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A fact.
    Plain,
    /// New, or special.
    Accent,
    /// Proven good.
    Ok,
    /// Wants a look.
    Warn,
    /// Broken.
    Bad,
}

impl Tone {
    /// The class of the tint.
    pub fn class(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Accent => Some("accent"),
            Self::Ok => Some("ok"),
            Self::Warn => Some("warn"),
            Self::Bad => Some("bad"),
        }
    }
}

/// A badge.
pub fn badge(tone: Tone, words: impl maud::Render) -> Markup {
    html! { span .badge .(tone.class().unwrap_or_default()) { (words) } }
}
