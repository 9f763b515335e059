//! Deliveries of GitLab.

use super::{Event, Push, Refusal, commit, first_line, github, pushed, read};
use serde::Deserialize;

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "ref")]
    reference: String,
    before: Option<String>,
    after: Option<String>,
    project: Project,
    #[serde(default)]
    commits: Option<Vec<github::Commit>>,
    total_commits_count: Option<usize>,
    user_username: Option<String>,
    user_name: Option<String>,
}

#[derive(Deserialize)]
struct Project {
    path_with_namespace: String,
    web_url: Option<String>,
}

pub(super) fn event(kind: &str, body: &[u8]) -> Result<Event, Refusal> {
    match kind {
        "Push Hook" | "Tag Push Hook" => push(read(body)?),
        // A system hook says within its body what it is.
        "System Hook" => system(body),
        other => Ok(Event::Other(other.to_owned())),
    }
}

#[derive(Deserialize)]
struct Named {
    event_name: Option<String>,
    object_kind: Option<String>,
}

fn system(body: &[u8]) -> Result<Event, Refusal> {
    let named: Named = read(body)?;
    match named.event_name.or(named.object_kind).as_deref() {
        Some("push" | "tag_push") => push(read(body)?),
        other => Ok(Event::Other(other.unwrap_or("System Hook").to_owned())),
    }
}

fn push(body: Body) -> Result<Event, Refusal> {
    let Some(pushed) = pushed(&body.reference) else { return Ok(Event::Other(body.reference)) };
    let commits = github::commits(body.commits.unwrap_or_default());
    let (before, after) = (commit(body.before.as_deref()), commit(body.after.as_deref()));
    let compare_url = match (&body.project.web_url, &before, &after) {
        (Some(page), Some(before), Some(after)) => Some(format!("{}/-/compare/{before}...{after}", page.trim_end_matches('/'))),
        _ => None,
    };
    let newest = commits.iter().find(|commit| Some(commit.id.as_str()) == body.after.as_deref()).or_else(|| commits.last());
    Ok(Event::Push(Push {
        repository: body.project.path_with_namespace.to_lowercase(),
        pushed,
        deleted: after.is_none(),
        complete: before.is_some() && !commits.is_empty() && body.total_commits_count.is_none_or(|total| total <= commits.len()),
        message: newest.and_then(|commit| first_line(&commit.message)),
        before,
        after,
        commits,
        pusher: body.user_username.or(body.user_name),
        compare_url,
    }))
}
