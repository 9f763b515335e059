//! Programs and terminals in an application's containers, and what these use.

use crate::{Engine, Error, OutputStream, reconcile};
use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use jiff::Timestamp;
use model::Application;
use std::pin::Pin;
use tokio::io::AsyncWrite;

/// What a terminal runs. Nothing that a person typed is ever given to it as an argument.
const SHELL: &str = "sh";

/// A program in a container, its input and output passed through. Dropping it hangs up.
pub struct Pipe {
    /// What it reads; shutting it down is its end.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    /// What it writes, by stream; ends with the program.
    pub output: BoxStream<'static, Result<(OutputStream, Bytes), Error>>,
    /// How it ended.
    pub control: docker::TerminalControl,
}

/// A program in a container with a terminal before it. Dropping it hangs up.
pub struct Terminal {
    /// What is typed.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    /// What is shown; ends with the program.
    pub output: BoxStream<'static, Result<Bytes, Error>>,
    /// The rest: its size, and how it ended.
    pub control: docker::TerminalControl,
}

/// What an application's containers use now, summed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// When.
    pub at: Timestamp,
    /// Processor use in thousandths of one core.
    pub cpu_thousandths: i64,
    /// Memory in bytes.
    pub memory_bytes: i64,
}

impl Engine {
    /// Runs a program in a container of an application, the first one when none is named, with its input and output passed through.
    ///
    /// # Errors
    /// [`Error::NotRunning`]; the engine out of reach; a program that is not there.
    pub async fn pipe(&self, application: &Application, container: Option<&str>, argv: &[String]) -> Result<Pipe, Error> {
        let name = self.running(application, container)?;
        let opened = self.parts.link.engine("container_pipe")?.container_pipe(&name, argv).await?;
        Ok(Pipe { input: opened.input, output: opened.output.map(|said| Ok(said?)).boxed(), control: opened.control })
    }

    /// Opens a shell with a terminal in a container of an application, the first one when none is named.
    ///
    /// # Errors
    /// [`Error::NotRunning`], also where the image has no shell; the engine out of reach.
    pub async fn terminal(&self, application: &Application, container: Option<&str>, rows: u16, columns: u16) -> Result<Terminal, Error> {
        let name = self.running(application, container)?;
        let docker = self.parts.link.engine("container_terminal")?;
        let tried = docker.container_exec(&name, &[SHELL, "-c", "exit 0"].map(str::to_owned), |_, _| {}).await;
        if !matches!(tried, Ok(0)) {
            return Err(Error::NotRunning(format!("the image of {} has no shell, so there is nothing to open a terminal with", application.name)));
        }
        self.terminal_of(&name, &[SHELL.to_owned()], rows, columns).await
    }

    /// Runs a program with a terminal in a container of an application, the first one when none is named.
    ///
    /// # Errors
    /// [`Error::NotRunning`]; the engine out of reach; a program that is not there.
    pub async fn program(&self, application: &Application, container: Option<&str>, argv: &[String], rows: u16, columns: u16) -> Result<Terminal, Error> {
        self.terminal_of(&self.running(application, container)?, argv, rows, columns).await
    }

    async fn terminal_of(&self, name: &str, argv: &[String], rows: u16, columns: u16) -> Result<Terminal, Error> {
        let docker = self.parts.link.engine("container_terminal")?;
        let opened = docker.container_terminal(name, argv, rows, columns).await?;
        Ok(Terminal { input: opened.input, output: opened.output.map(|bytes| Ok(bytes?)).boxed(), control: opened.control })
    }

    /// What an application's containers use now.
    ///
    /// # Errors
    /// The engine is out of reach.
    pub async fn stats(&self, application: &Application) -> Result<Stats, Error> {
        let docker = self.parts.link.engine("container_stats")?;
        let at = Timestamp::now();
        let Some(live) = self.parts.routes.live(&application.id) else { return Ok(Stats { at, cpu_thousandths: 0, memory_bytes: 0 }) };
        let sum = reconcile::usage(self, &docker, &live, at).await;
        Ok(sum.map_or(Stats { at, cpu_thousandths: 0, memory_bytes: 0 }, |sum| Stats {
            at,
            cpu_thousandths: sum.cpu_thousandths,
            memory_bytes: sum.memory_bytes,
        }))
    }

    /// The container to run something in.
    fn running(&self, application: &Application, container: Option<&str>) -> Result<String, Error> {
        let names = self.containers(application, container)?;
        let runs = |name: &&String| self.parts.seen.container(name).is_some_and(|container| container.state.running());
        names.iter().find(runs).cloned().ok_or_else(|| Error::NotRunning(format!("{} does not run: start or deploy it first", application.name)))
    }
}
