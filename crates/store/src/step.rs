//! The journal: one row per step of a deployment, written before and after it runs.

use crate::{
    Error, Scope, Store,
    row::{self, Columns, millis},
};
use jiff::Timestamp;
use model::{DeploymentId, Phase, Plan, StepState};
use rusqlite::params;

/// A step as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRow {
    /// Its number in the plan.
    pub number: usize,
    /// Its phase.
    pub phase: Phase,
    /// Its kind.
    pub kind: String,
    /// What it does.
    pub title: String,
    /// How far it is.
    pub state: StepState,
    /// What came of it, or why it failed.
    pub detail: Option<String>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
}

fn step(r: &Columns<'_>) -> Result<StepRow, Error> {
    Ok(StepRow {
        number: r.number("number")? as usize,
        phase: r.word("phase")?,
        kind: r.text("kind")?,
        title: r.text("title")?,
        state: r.parsed("state")?,
        detail: r.maybe_text("detail")?,
        started: r.maybe_time("started")?,
        finished: r.maybe_time("finished")?,
    })
}

impl Store {
    /// Saves a plan with all its steps waiting, those of the undo too.
    pub async fn plan_save(&self, scope: &Scope, id: DeploymentId, plan: Plan) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| {
            let statement = "UPDATE deployments SET plan = ?3 WHERE id = ?1 AND team_id = ?2";
            row::change_one(t, "deployment", statement, params![id.as_str(), team.as_str(), row::to_json("deployments", &plan)?])?;
            row::change(t, "DELETE FROM steps WHERE deployment_id = ?1", [id.as_str()])?;
            for (number, phase, step) in plan.forward().chain(plan.backward()) {
                let statement = "INSERT INTO steps (deployment_id, number, phase, kind, title, state) VALUES (?1, ?2, ?3, ?4, ?5, 'waiting')";
                row::change(t, statement, params![id.as_str(), number as i64, phase.as_str(), step.kind(), step.title()])?;
            }
            Ok(())
        })
        .await
    }

    /// Writes that a step begins. One that begins again makes those behind it wait again, for they rest on what it did before.
    pub async fn step_begin(&self, scope: &Scope, id: DeploymentId, number: usize, now: Timestamp) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| {
            let statement = "UPDATE steps SET state = 'running', started = ?3, finished = NULL, detail = NULL
                 WHERE deployment_id = ?1 AND number = ?2 AND EXISTS (SELECT 1 FROM deployments WHERE id = ?1 AND team_id = ?4)";
            row::change_one(t, "step", statement, params![id.as_str(), number as i64, millis(now), team.as_str()])?;
            let behind = "UPDATE steps SET state = 'waiting', started = NULL, finished = NULL, detail = NULL
                 WHERE deployment_id = ?1 AND number > ?2 AND state != 'waiting'";
            row::change(t, behind, params![id.as_str(), number as i64])?;
            Ok(())
        })
        .await
    }

    /// Writes how a step ended.
    pub async fn step_end(
        &self,
        scope: &Scope,
        id: DeploymentId,
        number: usize,
        state: StepState,
        detail: Option<String>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| {
            let statement = "UPDATE steps SET state = ?3, detail = ?4, finished = max(?5, coalesce(started, ?5)), started = coalesce(started, ?5)
                 WHERE deployment_id = ?1 AND number = ?2 AND EXISTS (SELECT 1 FROM deployments WHERE id = ?1 AND team_id = ?6)";
            row::change_one(t, "step", statement, params![id.as_str(), number as i64, state.as_str(), detail, millis(now), team.as_str()])
        })
        .await
    }

    /// The steps of a deployment of the team, those of the undo last.
    pub async fn step_list(&self, scope: &Scope, id: DeploymentId) -> Result<Vec<StepRow>, Error> {
        let team = scope.team().clone();
        let statement =
            "SELECT steps.* FROM steps JOIN deployments ON deployments.id = deployment_id WHERE deployment_id = ?1 AND team_id = ?2 ORDER BY steps.number";
        self.read(move |c| row::all(c, "steps", statement, params![id.as_str(), team.as_str()], step)).await
    }
}
