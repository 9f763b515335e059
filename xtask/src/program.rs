//! Other programs, for the tasks: argv in, text or an error with the program's own words out. No shell reads any of it.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// Lines of a failed program's output that are repeated in the error.
const LINES_SHOWN: usize = 30;

/// A program and its argv.
pub struct Program {
    command: Command,
    words: String,
    input: Option<Vec<u8>>,
}

impl Program {
    /// A program found on PATH, or by its path.
    #[allow(clippy::disallowed_methods)] // A task may start programs; the product's one door is host::Command.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let words = program.as_ref().to_string_lossy().into_owned();
        let mut command = Command::new(program);
        if let Ok(path) = std::env::join_paths(search_path()) {
            command.env("PATH", path);
        }
        Self { command, words, input: None }
    }

    /// Adds one argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.words.push(' ');
        self.words.push_str(&argument.as_ref().to_string_lossy());
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    pub fn args<I: IntoIterator<Item: AsRef<OsStr>>>(self, arguments: I) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// Sets a variable of its environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it in this folder.
    pub fn current_dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Hands it these bytes on its standard input.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(bytes.into());
        self
    }

    /// Runs it on this terminal; an exit status other than 0 is an error.
    pub fn run(mut self) -> Result<()> {
        let status = self.command.status().with_context(|| format!("{} does not start", self.words))?;
        if !status.success() {
            bail!("`{}` ended with {status}", self.words);
        }
        Ok(())
    }

    /// Runs it on this terminal and hears its standard output too: whether it exited with 0, and what it said.
    pub fn heard(mut self) -> Result<(bool, String)> {
        let mut child = self.command.stdout(Stdio::piped()).spawn().with_context(|| format!("{} does not start", self.words))?;
        let mut said = String::new();
        for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufReader::lines) {
            let line = line?;
            println!("{line}");
            said.push_str(&line);
            said.push('\n');
        }
        Ok((child.wait()?.success(), said))
    }

    /// Runs it in silence; when it fails, the error holds its last lines.
    pub fn quiet(self) -> Result<()> {
        self.text().map(drop)
    }

    /// Runs it in silence and returns its standard output without the last line end.
    pub fn text(mut self) -> Result<String> {
        let output = self.output()?;
        if !output.status.success() {
            bail!("`{}` ended with {}:\n{}", self.words, output.status, last_lines(&output));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// Whether it starts and exits with 0.
    pub fn succeeds(mut self) -> bool {
        self.output().is_ok_and(|output| output.status.success())
    }

    /// Starts it in a session of its own, so that it outlives this process and its terminal; its output goes to the log file. Returns its process id.
    pub fn start_detached(self, log: &Path) -> Result<u32> {
        let log = File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
        // setsid(1) replaces itself by the program when it does not lead a process group, so the id is the program's own.
        let mut detached = Program::new("setsid").arg(self.command.get_program()).args(self.command.get_args()).command;
        let variables = self.command.get_envs().filter_map(|(name, value)| Some((name, value?)));
        let child = detached
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} does not start", self.words))?;
        Ok(child.id())
    }

    /// Starts it and returns at once; its output goes to the end of the log file.
    pub fn start(mut self, log: &Path) -> Result<Child> {
        let log = File::options().create(true).append(true).open(log).with_context(|| format!("{} cannot be written", log.display()))?;
        self.command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn().with_context(|| format!("{} does not start", self.words))
    }

    fn output(&mut self) -> Result<Output> {
        let input = self.input.take();
        self.command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() }).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().with_context(|| format!("{} does not start", self.words))?;
        if let (Some(bytes), Some(mut pipe)) = (input, child.stdin.take()) {
            pipe.write_all(&bytes)?;
        }
        Ok(child.wait_with_output()?)
    }
}

fn last_lines(output: &Output) -> String {
    let text = [String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)].concat();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
}

/// Whether a program of this name is on PATH or where a distribution keeps the programs of root.
pub fn is_installed(program: &str) -> bool {
    search_path().iter().any(|folder| folder.join(program).is_file())
}

/// PATH, and the folders of root's programs, which some ways to become root leave out of it.
fn search_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]).collect()
}
