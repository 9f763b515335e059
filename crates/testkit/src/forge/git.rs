//! The git program, with nothing of the machine's own configuration.

use anyhow::{Result, ensure};
use std::path::Path;

/// A run of git in a folder, by the forge's own author.
pub(crate) fn command(folder: &Path) -> host::Command {
    host::Command::new("git")
        .directory(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_AUTHOR_NAME", "Ada Pier")
        .env("GIT_AUTHOR_EMAIL", "ada@example.org")
        .env("GIT_COMMITTER_NAME", "Ada Pier")
        .env("GIT_COMMITTER_EMAIL", "ada@example.org")
}

/// Runs git and returns what it prints, without the last line end.
pub(crate) async fn run(folder: &Path, arguments: &[&str]) -> Result<String> {
    let output = command(folder).args(arguments.iter().copied()).run().await?;
    ensure!(output.status.success(), "git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}
