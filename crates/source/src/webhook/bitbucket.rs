//! Deliveries of Bitbucket: several branches in one, and no word about paths.

use super::{Event, Push, Pushed, PushedCommit, Refusal, commit, first_line, read};
use serde::Deserialize;

#[derive(Deserialize)]
struct Body {
    repository: Repository,
    actor: Option<Actor>,
    push: Changes,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
}

#[derive(Deserialize)]
struct Actor {
    nickname: Option<String>,
    display_name: Option<String>,
}

#[derive(Deserialize)]
struct Changes {
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    new: Option<State>,
    old: Option<State>,
    #[serde(default)]
    commits: Option<Vec<Target>>,
    links: Option<Links>,
}

#[derive(Deserialize)]
struct State {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    hash: String,
    #[serde(default)]
    message: Option<String>,
}

#[derive(Deserialize)]
struct Links {
    html: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: String,
}

pub(super) fn events(kind: &str, body: &[u8]) -> Result<Vec<Event>, Refusal> {
    match kind {
        "diagnostics:ping" => Ok(vec![Event::Ping]),
        "repo:push" => {
            let body: Body = read(body)?;
            let repository = body.repository.full_name.to_lowercase();
            let pusher = body.actor.and_then(|actor| actor.nickname.or(actor.display_name));
            Ok(body.push.changes.into_iter().filter_map(|change| push(change, &repository, pusher.as_ref())).map(Event::Push).collect())
        }
        other => Ok(vec![Event::Other(other.to_owned())]),
    }
}

fn push(change: Change, repository: &str, pusher: Option<&String>) -> Option<Push> {
    let state = change.new.as_ref().or(change.old.as_ref())?;
    let pushed = match state.kind.as_str() {
        "branch" | "named_branch" => Pushed::Branch(state.name.clone()),
        "tag" | "annotated_tag" => Pushed::Tag(state.name.clone()),
        _ => return None,
    };
    let at = |state: &Option<State>| state.as_ref().and_then(|state| commit(Some(&state.target.as_ref()?.hash)));
    let newest = change.new.as_ref().and_then(|state| state.target.as_ref()).and_then(|target| target.message.as_deref());
    let one = |target: Target| PushedCommit { id: target.hash, message: target.message.unwrap_or_default(), changed: Vec::new() };
    Some(Push {
        repository: repository.to_owned(),
        pushed,
        before: at(&change.old),
        after: at(&change.new),
        deleted: change.new.is_none(),
        message: newest.and_then(first_line),
        commits: change.commits.unwrap_or_default().into_iter().map(one).collect(),
        complete: false,
        pusher: pusher.cloned(),
        compare_url: change.links.and_then(|links| links.html).map(|link| link.href),
    })
}
