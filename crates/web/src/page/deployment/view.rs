//! How a deployment is said: in a row, as a head, and what to do when it failed.

use crate::{
    component::{
        Button, Icon, Mark,
        field::capitalised,
        icon, mark,
        notice::excerpt,
        status::{status, status_big},
    },
    route, time, unit,
};
use jiff::Timestamp;
use maud::{Markup, html};
use model::{ApplicationId, DeploymentStatus, Operation, Source, deployment::CauseKind};
use ops::{DeploymentPage, DeploymentRow, StepRow};

/// The shape and word of a deployment; `live` says whether its release serves now.
pub fn state(row: &DeploymentRow, live: bool) -> (Mark, String) {
    let makes_live = matches!(row.deployment.operation, Operation::Deploy | Operation::Rollback | Operation::Restart | Operation::Start);
    match row.deployment.status {
        DeploymentStatus::Queued if row.ahead > 0 => (Mark::Waiting, format!("queued, {} before it", row.ahead)),
        DeploymentStatus::Queued => (Mark::Waiting, "queued".into()),
        DeploymentStatus::Running if row.deployment.cancel_requested => (Mark::Deploying, "cancelling".into()),
        DeploymentStatus::Running => (Mark::Deploying, during(row.deployment.operation).into()),
        DeploymentStatus::Finished if makes_live && live => (Mark::Done, "live".into()),
        DeploymentStatus::Finished if makes_live => (Mark::Past, "replaced".into()),
        DeploymentStatus::Finished => (Mark::Past, "done".into()),
        DeploymentStatus::Failed => (Mark::Failed, "failed".into()),
        DeploymentStatus::Cancelled => (Mark::Skipped, "cancelled".into()),
        DeploymentStatus::Superseded => (Mark::Skipped, "superseded".into()),
    }
}

fn during(operation: Operation) -> &'static str {
    match operation {
        Operation::Deploy => "deploying",
        Operation::Restart => "restarting",
        Operation::Stop => "stopping",
        Operation::Start => "starting",
        Operation::Rollback => "rolling back",
        Operation::Delete => "deleting",
    }
}

/// What it is about: the commit's message, or the operation.
pub fn subject(row: &DeploymentRow) -> String {
    match (&row.commit_message, row.deployment.operation) {
        (Some(message), Operation::Deploy | Operation::Rollback) => message.clone(),
        (_, Operation::Deploy) => row.release_number.map_or_else(|| "Deploy".into(), |number| format!("Release {number}")),
        (_, Operation::Rollback) => row.release_number.map_or_else(|| "Roll back".into(), |number| format!("Back to release {number}")),
        (_, Operation::Restart) => "Restart".into(),
        (_, Operation::Stop) => "Stop".into(),
        (_, Operation::Start) => "Start".into(),
        (_, Operation::Delete) => "Delete".into(),
    }
}

/// Who asked, and how: "push by Ines Duarte".
pub fn cause(row: &DeploymentRow) -> String {
    let actor = &row.deployment.cause.actor;
    match row.deployment.cause.by {
        CauseKind::Dashboard => actor.clone(),
        CauseKind::Api => format!("{actor}, over the API"),
        CauseKind::Hook => "deploy hook".into(),
        CauseKind::Push => format!("push by {actor}"),
        CauseKind::Wharf => "Wharf".into(),
    }
}

/// How long it took, or has been running.
pub fn took(row: &DeploymentRow, now: Timestamp) -> Markup {
    let deployment = &row.deployment;
    match (deployment.started, deployment.finished) {
        (Some(start), Some(end)) => html! { (unit::duration(end.as_millisecond() - start.as_millisecond())) },
        (Some(start), None) => time::ticking(start, now),
        _ => html! {},
    }
}

/// A row in a list of one application.
pub fn row(row: &DeploymentRow, live: bool, now: Timestamp) -> Markup {
    let (shape, word) = state(row, live);
    html! {
        a .deploy.wide-row id={ "deployment-" (row.deployment.id) } href=(route::deployment(&row.deployment.id)) data-row {
            span .status data-status=(shape.name()) { (mark(shape)) @if let Some(number) = row.release_number { b { (number) } } (word) }
            span .clip { (subject(row)) }
            span .small.faint.by { (cause(row)) }
            span .small.faint.num { (took(row, now)) }
            (time::relative(row.deployment.created, now))
        }
    }
}

/// A row in a list of the whole team: the application first.
pub fn team_row(row: &DeploymentRow, live: bool, now: Timestamp) -> Markup {
    let (shape, word) = state(row, live);
    html! {
        a .deploy id={ "deployment-" (row.deployment.id) } href=(route::deployment(&row.deployment.id)) data-row {
            span .status data-status=(shape.name()) { (mark(shape)) b { (row.application_name) } (word) }
            @if row.deployment.status.ended() { (time::relative(row.deployment.created, now)) } @else { span .small.num { (took(row, now)) } }
            span .small.soft {
                @if let (Some(number), Some(_)) = (row.release_number, &row.commit_message) { "Release " (number) ": " }
                (subject(row)) ", by " (cause(row))
            }
            span .small.faint.place {
                span .clip { (row.project_name) }
                span { " / " (row.environment_name) @if row.deployment.finished.is_some() { ", took " (took(row, now)) } }
            }
        }
    }
}

/// The title of its page: a sentence that answers how far it is.
pub fn title(row: &DeploymentRow, live: bool) -> String {
    let what = row.release_number.map_or_else(|| row.application_name.to_string(), |number| format!("release {number}"));
    let capital = row.release_number.map_or_else(|| row.application_name.to_string(), |number| format!("Release {number}"));
    let name = &row.application_name;
    let operation = row.deployment.operation;
    match row.deployment.status {
        DeploymentStatus::Queued => format!("{capital} waits for its turn"),
        DeploymentStatus::Running => match operation {
            Operation::Deploy => format!("Deploying {what}"),
            Operation::Rollback => format!("Rolling back to {what}"),
            Operation::Restart => format!("Restarting {name}"),
            Operation::Start => format!("Starting {name}"),
            Operation::Stop => format!("Stopping {name}"),
            Operation::Delete => format!("Deleting {name}"),
        },
        DeploymentStatus::Finished => match operation {
            Operation::Deploy | Operation::Rollback if live => format!("{capital} is live"),
            Operation::Deploy | Operation::Rollback => format!("{capital} went live"),
            Operation::Restart => format!("{name} was restarted"),
            Operation::Start => format!("{name} was started"),
            Operation::Stop => format!("{name} was stopped"),
            Operation::Delete => format!("{name} was deleted"),
        },
        DeploymentStatus::Failed => match operation {
            Operation::Deploy | Operation::Rollback => format!("{capital} did not go live"),
            _ => format!("{name} could not be {}", past(operation)),
        },
        DeploymentStatus::Cancelled => format!("{capital} was cancelled"),
        DeploymentStatus::Superseded => format!("{capital} was superseded"),
    }
}

fn past(operation: Operation) -> &'static str {
    match operation {
        Operation::Deploy => "deployed",
        Operation::Restart => "restarted",
        Operation::Stop => "stopped",
        Operation::Start => "started",
        Operation::Rollback => "rolled back",
        Operation::Delete => "deleted",
    }
}

/// The head of its page: title, status, Cancel or Deploy again, facts. Replaced as a whole by the live stream.
pub fn head(row: &DeploymentRow, steps: &[StepRow], live: bool, serving: Option<i64>, now: Timestamp) -> Markup {
    let deployment = &row.deployment;
    html! {
        header .head id="deployment-head" {
            div .title {
                h1 { (title(row, live)) }
                (headline(row, steps, serving, now))
                div .actions {
                    @if !deployment.status.ended() && !deployment.cancel_requested { (Button::dialog("Cancel ...", "cancel").danger()) }
                    @if matches!(deployment.status, DeploymentStatus::Failed | DeploymentStatus::Cancelled) && deployment.operation != Operation::Delete {
                        form method="post" action=(route::application_part(&deployment.application, "deploy")) {
                            (Button::submit("Deploy again").primary().icon(Icon::Refresh).working("Deploying ..."))
                        }
                    }
                }
            }
            p .facts {
                @if let Some(commit) = &row.commit { span { (icon(Icon::Commit)) code { (commit.short()) } " " (row.commit_message.as_deref().unwrap_or_default()) } }
                span { (icon(Icon::Users)) (cause(row)) }
                span { (icon(Icon::Clock)) span { (time::inline(deployment.created, now)) @if deployment.finished.is_some() { ", took " (took(row, now)) } } }
                @if deployment.force { span { (icon(Icon::Refresh)) "without cache" } }
            }
        }
    }
}

/// The status beside the title.
fn headline(row: &DeploymentRow, steps: &[StepRow], serving: Option<i64>, now: Timestamp) -> Markup {
    let deployment = &row.deployment;
    let (shape, word) = state(row, false);
    let keeps = serving.map(|number| format!("Release {number} is still serving"));
    match deployment.status {
        DeploymentStatus::Running => {
            let step = steps.iter().find(|step| step.state == model::StepState::Running);
            status_big(
                "deployment-status",
                shape,
                html! {
                    @if deployment.cancel_requested { "Cancelling" }
                    @else if let Some(step) = step { (capitalised(step.phase.as_str())) ": " (step.title) }
                    @else { "Making the plan" }
                    @if let Some(start) = deployment.started { ", " (time::ticking(start, now)) }
                },
            )
        }
        DeploymentStatus::Failed | DeploymentStatus::Cancelled if keeps.is_some() => status_big("deployment-status", Mark::Running, keeps.unwrap_or_default()),
        DeploymentStatus::Finished => status_big("deployment-status", Mark::Done, "Done"),
        _ => status_big("deployment-status", shape, capitalised(&word)),
    }
}

/// Why it failed and what to do next; empty while there is nothing to say.
pub fn outcome(page: &DeploymentPage, evidence: &str) -> Markup {
    let deployment = &page.row.deployment;
    html! {
        div .stack id="deployment-outcome" {
            @if deployment.status == DeploymentStatus::Failed { (failure(page, evidence)) }
            @else if let (true, Some(reason)) = (deployment.status.ended(), &deployment.reason) { p .soft { (reason) } }
        }
    }
}

fn failure(page: &DeploymentPage, evidence: &str) -> Markup {
    let (row, steps) = (&page.row, &page.steps);
    // What fails before there is a plan is the source: it is asked for its newest commit or image first.
    let before = match page.application.application.settings.source {
        Source::Git(_) => "fetch_source",
        Source::Image { .. } => "pull_image",
        Source::Dockerfile { .. } => "",
    };
    let failed = steps.iter().find(|step| step.state == model::StepState::Failed);
    let reason = row.deployment.reason.as_deref().unwrap_or("The cause was not written down; the log below has what is known.");
    // What the container said follows on lines of its own: it stands below as evidence.
    let told = reason.lines().next().unwrap_or(reason);
    let (first, rest) = told.split_once(". ").unwrap_or((told, ""));
    html! {
        section .notice.bad id="cause" aria-labelledby="cause-title" {
            (mark(Mark::Failed))
            h2 id="cause-title" { @if let Some(step) = failed { (step.title) ": " } (first.trim_end_matches('.')) }
            @if !rest.is_empty() { p .soft { (rest) } }
            @if !evidence.is_empty() { (excerpt(evidence)) }
        }
        section .card aria-labelledby="next-title" {
            header { h2 id="next-title" { "What to do next" } }
            ol .ways {
                @for (at, way) in ways(failed.map_or(if page.plan.is_none() { before } else { "" }, |step| step.kind.as_str()), &row.deployment.application).iter().enumerate() {
                    li {
                        b .nth aria-hidden="true" { (at + 1) }
                        div { h3 { (way.0) } p .small.soft { (way.1) } }
                        (Button::link(way.2, &way.3).small())
                    }
                }
            }
        }
    }
}

type Way = (&'static str, &'static str, &'static str, String);

/// The ways out of a failure at this kind of step: title, explanation, link words, address.
fn ways(kind: &str, application: &ApplicationId) -> Vec<Way> {
    let settings = |group: &str| format!("{}#{group}", route::application_part(application, "settings"));
    let variables = || route::application_part(application, "variables");
    match kind {
        "fetch_source" => vec![
            (
                "Check the repository",
                "The address, the branch and the deploy key must fit together; a private repository needs a key.",
                "Repository",
                settings("source"),
            ),
            ("Check the deploy key", "Its public half is added at the git host, with read access.", "Deploy keys", route::KEYS.into()),
        ],
        "build_image" => vec![
            ("Read the build's last lines", "They are above; the whole build is in the log below.", "Log", "#log".into()),
            ("Check how it is built", "Build pack, location of the Dockerfile, target stage.", "Build", settings("build")),
            ("Check the build variables", "A build sees only variables that are marked for it.", "Variables", variables()),
        ],
        "pull_image" => vec![
            ("Check the image", "Its name and tag must exist in the registry.", "Image", settings("source")),
            ("Check the credential", "A private image needs one that may pull.", "Registries", route::REGISTRIES.into()),
        ],
        "await_healthy" => vec![
            ("Read what the container said", "Its last lines are above and in the log below.", "Log", "#log".into()),
            ("Check the port", "It must listen on all addresses of the container, not on 127.0.0.1 alone.", "Port", settings("run")),
            ("Check its variables", "An address or password that is missing ends many a start.", "Variables", variables()),
            ("Check the question", "What is asked, how often, and how long failures do not count.", "Health check", settings("health")),
        ],
        "run_before" => vec![
            ("Check the command", "It runs in the new image, without a shell.", "Commands", settings("hooks")),
            ("Check its variables", "It sees the run-time variables of the release.", "Variables", variables()),
        ],
        _ => vec![
            ("Read the log", "The step that failed says why.", "Log", "#log".into()),
            ("Check the settings", "Ports on the host, mounts and limits must fit the server.", "Settings", settings("run")),
            ("Check the server", "Engine, disk and ports.", "Servers", route::SERVERS.into()),
        ],
    }
}

/// The status of the newest deployment in words, for lists of applications.
pub fn short(operation: Operation, deployment: DeploymentStatus) -> Option<Markup> {
    match deployment {
        DeploymentStatus::Queued => Some(status(Mark::Waiting, "Queued")),
        DeploymentStatus::Running => Some(status(Mark::Deploying, capitalised(during(operation)))),
        _ => None,
    }
}
