//! Releases: what was live, and what would differ.

use super::{head, overview::differences, view};
use crate::{
    App,
    component::{
        Button, Field, Icon, Question, Tone, badge, card, dialog,
        diff::diff,
        empty::empty,
        field,
        table::{Column, table},
    },
    error::{Answer, Failure},
    page::application::view::Head,
    route,
    session::Session,
    time, unit,
};
use axum::extract::{Path, Query, State};
use maud::{Markup, html};
use model::{ApplicationId, ReleaseId};
use ops::ReleaseItem;
use std::collections::HashMap;

/// Releases on the page.
const RELEASES_COUNT: u32 = 100;

/// `GET /applications/{id}/releases`.
pub async fn list(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let (head, releases) = (head(&app, &session, id.clone()).await?, app.ops.release_list(&session.scope, id.clone(), RELEASES_COUNT).await?);
    let about = view::page(&head, "Releases", None);
    let kept = unit::count(usize::from(head.application().settings.keep_releases), "image is", "images are");
    let content = html! {
        @if releases.is_empty() { div .card { (empty(Icon::Stack, "No release yet", "Each deployment freezes source, settings and variables as a release that can come back.", html! {})) } }
        @else { (card("releases", "Releases", html! { span .small.faint { "the last " (kept) " kept" } }, rows(&head, &releases, &session))) }
        @if let [newest, before, ..] = releases.as_slice() {
            @let from = releases.iter().find(|release| release.live && release.number != newest.number).unwrap_or(before);
            (card("compare", "Compare two releases", html! {}, chooser(&id, &releases, from.number, newest.number)))
        }
        (view::not_live(&head))
    };
    app.page(&session, &about, view::frame(&head, "Releases", content)).await
}

fn rows(head: &Head, releases: &[ReleaseItem], session: &Session) -> Markup {
    let id = &head.application().id;
    let rows = html! {
        @for (at, release) in releases.iter().enumerate() {
            tr id={ "release-" (release.number) } {
                td { b { (release.number) } @if release.live { " " (badge(Tone::Ok, "live")) } }
                td data-wide {
                    @if let Some(commit) = &release.commit { code .small { (commit.short()) } " " }
                    (release.commit_message.as_deref().unwrap_or("made from the settings"))
                }
                td data-hide { @if release.image.is_some() { "kept" } @else { span .faint { "removed" } } }
                td { (time::relative(release.created, session.now)) }
                td { div .row.acts {
                    @if let Some(before) = releases.get(at + 1) {
                        (Button::link("What changed", &route::compare(id, before.number, release.number)).small().quiet())
                    }
                    @if !release.live && head.ever_deployed() && release.can_roll_back && session.writes() { (Button::link("Roll back ...", &route::rollback(id, &release.id)).small()) }
                } }
            }
        }
    };
    table("release-rows", &[Column::Word("Release"), Column::Word("What"), Column::Word("Image"), Column::Word("Made"), Column::Actions], rows)
}

/// Two releases to choose; the address keeps the choice.
fn chooser(id: &ApplicationId, releases: &[ReleaseItem], from: i64, to: i64) -> Markup {
    let words = |release: &ReleaseItem| {
        let live = if release.live { ", live" } else { "" };
        format!("{}{live}: {}", release.number, release.commit_message.as_deref().unwrap_or("made from the settings"))
    };
    let choices: Vec<(String, String)> = releases.iter().map(|release| (release.number.to_string(), words(release))).collect();
    let (from, to) = (from.to_string(), to.to_string());
    html! {
        form .body.inline-form method="get" action=(route::application_part(id, "compare")) {
            (field::select(&Field { name: "from", label: "From release", value: &from, ..Field::default() }, &choices))
            (field::select(&Field { name: "to", label: "To release", value: &to, ..Field::default() }, &choices))
            (Button::submit("Compare"))
        }
    }
}

/// `GET /applications/{id}/compare?from=<number>&to=<number>`: what differs from one release to another.
pub async fn compare(State(app): State<App>, session: Session, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let head = head(&app, &session, id.clone()).await?;
    let releases = app.ops.release_list(&session.scope, id.clone(), RELEASES_COUNT).await?;
    let named = |name: &str| {
        let number: Option<i64> = query.get(name).and_then(|text| text.parse().ok());
        releases.iter().find(|item| Some(item.number) == number).ok_or_else(|| Failure::missing("release"))
    };
    let (from, to) = (named("from")?, named("to")?);
    let changes = app.ops.release_compare(&session.scope, id.clone(), from.id.clone(), to.id.clone()).await?;
    let title = format!("From release {} to release {}", from.number, to.number);
    let about = view::page(&head, &title, None);
    let rollback = |item: &ReleaseItem| (item.can_roll_back && !item.live && session.writes()).then(|| route::rollback(&id, &item.id));
    let content = html! {
        (card("compare", "Compare two releases", html! {}, chooser(&id, &releases, from.number, to.number)))
        (card("diff", &title, commits(from, to), diff(&differences(&changes))))
        div .row.wrap {
            @if let Some(address) = rollback(to) { (Button::link(&format!("Roll back to release {} ...", to.number), &address).icon(Icon::Undo)) }
            (Button::link("The other way round", &route::compare(&id, to.number, from.number)).quiet())
            (Button::link("All releases", &route::application_part(&id, "releases")).quiet())
        }
    };
    app.page(&session, &about, view::frame(&head, "Releases", content)).await
}

/// The commits of two releases, where both have one.
fn commits(from: &ReleaseItem, to: &ReleaseItem) -> Markup {
    html! {
        @if let (Some(before), Some(after)) = (&from.commit, &to.commit) {
            span .small.faint { @if before == after { "same commit " code { (after.short()) } } @else { "commit " code { (before.short()) } " to " code { (after.short()) } } }
        }
    }
}

/// `GET /applications/{id}/releases/{release}/rollback`: what would differ from what is live, then the act.
pub async fn rollback(State(app): State<App>, session: Session, Path((id, release)): Path<(String, String)>) -> Answer {
    let (id, release): (ApplicationId, ReleaseId) = (ops::known("application", &id)?, ops::known("release", &release)?);
    let head = head(&app, &session, id.clone()).await?;
    let releases = app.ops.release_list(&session.scope, id.clone(), RELEASES_COUNT).await?;
    let wanted = releases.iter().find(|item| item.id == release).ok_or_else(|| Failure::missing("release"))?;
    let changes = app.ops.rollback_preview(&session.scope, id.clone(), release.clone()).await?;
    let title = format!("Release {} beside what is live", wanted.number);
    let about = view::page(&head, &title, None);
    let from = head.page.live.as_ref().map(|live| format!("from release {} to release {}", live.number, wanted.number)).unwrap_or_default();
    let content = html! {
        (card("diff", &title, html! { span .small.faint { (from) } }, diff(&differences(&changes))))
        @if wanted.can_roll_back && session.writes() {
            div .row.wrap {
                (Button::dialog(&format!("Roll back to release {} ...", wanted.number), "rollback").primary().icon(Icon::Undo))
                (Button::link("All releases", &route::application_part(&id, "releases")).quiet())
            }
            (ask(&head, wanted))
        } @else if wanted.image.is_none() { p .soft { "Its image is no longer kept, so it cannot come back as it was. Deploy its commit instead." } }
    };
    app.page(&session, &about, view::frame(&head, "Releases", content)).await
}

fn ask(head: &Head, wanted: &ReleaseItem) -> Markup {
    let (title, act) = (format!("Roll back to release {}?", wanted.number), format!("Roll back to release {}", wanted.number));
    let action = route::rollback(&head.application().id, &wanted.id);
    let question = Question {
        id: "rollback",
        title: &title,
        action: &action,
        keep: "Keep what is live",
        act: &act,
        working: "Rolling back ...",
        confirm: None,
        danger: false,
    };
    dialog(
        &question,
        crate::component::dialog::steps(&[
            html! { "Containers of release " (wanted.number) " start beside those that serve, with its image, settings and variables." },
            html! { "Once they are healthy, the routes are switched; nothing is lost." },
            html! { "Your saved settings and variables stay as they are: they would go live with the next deployment." },
        ]),
    )
}
