//! A terminal in a container.

use crate::{Engine, Error, Result, exec::Run};
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
    run: Run,
    exec: String,
}

impl Engine {
    /// Runs a program in a container with a terminal of this size.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the container; [`Error::Conflict`] when it does not run; [`Error::NotOurs`].
    pub async fn container_terminal(&self, name: &str, argv: &[String], rows: u16, columns: u16) -> Result<Terminal> {
        let container = self.id_of(name).await?;
        let run = Run::new(self, container.clone());
        let options = CreateExecOptions {
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(true),
            env: Some(vec!["TERM=xterm-256color".to_owned(), run.mark.clone()]),
            cmd: Some(argv.to_vec()),
            ..Default::default()
        };
        let exec = self.docker.create_exec(&container, options).await?.id;
        let start = StartExecOptions { tty: true, ..Default::default() };
        let StartExecResults::Attached { output, input } = self.docker.start_exec(&exec, Some(start)).await? else {
            return Err(Error::Other { why: "the engine did not attach the terminal".into() });
        };
        let shown = stream::unfold((output, run.awaited()), |(mut output, awaited)| async move {
            let Some(said) = output.next().await else {
                awaited.ended();
                return None;
            };
            Some((said.map(LogOutput::into_bytes).map_err(Error::from), (output, awaited)))
        });
        let control = TerminalControl { run, exec };
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
        match self.run.engine.docker.resize_exec(&self.exec, size).await.map_err(Error::from) {
            Err(Error::Unavailable { why }) => Err(Error::Unavailable { why }),
            _ => Ok(()),
        }
    }

    /// Sends SIGHUP to everything that runs in the terminal. Needs `sh`, `tr` and `grep` in the container; where they are missing nothing happens.
    ///
    /// # Errors
    /// The container does not run, or the engine does not answer.
    pub async fn hang_up(&self) -> Result<()> {
        self.run.hang_up().await
    }

    /// The program's exit code, once its output has ended.
    ///
    /// # Errors
    /// It still runs, or the engine does not answer.
    pub async fn exit_code(&self) -> Result<i64> {
        self.run.engine.exit_code(&self.exec).await
    }
}
