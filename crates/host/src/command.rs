//! One run of a program: what it is given, how long it may take, what is kept of what it says.

use crate::{Error, LineSplitter, group::Group};
use model::Secret;
use std::{
    ffi::{OsStr, OsString},
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin},
};

/// Variables of our own process that a program inherits; it gets no others.
pub const INHERITED: [&str; 3] = ["PATH", "HOME", "LANG"];
/// How long a program may take unless said otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(60);
/// How much of each output stream is kept unless said otherwise, in bytes.
pub const OUTPUT_LENGTH_BYTES: usize = 1024 * 1024;

/// A program and what it is given. Nothing of it is read by a shell.
///
/// ```no_run
/// # async fn example() -> Result<(), host::Error> {
/// let output = host::Command::new("git").args(["--version"]).run().await?;
/// assert!(output.status.success());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Command {
    program: OsString,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, Value)>,
    directory: Option<PathBuf>,
    input: Vec<u8>,
    timeout: Duration,
    output_length_bytes: usize,
    ends_when_full: bool,
}

#[derive(Clone)]
enum Value {
    Plain(OsString),
    Hidden(Secret),
}

impl Value {
    fn as_os_str(&self) -> &OsStr {
        match self {
            Self::Plain(text) => text,
            Self::Hidden(secret) => OsStr::new(secret.expose()),
        }
    }
}

/// What a program that ended left.
#[derive(Debug, Clone)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to standard output, up to the limit.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error, up to the limit.
    pub stderr: Vec<u8>,
    /// Whether one of them wrote more than was kept.
    pub truncated: bool,
}

/// Which of a program's outputs a line is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Command {
    /// A run of a program: a path, or a name looked up on PATH. Nothing is on its standard input; it may take [`TIMEOUT`].
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            variables: Vec::new(),
            directory: None,
            input: Vec::new(),
            timeout: TIMEOUT,
            output_length_bytes: OUTPUT_LENGTH_BYTES,
            ends_when_full: false,
        }
    }
    /// Adds an argument. Arguments are seen by every user of the machine: secrets go into variables or the input.
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }
    /// Adds arguments.
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }
    /// Sets a variable.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), Value::Plain(value.into())));
        self
    }
    /// Sets a variable whose value must not be seen.
    pub fn secret_env(mut self, name: impl Into<OsString>, value: Secret) -> Self {
        self.variables.push((name.into(), Value::Hidden(value)));
        self
    }
    /// Runs it in this directory instead of our own.
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }
    /// What it reads from its standard input.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }
    /// How long it may take.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }
    /// How much of each output stream [`run`](Self::run) keeps, in bytes.
    pub fn output_length_bytes(mut self, limit: usize) -> Self {
        self.output_length_bytes = limit;
        self
    }

    /// Ends it once it writes more than is kept, where what comes after that is of no use: its status is then that of a program nobody listens to.
    pub fn ends_when_full(mut self) -> Self {
        self.ends_when_full = true;
        self
    }

    /// Runs it to its end. Dropping the future kills it and its children.
    ///
    /// # Errors
    /// It cannot be started, or takes too long and is killed with its children. A failure status is no error.
    pub async fn run(&self) -> Result<Output, Error> {
        let mut child = self.spawn()?;
        let group = Group::led_by(child.id());
        let (input, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let kept = |reader| keep(reader, self.output_length_bytes, self.ends_when_full);
        let work = async {
            let (status, written, stdout, stderr) = tokio::join!(child.wait(), self.feed(input), kept(stdout), keep(stderr, self.output_length_bytes, false));
            written?;
            let ((stdout, more_out), (stderr, more_err)) = (stdout?, stderr?);
            Ok::<_, io::Error>(Output { status: status?, stdout, stderr, truncated: more_out || more_err })
        };
        let output = self.within_time(work).await?;
        group.let_go();
        Ok(output)
    }

    /// Runs it to its end and hands each line to the sink as it is written. Dropping the future kills it and its children.
    ///
    /// # Errors
    /// It cannot be started, or takes too long and is killed with its children. A failure status is no error.
    pub async fn stream(&self, mut sink: impl FnMut(Stream, &str)) -> Result<ExitStatus, Error> {
        let mut child = self.spawn()?;
        let group = Group::led_by(child.id());
        let (input, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let work = async {
            let (status, written, read) = tokio::join!(child.wait(), self.feed(input), lines(stdout, stderr, &mut sink));
            written?;
            read?;
            status
        };
        let status = self.within_time(work).await?;
        group.let_go();
        Ok(status)
    }

    fn spawn(&self) -> Result<Child, Error> {
        let mut command = tokio::process::Command::new(&self.program);
        command.args(&self.arguments).env_clear().process_group(0).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.envs(INHERITED.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.envs(self.variables.iter().map(|(name, value)| (name, value.as_os_str())));
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command.spawn().map_err(|source| self.not_started(source))
    }

    fn not_started(&self, source: io::Error) -> Error {
        let program = self.name();
        match (source.kind(), &self.directory) {
            (io::ErrorKind::NotFound | io::ErrorKind::NotADirectory, Some(directory)) if !directory.is_dir() => {
                Error::NoDirectory { program, directory: directory.clone() }
            }
            (io::ErrorKind::NotFound, _) => Error::NotFound { program },
            (io::ErrorKind::PermissionDenied, _) => Error::Denied { program },
            _ => Error::Failed { program, source },
        }
    }

    async fn feed(&self, input: Option<ChildStdin>) -> io::Result<()> {
        let Some(mut input) = input else { return Ok(()) };
        match input.write_all(&self.input).await {
            // A program need not read all it is given.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    async fn within_time<T>(&self, work: impl Future<Output = io::Result<T>>) -> Result<T, Error> {
        match tokio::time::timeout(self.timeout, work).await {
            Ok(done) => done.map_err(|source| Error::Failed { program: self.name(), source }),
            Err(_) => Err(Error::Timeout { program: self.name(), limit: self.timeout }),
        }
    }

    fn name(&self) -> String {
        Path::new(&self.program).file_name().unwrap_or(&self.program).to_string_lossy().into_owned()
    }
}

/// Values of variables and the input stay unseen: they may be secrets.
impl std::fmt::Debug for Command {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let variables: Vec<_> = self.variables.iter().map(|(name, _)| name).collect();
        formatter
            .debug_struct("Command")
            .field("program", &self.program)
            .field("arguments", &self.arguments)
            .field("variables", &variables)
            .field("directory", &self.directory)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Reads to the end, keeps the first bytes up to the limit, and tells whether there were more: a program whose output is not read stands still. Where it
/// `ends` with the first byte too many, the output is closed to the program, and its next write ends it.
async fn keep(reader: Option<impl AsyncRead + Unpin>, limit: usize, ends: bool) -> io::Result<(Vec<u8>, bool)> {
    let Some(mut reader) = reader else { return Ok((Vec::new(), false)) };
    let mut kept = Vec::new();
    (&mut reader).take(limit as u64).read_to_end(&mut kept).await?;
    if ends {
        return Ok((kept, reader.read(&mut [0]).await? > 0));
    }
    let dropped = tokio::io::copy(&mut reader, &mut tokio::io::sink()).await?;
    Ok((kept, dropped > 0))
}

async fn lines(stdout: Option<impl AsyncRead + Unpin>, stderr: Option<impl AsyncRead + Unpin>, sink: &mut impl FnMut(Stream, &str)) -> io::Result<()> {
    let (Some(mut stdout), Some(mut stderr)) = (stdout, stderr) else { return Ok(()) };
    let (mut out_lines, mut err_lines) = (LineSplitter::new(), LineSplitter::new());
    let (mut out_bytes, mut err_bytes) = ([0; 8192], [0; 8192]);
    let (mut out_open, mut err_open) = (true, true);
    while out_open || err_open {
        tokio::select! {
            read = stdout.read(&mut out_bytes), if out_open => match read? {
                0 => out_open = false,
                length => out_lines.push(&out_bytes[..length], |line| sink(Stream::Stdout, line)),
            },
            read = stderr.read(&mut err_bytes), if err_open => match read? {
                0 => err_open = false,
                length => err_lines.push(&err_bytes[..length], |line| sink(Stream::Stderr, line)),
            },
        }
    }
    out_lines.finish(|line| sink(Stream::Stdout, line));
    err_lines.finish(|line| sink(Stream::Stderr, line));
    Ok(())
}
