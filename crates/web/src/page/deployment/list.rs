//! Lists of deployments: what waits, what runs, what was.

use super::view;
use crate::{
    App,
    component::{Icon, card, empty::empty, filter::filter, pager::pager},
    error::Answer,
    layout::Page,
    page::application,
    route,
    session::Session,
};
use axum::extract::{Path, Query, State};
use jiff::Timestamp;
use maud::{Markup, html};
use model::{ApplicationId, DeploymentId};
use ops::DeploymentRow;
use std::collections::HashMap;

/// Deployments on one page.
const PAGE_COUNT: u32 = 50;

/// `GET /applications/{id}/deployments`.
pub async fn of_application(State(app): State<App>, session: Session, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let before = before(&query);
    let head = application::head(&app, &session, id.clone()).await?;
    let rows = app.ops.deployment_list(&session.scope, Some(id.clone()), before, PAGE_COUNT).await?;
    let live = app.ops.deployments_live(&session.scope, Some(id.clone())).await?;
    let about = application::view::page(&head, "Deployments", before.is_none().then(|| format!("deployments:{id}")));
    let content =
        html! { (own(&rows, &live, session.now)) (foot(&rows, before, &route::application_part(&id, "deployments"))) (application::view::not_live(&head)) };
    app.page(&session, &about, application::view::frame(&head, "Deployments", content)).await
}

fn before(query: &HashMap<String, String>) -> Option<i64> {
    query.get("before").and_then(|number| number.parse().ok())
}

/// The deployments of one application, open ones first; replaced by the live stream.
pub fn own(rows: &[DeploymentRow], live: &[DeploymentId], now: Timestamp) -> Markup {
    let (open, ended): (Vec<_>, Vec<_>) = rows.iter().partition(|row| !row.deployment.status.ended());
    html! {
        div .stack id="deployment-rows" {
            @if !open.is_empty() { (card("open", "Now", html! {}, html! { div .rows { @for row in &open { (view::row(row, false, now)) } } })) }
            @if rows.is_empty() { div .card { (empty(Icon::Deploy, "Never deployed", "Deploy builds or pulls it, starts it and gives it its addresses.", html! {})) } }
            @else if !ended.is_empty() { (card("history", "History", html! {}, html! { div .rows { @for row in &ended { (view::row(row, live.contains(&row.deployment.id), now)) } } })) }
        }
    }
}

fn foot(rows: &[DeploymentRow], before: Option<i64>, address: &str) -> Markup {
    let older = (rows.len() >= PAGE_COUNT as usize).then(|| rows.last().map(|row| format!("{address}?before={}", row.number))).flatten();
    let newest = before.map(|_| address.to_owned());
    html! { @if older.is_some() || newest.is_some() { (pager(&format!("{} shown, newest first", rows.len()), newest.as_deref(), older.as_deref())) } }
}

/// `GET /deployments`: those of the whole team.
pub async fn of_team(State(app): State<App>, session: Session, Query(query): Query<HashMap<String, String>>) -> Answer {
    let before = before(&query);
    let rows = app.ops.deployment_list(&session.scope, None, before, PAGE_COUNT).await?;
    let live = app.ops.deployments_live(&session.scope, None).await?;
    let about = Page { live: before.is_none().then(|| "deployments".into()), ..Page::of("Deployments", route::DEPLOYMENTS) };
    let content = html! {
        header .head { div .title { h1 { "Deployments" } div .actions { (filter("team-deployments", "Filter what is shown")) } } p .facts { span { "Of every application of the team, newest first." } } }
        (team(&rows, &live, session.now))
        (foot(&rows, before, route::DEPLOYMENTS))
    };
    app.page(&session, &about, content).await
}

/// The team's deployments; replaced by the live stream.
pub fn team(rows: &[DeploymentRow], live: &[DeploymentId], now: Timestamp) -> Markup {
    html! {
        div .card.rows id="team-deployments" {
            @if rows.is_empty() { (empty(Icon::Deploy, "Nothing was deployed yet", "Each attempt to make a release live appears here, with who asked and how it went.", html! {})) }
            @for row in rows { (view::team_row(row, live.contains(&row.deployment.id), now)) }
        }
    }
}
