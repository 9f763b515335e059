//! Notices: the cause first, then the way out.

use super::{
    badge::Tone,
    status::{Mark, mark},
};
use maud::{Markup, html};

/// A notice: warn or bad in colour, always with its mark.
pub fn notice(tone: Tone, title: &str, explanation: Markup) -> Markup {
    let shape = match tone {
        Tone::Bad => Mark::Failed,
        Tone::Warn => Mark::Degraded,
        Tone::Ok => Mark::Done,
        Tone::Plain | Tone::Accent => Mark::Waiting,
    };
    html! { section .notice .(tone.class().unwrap_or_default()) { (mark(shape)) h2 { (title) } (explanation) } }
}

/// What a machine said, as evidence.
pub fn excerpt(text: &str) -> Markup {
    html! { pre .excerpt tabindex="0" { (text) } }
}
