//! Fetching: the commit comes into the repository's cache.

use super::{Context, Done};
use crate::{Error, deploy};
use model::{CommitSha, GitSource};

pub(super) async fn fetch(context: &Context<'_>, source: &GitSource, commit: &CommitSha) -> Result<Done, Error> {
    let parts = &context.engine.parts;
    let key = deploy::key(context.engine, &context.work.scope, source).await?;
    // What is there already is not fetched again: the fetch itself looks.
    parts.git.fetch(source, commit, key.as_ref(), |line| context.log.line("stderr", line)).await?;
    let found = parts.git.commit(&source.url, commit).await?;
    let message = found.message.lines().next().unwrap_or_default().to_owned();
    if let Some(release) = &context.work.release {
        parts.store.release_resolved(&context.work.scope, release.id.clone(), commit.clone(), Some(message.clone())).await?;
    }
    Ok(Done::saying(format!("{} {message}", commit.short())))
}
