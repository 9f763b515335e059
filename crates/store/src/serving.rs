//! Which containers serve, as the last switch of an application's routes set it; and what else is in use across all teams.

use crate::{Error, Scope, Store, row};
use model::{ApplicationId, CommitSha, GitUrl, ReleaseId, application::Desired};
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

    /// Every repository that an application of any team is set up with, and the commits of its releases that can still be asked for: those with an image,
    /// those that serve and those of deployments that have not ended.
    pub async fn repositories(&self) -> Result<BTreeMap<GitUrl, Vec<CommitSha>>, Error> {
        let statement = "SELECT json_extract(applications.settings, '$.source.url') AS url, kept.commit_sha FROM applications
             LEFT JOIN releases AS kept ON kept.application_id = applications.id AND kept.commit_sha IS NOT NULL AND (kept.image IS NOT NULL
                 OR kept.id = applications.live_release_id OR kept.id IN (SELECT release_id FROM deployments WHERE status IN ('queued', 'running')))
             WHERE json_extract(applications.settings, '$.source.kind') = 'git'";
        let found = self.read(move |c| row::all(c, "applications", statement, [], |r| Ok((r.parsed("url")?, r.maybe_parsed("commit_sha")?)))).await?;
        let mut repositories: BTreeMap<GitUrl, Vec<CommitSha>> = BTreeMap::new();
        for (url, commit) in found {
            repositories.entry(url).or_default().extend(commit);
        }
        Ok(repositories)
    }

    /// The networks of destinations that have an application of any team.
    pub async fn networks_used(&self) -> Result<BTreeSet<String>, Error> {
        let statement = "SELECT DISTINCT network FROM destinations JOIN applications ON applications.destination_id = destinations.id";
        let found = self.read(move |c| row::all(c, "destinations", statement, [], |r| r.text("network"))).await?;
        Ok(found.into_iter().collect())
    }
}
