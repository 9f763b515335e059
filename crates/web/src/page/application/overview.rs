//! The overview of an application: status, release, use, deployments, changes, replicas, domains.

use super::{head, preview, view};
use crate::{
    App,
    app::fragment,
    component::{
        Button, Icon, Tone, card, copy_code,
        diff::{Difference, Sign, diff},
        empty::empty,
        field::capital,
        icon,
        metric::{Metric as Figure, metrics},
        notice, section,
    },
    error::Answer,
    page::{application::view::Head, deployment},
    route,
    session::Session,
    time, unit,
};
use axum::extract::{Path, Query, State};
use jiff::Timestamp;
use maud::{Markup, html};
use model::{ApplicationId, DeploymentId, DeploymentStatus};
use ops::{Change, DeploymentRow, Metric, ReleaseItem};
use std::collections::HashMap;

/// Points of a sparkline of one hour.
const POINTS_COUNT: usize = 60;

/// `GET /applications/{id}`.
pub async fn show(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let (head, measured) = (head(&app, &session, id.clone()).await?, app.ops.metric_list(&session.scope, id.clone()).await?);
    let live = app.ops.deployments_live(&session.scope, Some(id.clone())).await?;
    let about = view::page(&head, head.application().name.as_str(), Some(format!("application:{id}")));
    let content = view::frame(&head, "Overview", html! { (body(&head, &live, &measured, session.now)) (view::not_live(&head)) });
    app.page(&session, &about, content).await
}

/// `GET /applications/{id}/metrics`: the figures alone, asked for while the page is open.
pub async fn figures(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let head = head(&app, &session, id.clone()).await?;
    let measured = app.ops.metric_list(&session.scope, id).await?;
    Ok(fragment(usage(&head, &measured, session.now)))
}

fn body(head: &Head, live: &[DeploymentId], measured: &[Metric], now: Timestamp) -> Markup {
    html! {
        (faults(head))
        @if head.ever_deployed() { (live_release(head, now)) (usage(head, measured, now)) }
        div .cols {
            div .stack { (deployments(head, live, now)) (tags(head)) }
            aside .stack { (domains(head)) (facts(head)) }
        }
    }
}

/// Why it could not be deployed as it is set up now.
pub fn faults(head: &Head) -> Markup {
    html! {
        div .stack id="application-faults" {
            @if let Some(row) = head.page.deployments.first().filter(|row| row.deployment.status == DeploymentStatus::Failed) { (last_failed(head, row)) }
            @if !head.page.faults.is_empty() {
                (notice(Tone::Warn, "A deployment would fail as it is set up now", html! {
                    ul .small { @for (field, why) in &head.page.faults { li { b { (field) } ": " (why) } } }
                }))
            }
        }
    }
}

/// That the newest deployment failed, why, and where to read on.
fn last_failed(head: &Head, row: &DeploymentRow) -> Markup {
    let serves = if head.ever_deployed() { "What served before serves on." } else { "Nothing serves yet." };
    let reason = row.deployment.reason.as_deref().and_then(|reason| reason.lines().next()).unwrap_or("The cause was not written down");
    notice(
        Tone::Bad,
        &format!("Its last {} failed", ops::overview::noun(row.deployment.operation)),
        html! {
            p .soft { (capital(reason)) " " (serves) }
            p { (Button::link("See what failed", &route::deployment(&row.deployment.id)).small()) }
        },
    )
}

/// What serves now; replaced by the live stream.
pub fn live_release(head: &Head, now: Timestamp) -> Markup {
    html! {
        section .card id="application-release" aria-labelledby="release-title" {
            @if let Some(release) = &head.page.live { (release_card(head, release, now)) }
            @else { header { h2 id="release-title" { "Nothing is live" } } }
        }
    }
}

fn release_card(head: &Head, release: &ReleaseItem, now: Timestamp) -> Markup {
    let application = head.application();
    html! {
        header {
            h2 id="release-title" { "Release " (release.number) " is live" }
            span .small.faint { "made " (time::inline(release.created, now)) }
            span .row.end { (Button::link("All releases", &route::application_part(&application.id, "releases")).small().quiet()) }
        }
        div .body.release {
            div .row {
                (icon(Icon::Commit))
                p {
                    b { (release.commit_message.as_deref().unwrap_or("No commit: made from the settings")) }
                    @if let Some(commit) = &release.commit { br; span .small.soft { code { (commit.short()) } @if let model::Source::Git(git) = &application.settings.source { " on " (git.reference) } } }
                }
            }
            dl .release-facts {
                div { dt { "Image" } dd { @if let Some(image) = &release.image { (copy_code(image, "the image")) } @else { "no longer kept" } } }
                div { dt { "Replicas" } dd { (application.settings.replicas) } }
            }
        }
    }
}

/// Use in the last hour, asked for again every ten seconds while the page is open.
fn usage(head: &Head, measured: &[Metric], now: Timestamp) -> Markup {
    let limits = head.application().settings.limits;
    let address = route::application_part(&head.application().id, "metrics");
    let cpu: Vec<Option<f64>> = spread(measured, now, |metric| metric.cpu_thousandths as f64 / 10.0);
    let memory: Vec<Option<f64>> = spread(measured, now, |metric| metric.memory_bytes as f64);
    let network = traffic(measured, now);
    let marks: Vec<usize> = head.page.deployments.iter().filter_map(|row| place(row.deployment.finished?, now)).collect();
    let newest = measured.last().filter(|metric| now.as_second() - metric.at.as_second() < 180);
    let figure = |label, figure: Option<String>, unit: String, points, ceiling| Figure {
        label,
        unit: if figure.is_some() { unit } else { "not measured yet".into() },
        figure: figure.unwrap_or_default(),
        summary: summary(points),
        points,
        ceiling,
        marks: &marks,
    };
    let bytes = |value: u64| unit::bytes(value).split_once(' ').map(|(number, word)| (number.to_owned(), word.to_owned())).unwrap_or_default();
    let (used, used_unit) = newest.map(|metric| bytes(u64::try_from(metric.memory_bytes).unwrap_or_default())).unzip();
    let of = limits.memory_bytes.map(|limit| format!(" of {}", unit::bytes(limit))).unwrap_or_default();
    let cpu_of =
        limits.cpu_thousandths.map_or_else(|| "% of one processor".to_owned(), |limit| format!("% of one processor, at most {}", unit::processors(limit)));
    let rate = network.last().copied().flatten();
    let (rate_figure, rate_unit) = rate.map(|rate| bytes(rate as u64)).unzip();
    html! {
        section .card id="application-usage" aria-labelledby="usage-title" hx-get=(address) hx-trigger="every 10s" hx-swap="outerMorph" {
            header { h2 id="usage-title" { "Last hour" } span .small.faint { "all containers together; dashed lines are deployments" } }
            (metrics("application-metrics", &[
                figure("Processor", newest.map(|metric| format!("{:.0}", metric.cpu_thousandths as f64 / 10.0)), cpu_of, &cpu, Some(scale(&cpu, 10.0))),
                figure("Memory", used, format!("{}{of}", used_unit.unwrap_or_default()), &memory, limits.memory_bytes.map(|limit| limit as f64)),
                figure("Network", rate_figure, rate_unit.map(|word| format!("{word}/s, in and out")).unwrap_or_default(), &network, Some(scale(&network, 1024.0))),
            ]))
        }
    }
}

/// The line of a metric in words.
fn summary(points: &[Option<f64>]) -> String {
    let known: Vec<f64> = points.iter().flatten().copied().collect();
    if known.is_empty() {
        return "nothing was measured".into();
    }
    let (low, high) = known.iter().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(*value), high.max(*value)));
    format!("between {low:.0} and {high:.0}")
}

/// The top of a sparkline: its peak, and no less than what is worth a peak, so that idling does not look like work.
fn scale(points: &[Option<f64>], least: f64) -> f64 {
    points.iter().flatten().copied().fold(least, f64::max)
}

/// The point of a sparkline that stands for a time.
fn place(at: Timestamp, now: Timestamp) -> Option<usize> {
    usize::try_from((now.as_second() - at.as_second()) / 60).ok().and_then(|minutes| (POINTS_COUNT - 1).checked_sub(minutes))
}

/// Measurements into one point a minute; minutes without one stay gaps.
fn spread(measured: &[Metric], now: Timestamp, value: impl Fn(&Metric) -> f64) -> Vec<Option<f64>> {
    let mut points = vec![None; POINTS_COUNT];
    for metric in measured {
        if let Some(place) = place(metric.at, now) {
            points[place] = Some(value(metric));
        }
    }
    points
}

/// Bytes a second, in and out, out of counters that only grow while containers live.
fn traffic(measured: &[Metric], now: Timestamp) -> Vec<Option<f64>> {
    let mut points = vec![None; POINTS_COUNT];
    for pair in measured.windows(2) {
        let sum = |metric: &Metric| metric.network_received_bytes + metric.network_sent_bytes;
        let seconds = pair[1].at.as_second() - pair[0].at.as_second();
        let grown = sum(&pair[1]) - sum(&pair[0]);
        if let (Some(place), true) = (place(pair[1].at, now), seconds > 0 && seconds < 300 && grown >= 0) {
            points[place] = Some(grown as f64 / seconds as f64);
        }
    }
    points
}

/// The newest deployments; replaced by the live stream.
pub fn deployments(head: &Head, live: &[DeploymentId], now: Timestamp) -> Markup {
    let all = route::application_part(&head.application().id, "deployments");
    let rows = html! {
        @if head.page.deployments.is_empty() { (empty(Icon::Deploy, "Never deployed", "Deploy builds or pulls it, starts it and gives it its addresses.", html! {})) }
        @else { @for row in &head.page.deployments { (deployment::view::row(row, live.contains(&row.deployment.id), now)) } }
    };
    section("application-deployments", "Deployments", html! { a .small href=(all) { "All" } }, html! { div .card.rows { (rows) } })
}

fn tags(head: &Head) -> Markup {
    html! { @if !head.page.tags.is_empty() { p .row.wrap { @for tag in &head.page.tags { (crate::component::badge(Tone::Plain, tag.name.as_str())) } } } }
}

fn domains(head: &Head) -> Markup {
    let address = route::application_part(&head.application().id, "domains");
    section(
        "application-domains",
        "Domains",
        html! { a .small href=(address) { "Change" } },
        html! {
            @if head.page.urls.is_empty() { p .card.body.soft { "No domain: it is reached by other applications only." } }
            @else { ul .card.rows { @for url in &head.page.urls { li .row { a .clip href=(url) rel="noopener" { (url) } span .push { (icon(Icon::External)) } } } } }
        },
    )
}

fn facts(head: &Head) -> Markup {
    let application = head.application();
    let settings = &application.settings;
    let rows = [
        ("Port", html! { @if let Some(port) = settings.exposed_port { (port) } @else { "asked of the image" } }),
        ("Health", html! { (crate::component::plan::asked(&settings.health, settings.exposed_port.map(|port| port.to_string()))) }),
        ("Memory", html! { @if let Some(bytes) = settings.limits.memory_bytes { "at most " (unit::bytes(bytes)) } @else { "no limit" } }),
        ("Inside", html! { (copy_code(application.slug.as_str(), "the name inside the network")) }),
        ("Id", html! { (copy_code(application.id.as_str(), "the id")) }),
    ];
    card("about", "About", html! {}, crate::component::facts(&rows))
}

/// `GET /applications/{id}/changes`: what the next deployment would change.
pub async fn changes(State(app): State<App>, session: Session, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let head = head(&app, &session, id.clone()).await?;
    let preview = if query.contains_key("plan") { preview::shown(&app, &session, id.clone()).await? } else { preview::asked(&id) };
    let about = view::page(&head, "Changes not live", Some(format!("application:{id}")));
    let content = html! {
        (faults(&head))
        @if head.ever_deployed() { (card("diff", "What the next deployment changes", html! { span .small.faint { "against what is live" } }, diff(&differences(&head.page.changes)))) }
        @else { p .soft { "Nothing is live yet: the first deployment takes everything as it is set up." } }
        (preview)
        (view::not_live(&head))
    };
    app.page(&session, &about, view::frame(&head, "", content)).await
}

/// Changes of releases as rows of a diff.
pub fn differences(changes: &[Change]) -> Vec<Difference> {
    let sign = |change: &Change| match change.sign {
        ops::Sign::Added => Sign::Added,
        ops::Sign::Removed => Sign::Removed,
        ops::Sign::Changed => Sign::Changed,
    };
    let row = |change: &Change| Difference {
        key: change.field.clone(),
        before: change.before.clone(),
        after: change.after.clone(),
        secret: change.secret,
        sign: sign(change),
    };
    changes.iter().map(row).collect()
}
