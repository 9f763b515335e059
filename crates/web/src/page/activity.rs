//! Activity: who did that?

use crate::{
    App,
    component::{Icon, empty::empty, filter::filter, icon, pager::pager},
    error::Answer,
    layout::{Crumb, Page},
    route,
    session::Session,
    time,
};
use axum::extract::{Query, State};
use jiff::Timestamp;
use maud::{Markup, html};
use model::Event;
use std::collections::HashMap;

/// Events on one page.
const PAGE_COUNT: u32 = 100;

/// `GET /activity`.
pub async fn show(State(app): State<App>, session: Session, Query(query): Query<HashMap<String, String>>) -> Answer {
    let before = query.get("before").and_then(|id| id.parse().ok());
    let events = app.ops.events_before(&session.scope, before, None, PAGE_COUNT).await?;
    let about = Page {
        title: "Activity".into(),
        crumbs: vec![Crumb::plain("Activity", route::ACTIVITY)],
        place: route::ACTIVITY.into(),
        live: before.is_none().then(|| "activity".into()),
        ..Page::default()
    };
    let older = (events.len() >= PAGE_COUNT as usize).then(|| events.last().map(|event| format!("{}?before={}", route::ACTIVITY, event.id))).flatten();
    let newest = before.map(|_| route::ACTIVITY);
    let content = html! {
        header .head { div .title { h1 { "Activity" } div .actions { (filter("events", "Filter what is shown")) } } }
        (rows(&events, session.now))
        @if older.is_some() || newest.is_some() { (pager(&format!("{} shown, newest first", events.len()), newest, older.as_deref())) }
    };
    app.page(&session, &about, content).await
}

/// The events; replaced by the live stream.
pub fn rows(events: &[Event], now: Timestamp) -> Markup {
    html! {
        ul .card.rows id="events" {
            @if events.is_empty() { li { (empty(Icon::Activity, "Nothing happened yet", "Who changed what, and what Wharf did by itself, is kept here.", html! {})) } }
            @for event in events {
                li .row data-row {
                    (icon(shape(&event.kind)))
                    p .clip { (event.sentence) @if !event.sentence.contains(&event.actor) { span .small.faint { " by " (event.actor) } } }
                    span .push.row {
                        @if let Some(deployment) = &event.deployment { a .small href=(route::deployment(deployment)) { "deployment" } }
                        @else if let Some(application) = &event.application { a .small href=(route::application(application)) { "application" } }
                        (time::relative(event.at, now))
                    }
                }
            }
        }
    }
}

fn shape(kind: &str) -> Icon {
    match kind.split('.').next().unwrap_or_default() {
        "deployment" => Icon::Deploy,
        "application" => Icon::App,
        "project" | "environment" => Icon::Project,
        "variable" | "key" => Icon::Key,
        "server" => Icon::Server,
        "token" => Icon::Shield,
        _ => Icon::Activity,
    }
}
