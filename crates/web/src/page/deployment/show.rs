//! One deployment: plan, steps, log, cancel; why it failed and what to do next.

use super::view;
use crate::{
    App,
    component::{
        Question, dialog,
        log::{self, Clock, Line, Log},
        plan::{self, Progress, Progressing},
        skeleton::skeleton,
    },
    error::{Answer, Failure},
    page::application,
    route,
    session::{self, Session},
};
use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use jiff::Timestamp;
use maud::{Markup, html};
use model::{DeploymentId, DeploymentStatus, Operation, StepState};
use ops::{DeploymentPage, LogLine, StepRow};
use std::collections::BTreeMap;

/// Lines of evidence under the cause.
const EVIDENCE_LINES: usize = 12;
/// Lines the page begins with; earlier ones are asked for.
pub const SHOWN_LINES: u32 = 1000;

/// `GET /deployments/{id}`.
pub async fn show(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: DeploymentId = ops::known("deployment", &id)?;
    let page = app.ops.deployment_show(&session.scope, id.clone()).await?;
    let head = application::head(&app, &session, page.row.deployment.application.clone()).await?;
    let tail = if page.log_allowed { app.ops.deployment_log_tail(&session.scope, id.clone(), SHOWN_LINES).await? } else { Vec::new() };
    let open = !page.row.deployment.status.ended();
    let mut about = application::view::page(&head, &view::title(&page.row, page.live), open.then(|| format!("deployment:{id}")));
    about.crumbs.push(crate::layout::Crumb::plain(format!("Deployment {}", page.row.number), route::deployment(&id)));
    about.live_after = Some(tail.last().map_or(0, |line| line.number).to_string());
    let serving = head.page.live.as_ref().map(|live| live.number);
    let content = html! {
        (view::head(&page.row, &page.steps, page.live, serving, session.now))
        (progress_track(&page, session.now))
        (view::outcome(&page, &evidence(&page.steps, &tail)))
        div .deploy-cols { (steps(&page, serving, session.now)) (written(&page, &tail)) }
        @if open { (cancel_dialog(&page, serving)) }
    };
    app.page(&session, &about, content).await
}

/// Progress by step number, from the journal.
fn progress(steps: &[StepRow]) -> BTreeMap<usize, Progress> {
    let entry = |step: &StepRow| (step.number, Progress { state: Some(step.state), started: step.started, finished: step.finished, why: step.detail.clone() });
    steps.iter().map(entry).collect()
}

/// Whether the way back was taken.
fn undone(page: &DeploymentPage) -> bool {
    page.steps.iter().any(|step| step.phase == model::Phase::Undo && step.state != StepState::Waiting)
}

/// The ticks under the head; replaced by the live stream.
pub fn progress_track(page: &DeploymentPage, now: Timestamp) -> Markup {
    let progress = progress(&page.steps);
    match &page.plan {
        Some(plan) => plan::track("deployment-track", &Progressing { plan, progress: &progress, undone: undone(page), keeps: None, now }),
        None => html! { span .track id="deployment-track" aria-hidden="true" { i {} } },
    }
}

/// The plan; replaced by the live stream.
pub fn steps(page: &DeploymentPage, serving: Option<i64>, now: Timestamp) -> Markup {
    let progress = progress(&page.steps);
    let replaces = matches!(page.row.deployment.operation, Operation::Deploy | Operation::Rollback) && !page.row.deployment.status.ended() && !page.live;
    let keeps = serving.filter(|_| replaces).map(|number| format!("release {number}"));
    match &page.plan {
        Some(plan) => plan::plan(&Progressing { plan, progress: &progress, undone: undone(page), keeps: keeps.as_deref(), now }),
        None => html! {
            section .card.plan id="plan" aria-label="Plan" {
                @match page.row.deployment.status {
                    DeploymentStatus::Queued => p .body.soft { "It waits for its turn; the plan is made when it begins." },
                    DeploymentStatus::Running => (skeleton(3, "Looking at what is there and making the plan")),
                    _ => p .body.soft { "It ended before there was a plan." },
                }
            }
        },
    }
}

/// How Wharf's own lines begin that end what the step said.
const AFTERWARDS: [&str; 2] = ["Undo what was done", "Failed:"];

/// The last lines of the step that failed, without what Wharf wrote when it turned back.
pub fn evidence(steps: &[StepRow], lines: &[LogLine]) -> String {
    let Some(failed) = steps.iter().find(|step| step.state == StepState::Failed) else { return String::new() };
    let own: Vec<&str> = lines.iter().filter(|line| line.step == failed.number).map(|line| line.text.trim_end()).collect();
    let end = own.iter().rposition(|line| !AFTERWARDS.iter().any(|begin| line.starts_with(begin))).map_or(0, |last| last + 1);
    let own = &own[..end];
    own[own.len().saturating_sub(EVIDENCE_LINES)..].join("\n")
}

fn written(page: &DeploymentPage, tail: &[LogLine]) -> Markup {
    if !page.log_allowed {
        return html! { section .card { p .body.soft { "Admins and owners of the team see the log." } } };
    }
    let said = |step: &&StepRow| tail.iter().any(|line| line.step == step.number);
    let chosen: Vec<(usize, String)> = page.steps.iter().filter(said).map(|step| (step.number, step.title.clone())).collect();
    let first = tail.first().map_or(1, |line| line.number);
    let note = html! { @if first > 1 { span .faint { "lines 1 to " (first - 1) " are in the download" } } };
    let open = !page.row.deployment.status.ended();
    log::log(&Log {
        lines: lines(page, tail, None),
        count: tail.len(),
        download: &route::deployment_log(&page.row.deployment.id),
        steps: &chosen,
        replicas: &[],
        streams: false,
        live: open,
        failed: page.row.deployment.status == DeploymentStatus::Failed,
        note,
        nothing: if open { "Nothing was written yet." } else { "Nothing was written." },
    })
}

/// Lines with the heads of their steps; `after` is the step whose head stands already.
pub fn lines(page: &DeploymentPage, lines: &[LogLine], after: Option<usize>) -> Markup {
    let start = page.row.deployment.started.unwrap_or(page.row.deployment.created);
    let mut current = after;
    html! {
        @for line in lines {
            @if current != Some(line.step) { ({ current = Some(line.step); part(page, line.step) }) }
            (log::line(&Line { number: line.number, at: line.at, text: &line.text, error: line.stream == "stderr" && page.steps.iter().any(|step| step.number == line.step && step.state == StepState::Failed), step: Some(line.step), replica: None }, Clock::Since(start)))
        }
    }
}

fn part(page: &DeploymentPage, number: usize) -> Markup {
    let title = page.steps.iter().find(|step| step.number == number).map_or("Before the plan", |step| step.title.as_str());
    log::part(number, title, "")
}

fn cancel_dialog(page: &DeploymentPage, serving: Option<i64>) -> Markup {
    let action = route::cancel(&page.row.deployment.id);
    let question = Question {
        id: "cancel",
        title: "Cancel this deployment?",
        action: &action,
        keep: "Keep deploying",
        act: "Cancel the deployment",
        working: "Cancelling ...",
        confirm: None,
        danger: true,
    };
    dialog(
        &question,
        crate::component::dialog::steps(&[
            html! { "The step that runs is stopped." },
            html! { "New containers are removed; nothing of this attempt is left behind." },
            html! { @if let Some(number) = serving { "Release " (number) " keeps serving." } @else { "Nothing serves, as before." } },
            html! { "Once the routes are switched, it runs to its end: then a rollback is the way back." },
        ]),
    )
}

/// `POST /deployments/{id}/cancel`.
pub async fn cancel(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: DeploymentId = ops::known("deployment", &id)?;
    match app.ops.deployment_cancel(&session.scope, id.clone()).await {
        Ok(_) => Ok(Redirect::to(&route::deployment(&id)).into_response()),
        Err(ops::Error::Conflict { why, .. }) => Ok(session::done(&route::deployment(&id), &why)),
        Err(error) => Err(Failure(error)),
    }
}

/// `GET /deployments/{id}/log`: the whole log as text.
pub async fn download(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: DeploymentId = ops::known("deployment", &id)?;
    let row = app.ops.deployment_fetch(&session.scope, id.clone()).await?;
    let first = app.ops.deployment_log(&session.scope, id.clone(), 0).await?;
    let name = format!("{}-deployment-{}.log", model::Slug::nearest(row.application_name.as_str()), row.number);
    let pages = futures_util::stream::unfold((app, session, Some(first)), move |(app, session, page)| {
        let id = id.clone();
        async move {
            let page = page.filter(|page: &Vec<LogLine>| !page.is_empty())?;
            let text: String = page.iter().map(|line| format!("{} {} {}\n", line.at, line.number, line.text)).collect();
            let after = page.last().map_or(0, |line| line.number);
            let next = app.ops.deployment_log(&session.scope, id, after).await.ok();
            Some((Ok::<_, std::convert::Infallible>(text), (app, session, next)))
        }
    });
    Ok(application::runtime::attachment(&name, Body::from_stream(pages)))
}
