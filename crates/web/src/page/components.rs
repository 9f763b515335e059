//! The parts and their states on one page, for those who build pages; in debug builds only.

use crate::{
    App,
    app::fragment,
    component::{
        Button, Field, Icon, Item, Mark, Question, Tone, badge,
        button::Look,
        card, changes,
        checklist::{Check, checklist},
        copy_code, danger,
        dialog::{dialog, steps},
        diff::{Difference, Sign, diff},
        empty::empty,
        field, icon,
        log::{self, Clock, Line, Log},
        menu,
        metric::{Metric, meter, metrics},
        notice,
        notice::excerpt,
        pager::pager,
        plan::{Progress, Progressing, plan, track},
        skeleton::skeleton,
        status,
        table::{Column, table},
        tabs::segments,
        toast::toast,
    },
    error::Answer,
    layout::{self, Page, Viewer},
    session::Session,
};
use axum::extract::State;
use jiff::{Timestamp, ToSpan};
use maud::{Markup, html};
use model::{Plan, Step, StepState};
use std::collections::BTreeMap;

/// `GET /components`.
pub async fn show(State(app): State<App>, session: Session) -> Answer {
    Ok(fragment(page(&app.viewer(&session).await?)))
}

/// The page.
fn page(viewer: &Viewer) -> Markup {
    let about = Page { title: "Components".into(), crumbs: vec![layout::Crumb::plain("Components", "/components")], ..Page::default() };
    layout::page(viewer, &about, content(viewer.now))
}

/// Every part.
pub fn content(now: Timestamp) -> Markup {
    html! {
        header .head {
            div .title { h1 { "Components" } }
            p .facts { span { "The parts, in the states that pages show." } }
        }
        (card("c-button", "Button", html! {}, buttons()))
        (card("c-status", "Status and badge", html! {}, statuses()))
        (card("c-field", "Field", html! {}, fields()))
        (card("c-table", "Table", html! {}, tables()))
        (card("c-metric", "Metric", html! {}, figures()))
        (card("c-diff", "Diff", html! {}, differences()))
        (card("c-checks", "Checklist", html! {}, checks()))
        (deployment(now))
        (card("c-loading", "Loading", html! {}, skeleton(2, "Reading the list of backups")))
        (card("c-empty", "Empty", html! {}, empty(Icon::App, "No application yet", "Give it a repository and it gets an address.", html! { (Button::link("New application", "/new").primary()) })))
        (notice(Tone::Warn, "This name does not lead here yet", html! { p .soft { "Add an A record for app.example.com." } }))
        (notice(Tone::Bad, "The image could not be built", html! { p .soft { "npm ended with 1." } (excerpt("npm error code E404")) }))
        (danger::danger(&[danger::Act { title: "Delete web", consequence: "Its containers, volumes and releases go.", button: html! { (Button::dialog("Delete ...", "c-delete").danger()) } }]))
        (delete())
        div .demo { (toast(Mark::Done, "Removed LEGACY_PDF", html! { button .btn.small.push type="button" { "Undo" } })) }
        (changes::not_live("c-changes", &["LOG_LEVEL".into(), "port".into()], "#", Some(("c-delete", "#"))))
    }
}

fn buttons() -> Markup {
    html! {
        div .body.stack {
            div .row.wrap {
                (Button::submit("Deploy").primary().icon(Icon::Deploy)) (Button::submit("Restart")) (Button::submit("Discard").quiet())
                (Button::dialog("Stop ...", "c-delete").danger()) (Button::submit("Delete web").look(Look::DangerPrimary))
            }
            div .row.wrap {
                (Button::submit("Small").small()) (Button::submit("More actions").icon(Icon::Dots).alone()) (Button::link("A link", "#"))
                (menu("c-menu", "Actions for web", &[Item::Link(Icon::Undo, "Roll back ...", "#".into()), Item::Line, Item::Danger(Icon::Stop, "Stop ...", "c-delete")]))
                (segments("Edit as", &[("Table", "#".into(), true), ("Text", "#".into(), false)]))
            }
        }
    }
}

fn statuses() -> Markup {
    let states = [
        (Mark::Running, "Running"),
        (Mark::Deploying, "Deploying"),
        (Mark::Degraded, "Degraded, 2 of 3"),
        (Mark::Exited, "Exited (137)"),
        (Mark::Stopped, "Stopped"),
        (Mark::Unknown, "Unknown since 10:16"),
        (Mark::Unreachable, "Unreachable"),
        (Mark::Waiting, "Waiting"),
        (Mark::Done, "Passed"),
        (Mark::Skipped, "Skipped"),
        (Mark::Past, "Replaced"),
        (Mark::Failed, "Failed"),
    ];
    html! {
        div .body.stack {
            div .row.wrap.gallery { @for (mark, word) in states { (status(mark, word)) } }
            div .row.wrap {
                (badge(Tone::Plain, "neutral")) (badge(Tone::Accent, "preview")) (badge(Tone::Ok, "TLS, 71 d left")) (badge(Tone::Warn, "not live")) (badge(Tone::Bad, "expired"))
                (copy_code("ssh wharf@203.0.113.24", "the command"))
            }
        }
    }
}

fn fields() -> Markup {
    let packs = [("dockerfile".to_owned(), "Dockerfile".to_owned()), ("static".to_owned(), "Static files".to_owned())];
    html! {
        form .body.form-grid data-draft="components" {
            (field::text(&Field { name: "c-name", label: "Name", value: "web", hint: "Others reach it under this name.", ..Field::default() }))
            (field::text(&Field { name: "c-port", label: "Port", value: "99999", error: Some("a port is a number from 1 to 65535"), ..Field::default() }))
            (field::select(&Field { name: "c-pack", label: "Build pack", value: "static", ..Field::default() }, &packs))
            (field::switch(&Field { name: "c-push", label: "Deploy on push", hint: "Every push to main deploys.", ..Field::default() }, true))
            (field::area(&Field { name: "c-command", label: "Command before", value: "npm run migrate", wide: true, ..Field::default() }, 2))
            (field::checks("c-ability", "May", &[("read", "read", "all but secrets", true), ("deploy", "deploy", "", false)], None))
        }
    }
}

fn tables() -> Markup {
    let rows = html! {
        tr { td { span .row { (icon(Icon::App)) b { "web" } } } td { (status(Mark::Running, "Running")) } td .end data-hide { "206 MB" } td {} }
        tr { td { span .row { (icon(Icon::App)) b { "worker" } } } td { (status(Mark::Exited, "Exited (137)")) } td .end data-hide { "0 B" } td {} }
    };
    html! {
        (table("c-rows", &[Column::Word("Application"), Column::Word("Status"), Column::Figure("Memory"), Column::Actions], rows))
        (pager("1 to 2 of 212", None, Some("#")))
    }
}

fn figures() -> Markup {
    let points: Vec<Option<f64>> = (0..60).map(|at| if (20..24).contains(&at) { None } else { Some(40.0 + f64::from(at % 13)) }).collect();
    let metric = |label, figure: &str, unit: &str| Metric {
        label,
        figure: figure.into(),
        unit: unit.into(),
        summary: "between 40 and 52".into(),
        points: &points,
        ceiling: Some(100.0),
        marks: &[40],
    };
    html! {
        (metrics("c-metrics", &[metric("CPU", "38", "% of 2 cores"), metric("Memory", "412", "MB of 512 MB")]))
        div .body { (meter(38)) (meter(91)) }
    }
}

fn differences() -> Markup {
    let row = |sign, key: &str, before: Option<&str>, after: Option<&str>| Difference {
        key: key.into(),
        before: before.map(Into::into),
        after: after.map(Into::into),
        secret: before.or(after).is_none(),
        sign,
    };
    diff(&[
        row(Sign::Changed, "LOG_LEVEL", Some("info"), Some("debug")),
        row(Sign::Added, "PDF_WORKERS", None, Some("4")),
        row(Sign::Removed, "LEGACY_PDF", Some("true"), None),
        row(Sign::Changed, "variable TOKEN", None, None),
    ])
}

fn checks() -> Markup {
    checklist(&[
        Check { asked: "Engine 28.5 answers".into(), found: "API 1.51".into(), word: "passed, 9 ms".into(), passed: true, ..Check::default() },
        Check {
            asked: "Port 80 is free".into(),
            found: "nginx listens on it".into(),
            word: "needs you".into(),
            fix: Some("Stop it, or start Wharf with another port.".into()),
            command: Some("systemctl disable --now nginx".into()),
            ..Check::default()
        },
    ])
}

fn delete() -> Markup {
    let question = Question {
        id: "c-delete",
        title: "Delete web?",
        action: "#",
        keep: "Keep web",
        act: "Delete web",
        working: "Deleting ...",
        confirm: Some("web"),
        danger: true,
    };
    dialog(&question, steps(&[html! { "Its routes are taken away." }, html! { "2 containers stop." }]))
}

fn example() -> Option<Plan> {
    Some(Plan {
        summary: "Release 44 replaces release 42".into(),
        prepare: vec![
            Step::EnsureNetwork { network: "wharf".into() },
            Step::PullImage { reference: "nginx:1.27".parse().ok()?, credential: None, tag: "wharf/web:44".into() },
        ],
        cutover: vec![Step::HoldRequests],
        cleanup: vec![Step::RemoveImages { tags: vec!["wharf/web:37".into()] }],
        undo: vec![],
    })
}

fn deployment(now: Timestamp) -> Markup {
    let Some(example) = example() else { return html! {} };
    let start = now.checked_sub(66.seconds()).unwrap_or(now);
    let at = |seconds: i64| start.checked_add(seconds.seconds()).unwrap_or(start);
    let progress = BTreeMap::from([
        (0, Progress { state: Some(StepState::Skipped), ..Progress::default() }),
        (1, Progress { state: Some(StepState::Running), started: Some(at(54)), ..Progress::default() }),
    ]);
    let view = Progressing { plan: &example, progress: &progress, undone: false, keeps: Some("release 42"), now };
    let lines = ["Pulling nginx:1.27", "\u{1b}[32m9 of 12 layers are here\u{1b}[0m", "layer 10 could not be read, asking again"];
    let log = Log {
        lines: html! {
            (log::part(1, "Pull nginx:1.27", "running"))
            @for (number, text) in (1..).zip(lines) {
                (log::line(&Line { number, at: at(50 + number), text, error: number == 3, step: Some(1), replica: None }, Clock::Since(start)))
            }
        },
        count: 3,
        download: "#",
        steps: &[(1, "Pull nginx:1.27".into())],
        replicas: &[],
        streams: false,
        live: true,
        failed: false,
        note: html! {},
        nothing: "Nothing was written yet.",
    };
    html! { (track("c-track", &view)) div .deploy-cols { (plan(&view)) (log::log(&log)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_looks_as_agreed() {
        insta::assert_snapshot!(content(Timestamp::UNIX_EPOCH).into_string().replace("><", ">\n<"));
    }

    #[test]
    fn no_part_carries_a_style_or_a_script_inline() {
        let markup = content(Timestamp::UNIX_EPOCH).into_string();
        for banned in [" style=", "<script", "<style", " onclick=", "javascript:"] {
            assert!(!markup.contains(banned), "{banned}");
        }
    }
}
