//! Which containers serve: what the last switch of an application's routes set.

use crate::{Error, Scope, Store, row};
use model::{ApplicationId, ReleaseId, application::Desired};
use rusqlite::params;
use std::collections::{BTreeMap, BTreeSet};

impl Store {
    /// Writes down what a switch set, as one fact: the live release, what is wanted from now on, and the containers that serve.
    pub async fn application_switch(
        &self,
        scope: &Scope,
        id: ApplicationId,
        live: Option<ReleaseId>,
        desired: Desired,
        containers: Vec<String>,
    ) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| {
            let statement = "UPDATE applications SET live_release_id = ?3, desired = ?4 WHERE id = ?1 AND team_id = ?2";
            let desired = serde_json::to_value(desired).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
            row::change_one(t, "application", statement, params![id.as_str(), team.as_str(), live.map(String::from), desired])?;
            let statement = "INSERT INTO serving (application_id, containers) VALUES (?1, ?2)
                 ON CONFLICT (application_id) DO UPDATE SET containers = excluded.containers";
            row::change_one(t, "serving", statement, params![id.as_str(), row::to_json("serving", &containers)?])
        })
        .await
    }

    /// The containers that serve, by application, of every team.
    pub async fn serving_list(&self) -> Result<BTreeMap<ApplicationId, Vec<String>>, Error> {
        let found = self.read(|c| row::all(c, "serving", "SELECT * FROM serving", [], |r| Ok((r.parsed("application_id")?, r.json("containers")?)))).await?;
        Ok(found.into_iter().collect())
    }

    /// Every application that exists, by its id alone: what belongs to none of them is an orphan.
    pub async fn application_ids(&self) -> Result<BTreeSet<ApplicationId>, Error> {
        let found = self.read(|c| row::all(c, "applications", "SELECT id FROM applications", [], |r| r.parsed("id"))).await?;
        Ok(found.into_iter().collect())
    }
}
