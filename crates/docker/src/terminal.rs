//! A terminal in a container.

use crate::{Engine, Error, Result};
use bollard::{
    container::LogOutput,
    exec::{CreateExecOptions, ResizeExecOptions, StartExecOptions, StartExecResults},
};
use bytes::Bytes;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use std::pin::Pin;
use tokio::io::AsyncWrite;

/// Names a terminal in the environment of the programs that run in it.
const MARK: &str = "WHARF_TERMINAL";
/// Ends what runs in a terminal. The engine does not hang up by itself, so each visit would leave a shell behind.
const HANG_UP: &str =
    r#"for process in /proc/[0-9]*; do tr '\0' '\n' 2>/dev/null < "$process/environ" | grep -qxF "$1" && kill -HUP "${process#/proc/}"; done; true"#;

/// A program in a container with a terminal before it.
pub struct Terminal {
    /// What is typed.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    /// What is shown; ends with the program. Dropping it hangs up.
    pub output: BoxStream<'static, Result<Bytes>>,
    /// The rest: its size, and how it ended.
    pub control: TerminalControl,
}

/// A handle to a terminal's size and end.
#[derive(Debug, Clone)]
pub struct TerminalControl {
    engine: Engine,
    container: String,
    exec: String,
    mark: String,
}

/// Hangs up when nobody looks any more, unless the program has ended.
struct Watched(Option<TerminalControl>);

impl Drop for Watched {
    fn drop(&mut self) {
        if let (Some(control), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move {
                if let Err(error) = control.hang_up().await {
                    tracing::debug!(%error, "a terminal was not hung up");
                }
            });
        }
    }
}

impl Engine {
    /// Runs a program in a container with a terminal of this size.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the container; [`Error::Conflict`] when it does not run; [`Error::NotOurs`].
    pub async fn container_terminal(&self, name: &str, argv: &[String], rows: u16, columns: u16) -> Result<Terminal> {
        let container = self.id_of(name).await?;
        let mark = format!("{MARK}={:032x}", rand::random::<u128>());
        let options = CreateExecOptions {
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(true),
            env: Some(vec!["TERM=xterm-256color".to_owned(), mark.clone()]),
            cmd: Some(argv.to_vec()),
            ..Default::default()
        };
        let exec = self.docker.create_exec(&container, options).await?.id;
        let start = StartExecOptions { tty: true, ..Default::default() };
        let StartExecResults::Attached { output, input } = self.docker.start_exec(&exec, Some(start)).await? else {
            return Err(Error::Other { why: "the engine did not attach the terminal".into() });
        };
        let control = TerminalControl { engine: self.clone(), container, exec, mark };
        let shown = stream::unfold((output, Watched(Some(control.clone()))), |(mut output, mut watched)| async move {
            let said = output.next().await;
            if said.is_none() {
                watched.0 = None;
            }
            said.map(|said| (said.map(LogOutput::into_bytes).map_err(Error::from), (output, watched)))
        });
        control.resize(rows, columns).await?;
        Ok(Terminal { input, output: shown.boxed(), control })
    }
}

impl TerminalControl {
    /// Tells the program that the terminal has another size. One that has ended does not mind.
    ///
    /// # Errors
    /// The engine does not answer.
    pub async fn resize(&self, rows: u16, columns: u16) -> Result<()> {
        let size = ResizeExecOptions { height: rows, width: columns };
        match self.engine.docker.resize_exec(&self.exec, size).await.map_err(Error::from) {
            Err(Error::Unavailable { why }) => Err(Error::Unavailable { why }),
            _ => Ok(()),
        }
    }

    /// Sends SIGHUP to everything that runs in the terminal. Needs `sh`, `tr` and `grep` in the container; where they are missing nothing happens.
    ///
    /// # Errors
    /// The container does not run, or the engine does not answer.
    pub async fn hang_up(&self) -> Result<()> {
        let argv = ["sh", "-c", HANG_UP, "sh", &self.mark].map(str::to_owned);
        self.engine.container_exec(&self.container, &argv, |_, _| {}).await.map(drop)
    }

    /// The program's exit code, once its output has ended.
    ///
    /// # Errors
    /// It still runs, or the engine does not answer.
    pub async fn exit_code(&self) -> Result<i64> {
        self.engine.exit_code(&self.exec).await
    }
}
