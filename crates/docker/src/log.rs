//! What containers write, line by line.

use crate::{Engine, Error, Result, observe::moment};
use bollard::{container::LogOutput, query_parameters::LogsOptions};
use futures_util::{Stream, StreamExt};
use host::{LINE_LENGTH_BYTES, Stream as OutputStream};
use jiff::Timestamp;

/// Which lines are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// How many of the last lines; all when absent.
    pub tail: Option<u32>,
    /// Only lines written from then on.
    pub since: Option<Timestamp>,
    /// Whether to wait for lines to come, until the container ends.
    pub follow: bool,
}

/// A line that a container wrote. Lines over 16 KiB come in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When.
    pub at: Option<Timestamp>,
    /// To which of its outputs.
    pub stream: OutputStream,
    /// The line, without its end.
    pub text: String,
}

impl Engine {
    /// The lines that a container wrote. The stream ends with the container, or with the lines there are when they are not followed.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the container; [`Error::NotOurs`]. In the stream: the engine went away.
    pub async fn container_logs(&self, name: &str, options: LogOptions) -> Result<impl Stream<Item = Result<LogLine>> + Send + 'static> {
        let id = self.id_of(name).await?;
        let wanted = LogsOptions {
            follow: options.follow,
            stdout: true,
            stderr: true,
            timestamps: true,
            since: options.since.and_then(|since| i32::try_from(since.as_second()).ok()).unwrap_or_default(),
            tail: options.tail.map_or_else(|| "all".to_owned(), |tail| tail.to_string()),
            ..Default::default()
        };
        let lines = self.docker.logs(&id, Some(wanted)).map(|output| output.map(line).map_err(Error::from));
        // The engine takes whole seconds.
        let early = move |line: &Result<LogLine>| line.as_ref().is_ok_and(|line| line.at < options.since);
        Ok(lines.filter(move |line| std::future::ready(!early(line))))
    }
}

fn line(output: LogOutput) -> LogLine {
    let stream = if matches!(output, LogOutput::StdErr { .. }) { OutputStream::Stderr } else { OutputStream::Stdout };
    let bytes = output.into_bytes();
    let written = String::from_utf8_lossy(&bytes);
    let (at, text) = written.split_once(' ').and_then(|(at, text)| Some((Some(moment(at)?), text))).unwrap_or((None, &written));
    let text = text.trim_end_matches(['\n', '\r']);
    LogLine { at, stream, text: text[..text.floor_char_boundary(LINE_LENGTH_BYTES)].to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let output = LogOutput::StdErr { message: "2026-01-02T03:04:05.678901234Z hello  there\r\n".into() };
        let expected = LogLine { at: "2026-01-02T03:04:05.678901234Z".parse().ok(), stream: OutputStream::Stderr, text: "hello  there".into() };
        assert_eq!(line(output), expected);
        assert_eq!(line(LogOutput::Console { message: "plain text".into() }).text, "plain text");
    }
}
