//! Log lines as they are written: of a deployment out of the store, of containers out of the engine.

use super::Item;
use crate::{
    App,
    error::Failure,
    page::{application::runtime, deployment::show},
    session::Session,
};
use axum::response::sse::Event;
use futures_util::{Stream, StreamExt, stream, stream::BoxStream};
use jiff::Timestamp;
use model::{ApplicationId, DeploymentId};
use ops::{ContainerLine, DeploymentPage, LogLine, LogRequest};
use std::time::Duration;

/// Lines that come closer together than this travel together.
const GATHER: Duration = Duration::from_millis(40);
/// Most lines of one message.
const BATCH_LINES: usize = 200;

struct Tail {
    app: App,
    session: Session,
    id: DeploymentId,
    after: i64,
    step: Option<usize>,
    page: Option<DeploymentPage>,
    lines: tokio::sync::watch::Receiver<u64>,
    first: bool,
}

/// Lines of a deployment's log after a number, old ones first, then as they come.
pub fn of_deployment(app: App, session: Session, id: DeploymentId, after: String) -> impl Stream<Item = Item> + Send {
    let lines = app.ops.line_changes();
    let tail = Tail { app, session, id, after: after.parse().unwrap_or(0), step: None, page: None, lines, first: true };
    stream::unfold(tail, |mut tail| async move { tail.next().await.map(|event| (Ok(event), tail)) })
}

impl Tail {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if !std::mem::take(&mut self.first) {
                self.lines.changed().await.ok()?;
                tokio::time::sleep(GATHER).await;
            }
            self.lines.borrow_and_update();
            let fresh = self.app.ops.deployment_log(&self.session.scope, self.id.clone(), self.after).await.ok()?;
            let Some(last) = fresh.last() else { continue };
            let (number, step) = (last.number, last.step);
            if self.step.is_none() && self.after > 0 {
                self.step = self.step_before().await;
            }
            let before = self.step;
            let markup = show::lines(self.page_for(&fresh).await?, &fresh, before);
            (self.after, self.step) = (number, Some(step));
            // A full page of lines may have more behind it: asked for at once.
            self.first = fresh.len() >= ops::deployment::LOG_PAGE_LINES as usize;
            return Some(Event::default().event("lines").id(number.to_string()).data(markup.into_string()));
        }
    }

    /// The deployment with the titles of these lines' steps: read again only when a step is new, so that a line costs the same however many came before.
    async fn page_for(&mut self, fresh: &[LogLine]) -> Option<&DeploymentPage> {
        let known = |page: &DeploymentPage| fresh.iter().all(|line| page.steps.iter().any(|step| step.number == line.step));
        if !self.page.as_ref().is_some_and(known) {
            self.page = self.app.ops.deployment_show(&self.session.scope, self.id.clone()).await.ok();
        }
        self.page.as_ref()
    }

    /// The step of the last line that the page has: its head stands already.
    async fn step_before(&self) -> Option<usize> {
        let before = self.app.ops.deployment_log(&self.session.scope, self.id.clone(), self.after - 1).await.ok()?;
        before.first().filter(|line| line.number == self.after).map(|line| line.step)
    }
}

/// Lines that containers write after a point in time, numbered from the page's last one on.
///
/// # Errors
/// Those of reading logs.
pub async fn of_containers(app: App, session: Session, id: ApplicationId, after: String) -> Result<BoxStream<'static, Item>, Failure> {
    let (since, number) = cursor(&after);
    let request = LogRequest { since, follow: true, tail: since.is_none().then_some(BATCH_LINES as u32), container: None };
    let lines = app.ops.container_logs(&session.scope, id, request).await?;
    let lines = lines.filter_map(move |line| async move { line.ok().filter(|line| line.at > since) });
    let numbered = lines.ready_chunks(BATCH_LINES).scan(number, |number, batch| {
        let first = *number + 1;
        *number += batch.len() as i64;
        std::future::ready(Some((first, batch)))
    });
    Ok(numbered.map(|(first, batch)| Ok(message(first, &batch))).boxed())
}

/// A batch as one message; its id is the time of its last line and the number after it.
fn message(first: i64, batch: &[ContainerLine]) -> Event {
    let markup: String = (first..).zip(batch).map(|(number, line)| runtime::line(number, line).into_string()).collect();
    let last = first + batch.len() as i64 - 1;
    let at = batch.iter().rev().find_map(|line| line.at).map(|at| at.to_string()).unwrap_or_default();
    Event::default().event("lines").id(format!("{at}~{last}")).data(markup)
}

/// Takes `<time>~<number>` apart.
fn cursor(after: &str) -> (Option<Timestamp>, i64) {
    let (at, number) = after.split_once('~').unwrap_or((after, "0"));
    (at.parse().ok(), number.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_names_a_time_and_the_number_of_the_last_line() {
        assert_eq!(cursor("2026-01-02T03:04:05Z~17"), ("2026-01-02T03:04:05Z".parse().ok(), 17));
        assert_eq!(cursor(""), (None, 0));
        assert_eq!(cursor("nonsense~x"), (None, 0));
    }
}
