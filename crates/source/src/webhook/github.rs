//! Deliveries of GitHub; Gitea and Forgejo send the same shapes.

use super::{Event, Push, PushedCommit, Refusal, commit, first_line, pushed, read};
use serde::Deserialize;

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "ref")]
    reference: String,
    before: Option<String>,
    after: Option<String>,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    forced: bool,
    repository: Repository,
    #[serde(default)]
    commits: Option<Vec<Commit>>,
    total_commits: Option<usize>,
    head_commit: Option<Commit>,
    pusher: Option<Pusher>,
    compare: Option<String>,
    compare_url: Option<String>,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
}

#[derive(Deserialize)]
pub(super) struct Commit {
    id: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    added: Option<Vec<String>>,
    #[serde(default)]
    modified: Option<Vec<String>>,
    #[serde(default)]
    removed: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Pusher {
    name: Option<String>,
    login: Option<String>,
    username: Option<String>,
}

/// GitHub lists at most this many commits of a push.
const LISTED_COMMITS_COUNT: usize = 2048;

pub(super) fn event(kind: &str, body: &[u8]) -> Result<Event, Refusal> {
    match kind {
        "ping" => Ok(Event::Ping),
        "push" => push(read(body)?),
        other => Ok(Event::Other(other.to_owned())),
    }
}

fn push(body: Body) -> Result<Event, Refusal> {
    let Some(pushed) = pushed(&body.reference) else { return Ok(Event::Other(body.reference)) };
    let commits = commits(body.commits.unwrap_or_default());
    let (before, after) = (commit(body.before.as_deref()), commit(body.after.as_deref()));
    let listed = body.total_commits.map_or(commits.len() < LISTED_COMMITS_COUNT, |total| total <= commits.len());
    let message = body.head_commit.as_ref().map(|commit| commit.message.as_str()).or_else(|| commits.last().map(|commit| commit.message.as_str()));
    Ok(Event::Push(Push {
        repository: body.repository.full_name.to_lowercase(),
        pushed,
        deleted: body.deleted || after.is_none(),
        // A forced push also takes back what the commits it drops had changed, and nobody lists those.
        complete: listed && !body.forced && before.is_some() && !commits.is_empty(),
        message: message.and_then(first_line),
        before,
        after,
        commits,
        pusher: body.pusher.and_then(|pusher| pusher.login.or(pusher.username).or(pusher.name)),
        compare_url: body.compare.or(body.compare_url).filter(|url| !url.is_empty()),
    }))
}

pub(super) fn commits(listed: Vec<Commit>) -> Vec<PushedCommit> {
    let one = |commit: Commit| {
        let changed = [commit.added, commit.modified, commit.removed].into_iter().flatten().flatten().collect();
        PushedCommit { id: commit.id, message: commit.message, changed }
    };
    listed.into_iter().map(one).collect()
}
