//! Activity: who did that?

use crate::{
    App,
    component::{Icon, Mark, empty::empty, filter::filter, icon, pager::pager, status_mark},
    error::{Answer, Failure},
    layout::Page,
    route,
    session::Session,
    time,
};
use axum::extract::{Query, State};
use jiff::Timestamp;
use maud::{Markup, html};
use model::{ApplicationId, Event};
use std::collections::HashMap;

/// Who acts where nobody asked; not worth saying on every line.
const WHARF: &str = "Wharf";
/// Events on one page.
const PAGE_COUNT: u32 = 100;

/// `GET /activity`.
pub async fn show(State(app): State<App>, session: Session, Query(query): Query<HashMap<String, String>>) -> Answer {
    let before = query.get("before").and_then(|id| id.parse().ok());
    let (events, rows) = newest(&app, &session, before).await?;
    let about = Page { live: before.is_none().then(|| "activity".into()), ..Page::of("Activity", route::ACTIVITY) };
    let older = (events.len() >= PAGE_COUNT as usize).then(|| events.last().map(|event| format!("{}?before={}", route::ACTIVITY, event.id))).flatten();
    let newest = before.map(|_| route::ACTIVITY);
    let content = html! {
        header .head { div .title { h1 { "Activity" } div .actions { (filter("events", "Filter what is shown")) } } }
        (rows)
        @if older.is_some() || newest.is_some() { (pager(&format!("{} shown, newest first", events.len()), newest, older.as_deref())) }
    };
    app.page(&session, &about, content).await
}

/// Events before a number, or the newest, and how they are shown; replaced by the live stream.
pub async fn newest(app: &App, session: &Session, before: Option<i64>) -> Result<(Vec<Event>, Markup), Failure> {
    let scope = &session.scope;
    let (events, applications) = tokio::try_join!(app.ops.events_before(scope, before, None, PAGE_COUNT), app.ops.application_rows(scope, None))?;
    let names = applications.into_iter().map(|row| (row.application.id, row.application.name.to_string())).collect();
    let shown = rows(&events, &names, session.now);
    Ok((events, shown))
}

fn rows(events: &[Event], names: &HashMap<ApplicationId, String>, now: Timestamp) -> Markup {
    html! {
        ul .card.rows id="events" {
            @if events.is_empty() { li { (empty(Icon::Activity, "Nothing happened yet", "Who changed what, and what Wharf did by itself, is kept here.", html! {})) } }
            @for event in events {
                li .row data-row {
                    (shape(event))
                    @let name = event.application.as_ref().and_then(|id| names.get(id));
                    p .said {
                        @let address = event.application.as_ref().filter(|_| name.is_some()).map(route::application);
                        @if let (Some(name), Some(address)) = (name.filter(|name| !event.sentence.contains(name.as_str())), &address) {
                            b { a .plain href=(address) { (name) } } " "
                        }
                        @if let Some(address) = event.deployment.as_ref().map(route::deployment).or(address) { a .plain href=(address) { (event.sentence) } }
                        @else { (event.sentence) }
                        @if event.actor != WHARF && !event.sentence.contains(&event.actor) { span .small.faint { " by " (event.actor) } }
                    }
                    span .push { (time::relative(event.at, now)) }
                }
            }
        }
    }
}

/// How it ended, where it did; else what it is about.
fn shape(event: &Event) -> Markup {
    let ended = (event.kind == "deployment.ended").then(|| event.sentence.rsplit(' ').next()).flatten();
    match ended {
        Some("failed") => status_mark(Mark::Failed, "failed"),
        Some("finished") => status_mark(Mark::Done, "finished"),
        _ => icon(about(&event.kind)),
    }
}

fn about(kind: &str) -> Icon {
    match kind.split('.').next().unwrap_or_default() {
        "deployment" => Icon::Deploy,
        "application" => Icon::App,
        "project" | "environment" => Icon::Project,
        "variable" | "key" => Icon::Key,
        "server" => Icon::Server,
        "account" | "team" => Icon::Users,
        "token" => Icon::Shield,
        _ => Icon::Activity,
    }
}
