//! Status: a shape, a word and a colour, in that order of trust.

use maud::{Markup, html};

/// The shape and colour of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Up.
    Running,
    /// Being replaced.
    Deploying,
    /// Fewer than asked for.
    Degraded,
    /// Ended by itself.
    Exited,
    /// Stopped by a person, or never started.
    Stopped,
    /// Cannot be seen now.
    Unknown,
    /// Does not answer.
    Unreachable,
    /// Not begun.
    Waiting,
    /// Begun.
    Working,
    /// Done, passed, live.
    Done,
    /// Failed.
    Failed,
    /// Was so already, or given up on purpose.
    Skipped,
    /// Done once, replaced since.
    Past,
}

impl Mark {
    /// Its name in `data-status` and in the sprite.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Deploying => "deploying",
            Self::Degraded => "degraded",
            Self::Exited => "exited",
            Self::Stopped => "stopped",
            Self::Unknown => "unknown",
            Self::Unreachable => "unreachable",
            Self::Waiting => "waiting",
            Self::Working => "working",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Past => "past",
        }
    }
}

/// The shape alone, hidden from readers: its word stands beside it.
pub fn mark(mark: Mark) -> Markup {
    html! { svg .mark aria-hidden="true" { use href={ "#m-" (mark.name()) } {} } }
}

/// Shape and words.
pub fn status(state: Mark, words: impl maud::Render) -> Markup {
    html! { span .status data-status=(state.name()) { (mark(state)) span { (words) } } }
}

/// Shape and words beside a title, replaced by the live stream under its id.
pub fn status_big(id: &str, state: Mark, words: impl maud::Render) -> Markup {
    html! { span .status.big id=(id) data-status=(state.name()) { (mark(state)) span { (words) } } }
}

/// The shape, its word for readers only: where the row says the state in its own words.
pub fn status_mark(state: Mark, word: &str) -> Markup {
    html! { span .status data-status=(state.name()) { (mark(state)) span .sr { (word) } } }
}
