//! Releases: frozen and sealed.

use crate::{
    Error, Scope, Store,
    row::{self, Columns, millis},
    seal::Sealer,
};
use jiff::Timestamp;
use model::{ApplicationId, CommitSha, Release, ReleaseId, Spec, TeamId};
use rusqlite::{Connection, params};

/// A release to be.
#[derive(Debug, Clone)]
pub struct NewRelease {
    /// Its id.
    pub id: ReleaseId,
    /// Everything that is frozen.
    pub spec: Spec,
    /// The commit asked for, where one was.
    pub commit: Option<CommitSha>,
}

pub(crate) fn release(r: &Columns<'_>, sealer: &Sealer) -> Result<Release, Error> {
    let id: ReleaseId = r.parsed("id")?;
    let spec = sealer.open("releases", id.as_str(), "spec", &r.bytes("spec_sealed")?)?;
    Ok(Release {
        application: r.parsed("application_id")?,
        number: r.number("number")?,
        spec: r.decode("spec", spec.expose())?,
        commit: r.maybe_parsed("commit_sha")?,
        commit_message: r.maybe_text("commit_message")?,
        image: r.maybe_text("image")?,
        created: r.time("created")?,
        id,
    })
}

pub(crate) fn insert_release(
    t: &Connection,
    sealer: &Sealer,
    team: &TeamId,
    application: &ApplicationId,
    new: &NewRelease,
    now: Timestamp,
) -> Result<(), Error> {
    let sealed = sealer.seal("releases", new.id.as_str(), "spec", &row::to_json("releases", &new.spec)?)?;
    let statement = "INSERT INTO releases (id, team_id, application_id, number, spec_sealed, commit_sha, created)
         SELECT ?1, team_id, id, (SELECT coalesce(max(number), 0) + 1 FROM releases WHERE application_id = ?2), ?4, ?5, ?6 FROM applications WHERE id = ?2 AND team_id = ?3";
    let commit = new.commit.as_ref().map(CommitSha::as_str);
    row::change_one(t, "application", statement, params![new.id.as_str(), application.as_str(), team.as_str(), sealed, commit, millis(now)])
}

impl Store {
    /// An application's releases, newest first; at most `limit`.
    pub async fn release_list(&self, scope: &Scope, application: ApplicationId, limit: u32) -> Result<Vec<Release>, Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        let statement = "SELECT * FROM releases WHERE application_id = ?1 AND team_id = ?2 ORDER BY number DESC LIMIT ?3";
        self.read(move |c| row::all(c, "releases", statement, params![application.as_str(), team.as_str(), limit], |r| release(r, &sealer))).await
    }

    /// A release of the team.
    pub async fn release_fetch(&self, scope: &Scope, id: ReleaseId) -> Result<Release, Error> {
        let (team, sealer) = (scope.team().clone(), self.sealer.clone());
        let statement = "SELECT * FROM releases WHERE id = ?1 AND team_id = ?2";
        self.read(move |c| row::one(c, "release", statement, params![id.as_str(), team.as_str()], |r| release(r, &sealer))).await
    }

    /// Writes down which commit a release's reference named.
    pub async fn release_resolved(&self, scope: &Scope, id: ReleaseId, commit: CommitSha, message: Option<String>) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| {
            let statement = "UPDATE releases SET commit_sha = ?3, commit_message = coalesce(?4, commit_message) WHERE id = ?1 AND team_id = ?2";
            row::change_one(t, "release", statement, params![id.as_str(), team.as_str(), commit.as_str(), message])
        })
        .await
    }

    /// Writes down the image a release got; none once the image is no longer kept.
    pub async fn release_image_set(&self, scope: &Scope, id: ReleaseId, image: Option<String>) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| {
            row::change_one(t, "release", "UPDATE releases SET image = ?3 WHERE id = ?1 AND team_id = ?2", params![id.as_str(), team.as_str(), image])
        })
        .await
    }

    /// Writes down that the images of these releases are gone from the engine. Others may be of the same pinned reference under a tag of their own.
    pub async fn release_images_gone(&self, scope: &Scope, application: ApplicationId, releases: Vec<ReleaseId>) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| {
            let statement = "UPDATE releases SET image = NULL WHERE application_id = ?1 AND team_id = ?2 AND id IN (SELECT value FROM json_each(?3))";
            row::change(t, statement, params![application.as_str(), team.as_str(), row::to_json("releases", &releases)?])?;
            Ok(())
        })
        .await
    }
}
