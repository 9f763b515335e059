//! Logs of containers and of deployments.

use crate::api::body::query;
use ops::LogLine;
use serde::Serialize;
use utoipa::ToSchema;

/// What containers wrote.
#[derive(Serialize, ToSchema)]
pub(crate) struct Logs {
    /// Lines, each with its end.
    pub(crate) logs: String,
}

query! {
    /// Which lines.
    LogQuery {
        /// How many of the last lines; 100 when absent.
        lines: Option<i64>,
        /// Whether each begins with its time.
        show_timestamps: Option<bool>,
        /// Whether to go on with lines as they come, as plain text.
        follow: Option<bool>,
        /// Only lines of this container.
        container: Option<String>,
    }
}

query! {
    /// Which lines of a deployment's log.
    DeploymentLogQuery {
        /// Only lines after this number; all when absent.
        after: Option<i64>,
        /// Whether to wait up to 20 seconds where there is none.
        wait: Option<bool>,
    }
}

/// A page of a deployment's log.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeploymentLog {
    /// The lines, oldest first.
    pub(crate) lines: Vec<Line>,
    /// How the deployment is.
    pub(crate) status: &'static str,
    /// The running step's title.
    pub(crate) step: Option<String>,
    /// Whether no line will follow those up to now.
    pub(crate) ended: bool,
    /// Why it failed or was given up.
    pub(crate) reason: Option<String>,
}

/// A line of a deployment's log.
#[derive(Serialize, ToSchema)]
pub(crate) struct Line {
    /// Its number, from 1.
    number: i64,
    /// When it was said.
    at: String,
    /// The step that said it.
    step: usize,
    /// `stdout`, `stderr` or `wharf`.
    stream: String,
    /// The text, secrets masked.
    text: String,
}

impl From<LogLine> for Line {
    fn from(line: LogLine) -> Self {
        Self { number: line.number, at: line.at.to_string(), step: line.step, stream: line.stream, text: line.text }
    }
}

query! {
    /// What runs in a terminal. `command` stands once for the program and once for each of its arguments.
    TerminalQuery {
        /// The program, then its arguments; a shell when absent.
        command: Option<String>,
        /// In this container; in the first one when absent.
        container: Option<String>,
        /// Whether the program sees a terminal. Without one, what comes begins with a byte that names its stream: 1 is stdout, 2 stderr.
        tty: Option<bool>,
        /// Rows of the terminal.
        rows: Option<i64>,
        /// Columns of the terminal.
        columns: Option<i64>,
    }
}
