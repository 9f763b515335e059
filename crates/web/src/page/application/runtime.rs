//! What runs: logs of the containers and a terminal in one of them.

use super::{head, view};
use crate::{
    App, assets,
    component::{
        Button, Icon, Mark, Tone,
        empty::empty,
        icon,
        log::{self, Clock, Line, Log},
        mark, notice,
    },
    error::{Answer, Failure},
    layout::Page,
    page::application::view::Head,
    route,
    security::Terminal,
    session::Session,
};
use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use maud::{Markup, html};
use model::ApplicationId;
use ops::{ContainerLine, LogRequest};
use std::collections::HashMap;

/// Lines a log page begins with.
const TAIL_LINES: u32 = 500;

/// `GET /applications/{id}/logs`. The lines come by the live stream; a page without script gets the last ones here.
pub async fn logs(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let head = head(&app, &session, id.clone()).await?;
    let request = LogRequest { tail: Some(TAIL_LINES), ..LogRequest::default() };
    let read = app.ops.container_logs(&session.scope, id.clone(), request).await;
    let about = |live, after| Page { live, live_after: after, ..view::page(&head, "Logs", None) };
    match read {
        Ok(stream) => {
            let lines: Vec<ContainerLine> = stream.filter_map(|line| async { line.ok() }).collect().await;
            let last = lines.iter().rev().find_map(|line| line.at).unwrap_or(session.now);
            let after = format!("{last}~{}", lines.len());
            let page = about(Some(format!("logs:{id}")), Some(after));
            app.page(&session, &page, view::frame(&head, "Logs", body(&head, &lines))).await
        }
        Err(error @ ops::Error::Unavailable { .. }) => {
            let content = notice(Tone::Warn, "The logs cannot be read now", html! { p .soft { (crate::component::field::capital(&error.to_string())) } });
            app.page(&session, &about(None, None), view::frame(&head, "Logs", content)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn body(head: &Head, lines: &[ContainerLine]) -> Markup {
    if !head.ever_deployed() {
        return html! { div .card { (empty(Icon::Log, "Nothing runs yet", "Once it is deployed, what its containers write appears here as it is written.", html! {})) } };
    }
    let replicas: Vec<u16> = (1..=head.application().settings.replicas).collect();
    let download = route::application_part(&head.application().id, "logs/download");
    log::log(&Log {
        lines: html! { @for (number, written) in (1..).zip(lines) { (line(number, written)) } },
        count: lines.len(),
        download: &download,
        steps: &[],
        replicas: &replicas,
        streams: true,
        live: true,
        failed: false,
        note: crate::time::zone_note(),
        nothing: "Nothing was written yet.",
    })
}

/// A line that a container wrote, numbered by its place on the page.
pub fn line(number: i64, written: &ContainerLine) -> Markup {
    let at = written.at.unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    log::line(&Line { number, at, text: &written.text, error: written.stream == "stderr", step: None, replica: replica(&written.container) }, Clock::Day)
}

/// The number at the end of a container's name.
fn replica(container: &str) -> Option<u16> {
    container.rsplit('-').next().and_then(|number| number.parse().ok())
}

/// `GET /applications/{id}/logs/download`: all that the engine kept, as text.
pub async fn download(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let row = app.ops.application_fetch(&session.scope, id.clone()).await?;
    let stream = app.ops.container_logs(&session.scope, id, LogRequest::default()).await?;
    let text = stream.map(|line| {
        line.map(|line| format!("{} {} {} {}\n", line.at.map(|at| at.to_string()).unwrap_or_default(), line.container, line.stream, line.text))
            .map_err(|error| std::io::Error::other(error.to_string()))
    });
    Ok(attachment(&format!("{}.log", row.application.slug), Body::from_stream(text)))
}

/// A text that browsers save.
pub fn attachment(name: &str, body: Body) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))];
    (headers, body).into_response()
}

/// `GET /applications/{id}/terminal`.
pub async fn terminal(State(app): State<App>, session: Session, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let head = head(&app, &session, id.clone()).await?;
    if !head.trusted {
        return Err(Failure(ops::Error::Forbidden { needs: ops::Needs::Role(model::Role::Admin) }));
    }
    let container = query.get("container").cloned().unwrap_or_default();
    let about = Page { style: Some(assets::TERMINAL_STYLE), script: Some(assets::TERMINAL_SCRIPT), ..view::page(&head, "Terminal", None) };
    let content = if head.ever_deployed() {
        screen(&id, &container)
    } else {
        html! { div .card { (empty(Icon::Terminal, "Nothing runs yet", "Once it is deployed, a terminal opens in its container.", html! {})) } }
    };
    let mut response = app.page(&session, &about, view::frame(&head, "Terminal", content)).await?;
    response.extensions_mut().insert(Terminal);
    Ok(response)
}

fn screen(id: &ApplicationId, container: &str) -> Markup {
    let socket = format!("{}?container={}", route::application_part(id, "terminal/socket"), route::encode(container));
    html! {
        section .card.log aria-labelledby="terminal-title" {
            div .tools {
                h2 .sr id="terminal-title" { "Terminal" }
                span .status id="terminal-status" data-status="waiting" role="status" { (mark(Mark::Waiting)) span { "The terminal needs JavaScript" } }
                button .btn.small type="button" id="terminal-again" hidden { (icon(Icon::Refresh)) "Connect again" }
                span .small.faint.push { "Shift Escape leaves the terminal" }
            }
            div .screen id="terminal" data-socket=(socket) {}
        }
        noscript { p .soft { "Without JavaScript: " code { "wharf exec APP -- sh" } } (Button::link("Logs", &route::application_part(id, "logs"))) }
    }
}
