//! Servers: can they carry it, is it fit?

use crate::{
    App,
    app::{form_status, fragment},
    component::{
        Button, Field, Icon, Mark, Tone, card,
        checklist::{Check, checklist},
        facts, field,
        field::capital,
        icon, notice, status, status_big,
        table::{Column, table},
    },
    error::{Answer, Failure},
    form::Typed,
    layout::{self, Crumb, Page},
    page::{environment, machine, settings::view::of},
    route,
    session::{self, Session},
    time, unit,
};
use axum::extract::{Path, State};
use maud::{Markup, html};
use model::{Server, ServerId, edge::EdgeStatus};
use ops::{ApplicationItem, EngineDown, Finding, Report, ServerPatch};

/// `GET /servers`.
pub async fn list(State(app): State<App>, session: Session) -> Answer {
    let scope = &session.scope;
    let (servers, applications, down) = tokio::try_join!(app.ops.server_list(scope), app.ops.application_rows(scope, None), app.ops.engines_down(scope))?;
    let content = html! {
        (layout::head("Servers", "Machines with a container engine."))
        div .card.rows { @for server in &servers {
            (row(server, &state(&down, &server.id), applications.iter().filter(|row| row.server == server.id).count()))
        } }
    };
    app.page(&session, &Page::of("Servers", route::SERVERS), content).await
}

/// Whether a server's engine answers.
pub fn state(down: &[EngineDown], server: &ServerId) -> Markup {
    match down.iter().find(|down| down.server == *server) {
        Some(down) => status(Mark::Unreachable, html! { "Engine out of reach since " (time::hour(down.since)) }),
        None => status(Mark::Running, "Running"),
    }
}

fn row(server: &Server, state: &Markup, applications: usize) -> Markup {
    html! {
        a .row.server href=(route::server(&server.id)) {
            (icon(Icon::Server)) b { (server.name) } span .small.faint.clip { (server.address) }
            (machine::load_asked(&server.id))
            span .push { (state) }
            span .small.faint.num { (unit::count(applications, "application", "applications")) }
        }
    }
}

/// `GET /servers/{id}`.
pub async fn show(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    page(&app, &session, ops::known("server", &id)?, None).await
}

/// `GET /servers/{id}/load`: how full it is, asked for by lists once they are there.
pub async fn load(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let id: ServerId = ops::known("server", &id)?;
    let part = match known(app.ops.server_facts(&session.scope, id.clone()).await)? {
        Ok(machine) => machine::load(&id, &machine),
        Err(why) => html! { p .load.small.faint { (capital(&why)) } },
    };
    Ok(fragment(part))
}

/// Programs that a fix begins with where it is a command, not a sentence.
const PROGRAMS: [&str; 5] = ["apt-get ", "chmod ", "docker ", "systemctl ", "timedatectl "];

fn is_command(fix: &str) -> bool {
    PROGRAMS.iter().any(|program| fix.starts_with(program))
}

/// `POST /servers/{id}/edit`.
pub async fn edit(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ServerId = ops::known("server", &id)?;
    let text = |name: &str| typed.has(name).then(|| typed.get(name).to_owned());
    let patch = ServerPatch { name: text("name"), description: text("description"), wildcard: text("wildcard") };
    match app.ops.server_update(&session.scope, id.clone(), patch).await {
        Ok(()) => Ok(session::done(&route::server(&id), "Saved")),
        Err(error) => page(&app, &session, id, Some(typed.with_faults(Failure(error).faults()?))).await,
    }
}

/// What can be said now, or why it cannot.
fn known<T>(read: Result<T, ops::Error>) -> Result<Result<T, String>, Failure> {
    match read {
        Ok(value) => Ok(Ok(value)),
        Err(ops::Error::Unavailable { why, .. }) => Ok(Err(why)),
        Err(error) => Err(error.into()),
    }
}

async fn page(app: &App, session: &Session, id: ServerId, typed: Option<Typed>) -> Answer {
    let scope = &session.scope;
    let server = app.ops.server_fetch(scope, id.clone()).await?;
    let rows = app.ops.server_applications(scope, id.clone()).await?;
    let machine = known(app.ops.server_facts(scope, id.clone()).await)?;
    let edge = known(app.ops.edge_status(scope, id.clone()).await)?;
    let (reports, findings) = if session.writes() { (app.ops.reconcilers(scope).await?, app.ops.doctor(scope).await?) } else { (Vec::new(), Vec::new()) };
    let items: Vec<ApplicationItem> =
        app.ops.application_list(scope, None).await?.into_iter().filter(|item| rows.iter().any(|row| row.application.id == item.row.application.id)).collect();
    let shown =
        typed.unwrap_or_else(|| Typed::default().with("name", &server.name).with("description", &server.description).with("wildcard", &server.wildcard));
    let about = Page {
        title: server.name.to_string(),
        crumbs: vec![Crumb::plain("Servers", route::SERVERS), Crumb::plain(server.name.as_str(), route::server(&id))],
        place: route::SERVERS.into(),
        ..Page::default()
    };
    let content = html! {
        (head(&server, machine.as_ref().is_ok_and(|machine| machine.engine_down.is_none())))
        @match &machine { Ok(machine) => (machine::usage(machine)), Err(why) => (notice(Tone::Warn, "The machine cannot be looked at", html! { p .soft { (capital(why)) } })) }
        div .cols {
            div .stack {
                @if !findings.is_empty() { (checks(&findings)) }
                @if !reports.is_empty() { (reconcilers(&reports, session)) }
            }
            aside .stack { (edge_card(&edge)) @if let Ok(machine) = &machine { (machine::about(machine)) } }
        }
        (card("resources", "Applications here", html! { span .small.faint { (unit::count(items.len(), "application", "applications")) } }, html! {
            @if items.is_empty() { p .body.soft { "Nothing runs here yet." } }
            @else { div .rows.resources { @for item in &items { (environment::resource(item, session)) } } }
        }))
        @if session.writes() { (form(&server, &shown)) }
    };
    app.page_with(form_status(&shown), session, &about, content).await
}

fn head(server: &Server, answers: bool) -> Markup {
    html! {
        header .head {
            div .title {
                h1 { (server.name) }
                @if answers { (status_big("server-status", Mark::Running, "Running")) } @else { (status_big("server-status", Mark::Unreachable, "Engine out of reach")) }
                div .actions { (Button::link("Check again", &route::server(&server.id)).icon(Icon::Refresh)) }
            }
            p .facts { span { (icon(Icon::Server)) (server.address) } span { (icon(Icon::Globe)) "*." (server.wildcard) } @if !server.description.is_empty() { span { (server.description) } } }
        }
    }
}

fn checks(findings: &[Finding]) -> Markup {
    let bad = findings.iter().filter(|finding| !finding.well).count();
    let end = if bad == 0 { status(Mark::Done, "all passed") } else { status(Mark::Degraded, format!("{bad} of {} need you", findings.len())) };
    let check = |finding: &Finding| Check {
        asked: finding.what.clone(),
        found: finding.sentence.clone(),
        word: if finding.well { "passed".into() } else { "needs you".into() },
        passed: finding.well,
        fix: finding.fix.as_deref().filter(|fix| !is_command(fix)).map(capital),
        command: finding.fix.clone().filter(|fix| is_command(fix)),
    };
    card("checks", "Checks", html! { span .end { (end) } }, checklist(&findings.iter().map(check).collect::<Vec<_>>()))
}

fn reconcilers(reports: &[Report], session: &Session) -> Markup {
    let rows = html! {
        @for report in reports {
            tr {
                td data-wide { b { (report.purpose) } div .small.faint { (report.name) } }
                td data-wide { (outcome(report)) }
                td { @if let Some(at) = report.at { (time::relative(at, session.now)) } @else { span .small.faint { "not yet" } } }
            }
        }
    };
    card(
        "reconcilers",
        "What Wharf keeps true by itself",
        html! {},
        table("reconciler-rows", &[Column::Word("What"), Column::Word("Last report"), Column::Figure("When")], rows),
    )
}

fn outcome(report: &Report) -> Markup {
    match (&report.problem, report.changed.as_slice(), report.at) {
        (Some(problem), ..) => html! { (status(Mark::Degraded, "could not")) " " span .small.soft { (capital(problem)) } },
        (None, _, None) => html! { (status(Mark::Waiting, "not yet")) },
        (None, [], _) => html! { (status(Mark::Done, "nothing to do")) },
        (None, changed, _) => {
            html! { (status(Mark::Done, "done")) " " span .small.soft { (capital(&changed.join("; "))) } }
        }
    }
}

fn edge_card(edge: &Result<EdgeStatus, String>) -> Markup {
    let content = match edge {
        Ok(edge) => facts(&[
            ("State", status(Mark::Running, "Running")),
            ("Version", html! { (edge.version) }),
            ("Up", html! { (unit::duration(i64::try_from(edge.uptime_seconds).unwrap_or(i64::MAX / 1000) * 1000)) }),
            ("Ports", html! { (edge.http_port) " and " (edge.https_port) }),
            ("Table", html! { "generation " (edge.generation) }),
            (
                "Visitors",
                html! { (unit::count(usize::try_from(edge.connections).unwrap_or_default(), "connection", "connections")) ", " (edge.in_flight.values().sum::<u64>()) " in flight" },
            ),
        ]),
        Err(why) => html! { div .body.stack { (status(Mark::Unknown, "Unknown")) p .small.soft { (why) } } },
    };
    card("edge", "Edge", html! { span .small.faint { "the built-in proxy" } }, content)
}

fn form(server: &Server, typed: &Typed) -> Markup {
    card(
        "edit",
        "Server",
        html! {},
        html! {
            form method="post" action=(route::server_part(&server.id, "edit")) data-draft="server" {
                div .body.form-grid {
                    (field::text(&Field { required: true, ..of(typed, "name", "Name", "") }))
                    (field::text(&of(typed, "description", "What it is for", "")))
                    (field::text(&Field { mono: true, required: true, ..of(typed, "wildcard", "Wildcard domain", "New applications get a name under it. Its DNS must lead here.") }))
                }
                footer { (Button::submit("Save").working("Saving ...")) }
            }
        },
    )
}
