//! Programs in a container that are spoken to: with a terminal, or by pipes.

use crate::{Engine, Error, Result, exec::Run};
use bollard::{
    container::LogOutput,
    exec::{CreateExecOptions, ResizeExecOptions, StartExecOptions, StartExecResults},
};
use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
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

/// A handle to a program's end, and to its terminal's size where it has one.
#[derive(Debug, Clone)]
pub struct TerminalControl {
    run: Run,
    exec: String,
}

/// A program in a container without a terminal: bytes go in and come out as they are.
pub struct Pipe {
    /// What it reads; shutting it down is its end.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    /// What it writes, by stream; ends with the program. Dropping it hangs up.
    pub output: BoxStream<'static, Result<(host::Stream, Bytes)>>,
    /// How it ended.
    pub control: TerminalControl,
}

type Said = Pin<Box<dyn Stream<Item = std::result::Result<LogOutput, bollard::errors::Error>> + Send>>;

impl Engine {
    /// Runs a program in a container with a terminal of this size.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the container; [`Error::Conflict`] when it does not run; [`Error::NotOurs`].
    pub async fn container_terminal(&self, name: &str, argv: &[String], rows: u16, columns: u16) -> Result<Terminal> {
        let (input, output, control) = self.attach(name, argv, true).await?;
        let output = control.until_ended(output, LogOutput::into_bytes);
        control.resize(rows, columns).await?;
        Ok(Terminal { input, output, control })
    }

    /// Runs a program in a container, its input and output passed through.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the container; [`Error::Conflict`] when it does not run; [`Error::NotOurs`].
    pub async fn container_pipe(&self, name: &str, argv: &[String]) -> Result<Pipe> {
        let (input, output, control) = self.attach(name, argv, false).await?;
        let output = control.until_ended(output, |said| match said {
            LogOutput::StdErr { message } => (host::Stream::Stderr, message),
            other => (host::Stream::Stdout, other.into_bytes()),
        });
        Ok(Pipe { input, output, control })
    }

    async fn attach(&self, name: &str, argv: &[String], tty: bool) -> Result<(Pin<Box<dyn AsyncWrite + Send>>, Said, TerminalControl)> {
        let container = self.id_of(name).await?;
        let run = Run::new(self, container.clone());
        let terminal = tty.then(|| "TERM=xterm-256color".to_owned());
        let options = CreateExecOptions {
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(tty),
            env: Some(terminal.into_iter().chain([run.mark.clone()]).collect()),
            cmd: Some(argv.to_vec()),
            ..Default::default()
        };
        let exec = self.docker.create_exec(&container, options).await?.id;
        let start = StartExecOptions { tty, ..Default::default() };
        let StartExecResults::Attached { output, input } = self.docker.start_exec(&exec, Some(start)).await? else {
            return Err(Error::Other { why: "the engine did not attach the program".into() });
        };
        Ok((input, output, TerminalControl { run, exec }))
    }
}

impl TerminalControl {
    /// What a program says until it ends; dropping it before hangs up.
    fn until_ended<T: Send + 'static>(&self, output: Said, read: impl Fn(LogOutput) -> T + Send + Copy + 'static) -> BoxStream<'static, Result<T>> {
        let shown = stream::unfold((output, self.run.awaited()), move |(mut output, awaited)| async move {
            let Some(said) = output.next().await else {
                awaited.ended();
                return None;
            };
            Some((said.map(read).map_err(Error::from), (output, awaited)))
        });
        shown.boxed()
    }

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
