//! Programs run in a container that runs.

use crate::{Engine, Error, Result};
use bollard::{
    container::LogOutput,
    exec::{CreateExecOptions, StartExecOptions, StartExecResults},
};
use futures_util::TryStreamExt;
use host::{LineSplitter, Stream};

impl Engine {
    /// Runs a program in a container, hands each line it writes to the sink, and answers with its exit code. The engine has no way to end it early:
    /// dropping the future only stops listening.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the container; [`Error::Conflict`] when it does not run; [`Error::NotOurs`].
    pub async fn container_exec(&self, name: &str, argv: &[String], mut sink: impl FnMut(Stream, &str) + Send) -> Result<i64> {
        let container = self.id_of(name).await?;
        let options = CreateExecOptions { attach_stdout: Some(true), attach_stderr: Some(true), cmd: Some(argv.to_vec()), ..Default::default() };
        let id = self.docker.create_exec(&container, options).await?.id;
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
