//! Lines of deployment logs, in the file of their own.

use crate::{
    Error, Scope, Store,
    row::{self, Columns, millis},
};
use jiff::Timestamp;
use model::{ApplicationId, DeploymentId};
use rusqlite::params;

/// Most lines one deployment keeps; the last one says that the log was cut.
pub const LOG_LENGTH_LINES: i64 = 100_000;

/// A line to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// When it was said.
    pub at: Timestamp,
    /// The step that said it.
    pub step: usize,
    /// `stdout`, `stderr` or `wharf`.
    pub stream: &'static str,
    /// The text, secrets masked.
    pub text: String,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Its number within the deployment, from 1.
    pub number: i64,
    /// When it was said.
    pub at: Timestamp,
    /// The step that said it.
    pub step: usize,
    /// `stdout`, `stderr` or `wharf`.
    pub stream: String,
    /// The text.
    pub text: String,
}

fn line(r: &Columns<'_>) -> Result<LogLine, Error> {
    Ok(LogLine { number: r.number("number")?, at: r.time("at")?, step: r.number("step")? as usize, stream: r.text("stream")?, text: r.text("text")? })
}

impl Store {
    /// Adds lines to a deployment's log, up to its cap, which is said once.
    pub async fn log_append(&self, _scope: &Scope, id: DeploymentId, lines: Vec<NewLine>) -> Result<(), Error> {
        self.logs
            .write(move |t| {
                let statement = "SELECT coalesce(max(number), 0) AS n FROM lines WHERE deployment_id = ?1";
                let last = row::one(t, "lines", statement, [id.as_str()], |r| r.number("n"))?;
                for (number, line) in (last + 1..=LOG_LENGTH_LINES).zip(lines) {
                    let (stream, text) = match number == LOG_LENGTH_LINES {
                        true => ("wharf", format!("The log is cut here: a deployment keeps {LOG_LENGTH_LINES} lines")),
                        false => (line.stream, line.text),
                    };
                    let statement = "INSERT INTO lines (deployment_id, number, at, step, stream, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
                    row::change(t, statement, params![id.as_str(), number, millis(line.at), line.step as i64, stream, text])?;
                }
                Ok(())
            })
            .await?;
        self.lines_changed();
        Ok(())
    }

    /// Lines of a deployment of the team after this number, oldest first; at most `limit`.
    pub async fn log_list(&self, scope: &Scope, id: DeploymentId, after: i64, limit: u32) -> Result<Vec<LogLine>, Error> {
        self.deployment_fetch(scope, id.clone()).await?;
        let statement = "SELECT * FROM lines WHERE deployment_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
        self.logs.read(move |c| row::all(c, "lines", statement, params![id.as_str(), after, limit], line)).await
    }

    /// The last lines of a deployment of the team, oldest first.
    pub async fn log_tail(&self, scope: &Scope, id: DeploymentId, limit: u32) -> Result<Vec<LogLine>, Error> {
        self.deployment_fetch(scope, id.clone()).await?;
        let statement = "SELECT * FROM (SELECT * FROM lines WHERE deployment_id = ?1 ORDER BY number DESC LIMIT ?2) ORDER BY number";
        self.logs.read(move |c| row::all(c, "lines", statement, params![id.as_str(), limit], line)).await
    }

    /// Forgets the logs and metrics of what is no longer known.
    pub async fn log_forget(&self, _scope: &Scope, deployments: Vec<DeploymentId>, application: ApplicationId) -> Result<(), Error> {
        self.logs
            .write(move |t| {
                for id in &deployments {
                    row::change(t, "DELETE FROM lines WHERE deployment_id = ?1", [id.as_str()])?;
                }
                row::change(t, "DELETE FROM metrics WHERE application_id = ?1", [application.as_str()])?;
                Ok(())
            })
            .await
    }
}
