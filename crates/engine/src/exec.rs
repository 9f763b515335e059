//! Programs and terminals in an application's containers, and what these use.

use crate::{Engine, Error, reconcile};
use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use jiff::Timestamp;
use model::Application;
use std::{pin::Pin, time::Duration};
use tokio::io::AsyncWrite;

/// How long a program may run.
const EXEC_LIMIT: Duration = Duration::from_secs(10 * 60);
/// How much of what it writes is kept, in bytes.
const OUTPUT_LENGTH_BYTES: usize = 1024 * 1024;
/// What a terminal runs. Nothing that a person typed is ever given to it as an argument.
const SHELL: &str = "sh";

/// What a program in a container answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecAnswer {
    /// Its exit code.
    pub code: i64,
    /// What it wrote, stdout and stderr as they came, cut after 1 MiB.
    pub output: String,
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
    /// Runs a program in a container of an application, the first one when none is named.
    ///
    /// # Errors
    /// [`Error::NotRunning`], the engine out of reach, a program that does not end in ten minutes.
    pub async fn exec(&self, application: &Application, container: Option<&str>, argv: &[String]) -> Result<ExecAnswer, Error> {
        let name = self.running(application, container)?;
        let mut output = String::new();
        let sink = |_, line: &str| {
            if output.len() < OUTPUT_LENGTH_BYTES {
                output.push_str(line);
                output.push('\n');
            }
        };
        let docker = self.parts.link.engine("container_exec")?;
        let ran = tokio::time::timeout(EXEC_LIMIT, docker.container_exec(&name, argv, sink)).await;
        let code = ran.map_err(|_| Error::failed("the program did not end within 10 minutes and was left to itself"))??;
        Ok(ExecAnswer { code, output })
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
