//! Programs run in a container that runs.

use crate::{Engine, Error, Result};
use bollard::{
    container::LogOutput,
    exec::{CreateExecOptions, StartExecOptions, StartExecResults},
};
use futures_util::TryStreamExt;
use host::{LineSplitter, Stream};

/// Names a run in the environment of its processes.
const MARK: &str = "WHARF_RUN";
/// Sends SIGHUP to the processes of a run. The engine ends nothing by itself when nobody waits any more.
const HANG_UP: &str =
    r#"for process in /proc/[0-9]*; do tr '\0' '\n' 2>/dev/null < "$process/environ" | grep -qxF "$1" && kill -HUP "${process#/proc/}"; done; true"#;

/// One run of a program in a container, known by a mark that its processes inherit.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) engine: Engine,
    container: String,
    pub(crate) mark: String,
}

/// Hangs up when dropped, unless the run has ended by itself.
pub(crate) struct Awaited(Option<Run>);

impl Engine {
    /// Runs a program in a container, hands each line it writes to the sink, and answers with its exit code. Dropping the future sends SIGHUP to what it
    /// started, where the container has `sh`, `tr` and `grep`; the engine itself has no way to end it.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the container; [`Error::Conflict`] when it does not run; [`Error::NotOurs`].
    pub async fn container_exec(&self, name: &str, argv: &[String], sink: impl FnMut(Stream, &str) + Send) -> Result<i64> {
        let run = Run::new(self, self.id_of(name).await?);
        let awaited = run.awaited();
        let code = self.listen(&run.container, argv, Some(&run.mark), sink).await?;
        awaited.ended();
        Ok(code)
    }

    async fn listen(&self, container: &str, argv: &[String], mark: Option<&str>, mut sink: impl FnMut(Stream, &str) + Send) -> Result<i64> {
        let env = mark.map(|mark| vec![mark.to_owned()]);
        let options = CreateExecOptions { attach_stdout: Some(true), attach_stderr: Some(true), env, cmd: Some(argv.to_vec()), ..Default::default() };
        let id = self.docker.create_exec(container, options).await?.id;
        let StartExecResults::Attached { mut output, .. } = self.docker.start_exec(&id, None::<StartExecOptions>).await? else {
            return Err(Error::Other { why: "the engine did not attach the program's output".into() });
        };
        let (mut out_lines, mut err_lines) = (LineSplitter::new(), LineSplitter::new());
        while let Some(said) = output.try_next().await? {
            match said {
                LogOutput::StdErr { message } => err_lines.push(&message, |line| sink(Stream::Stderr, line)),
                other => out_lines.push(&other.into_bytes(), |line| sink(Stream::Stdout, line)),
            }
        }
        out_lines.finish(|line| sink(Stream::Stdout, line));
        err_lines.finish(|line| sink(Stream::Stderr, line));
        self.exit_code(&id).await
    }

    /// The exit code of a program that was run in a container.
    pub(crate) async fn exit_code(&self, exec: &str) -> Result<i64> {
        let found = self.docker.inspect_exec(exec).await?;
        found.exit_code.ok_or_else(|| Error::Other { why: "the engine does not tell how the program ended".into() })
    }
}

impl Run {
    /// A run to come in the container of this id.
    pub(crate) fn new(engine: &Engine, container: String) -> Self {
        Self { engine: engine.clone(), container, mark: format!("{MARK}={:032x}", rand::random::<u128>()) }
    }

    pub(crate) fn awaited(&self) -> Awaited {
        Awaited(Some(self.clone()))
    }

    pub(crate) async fn hang_up(&self) -> Result<()> {
        let argv = ["sh", "-c", HANG_UP, "sh", &self.mark].map(str::to_owned);
        self.engine.listen(&self.container, &argv, None, |_, _| {}).await.map(drop)
    }
}

impl Awaited {
    /// It ended by itself: there is nothing to hang up.
    pub(crate) fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        if let (Some(run), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move {
                if let Err(error) = run.hang_up().await {
                    tracing::debug!(%error, "a program in a container was not hung up");
                }
            });
        }
    }
}
