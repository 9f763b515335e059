//! The account: is my door locked?

use crate::{
    App,
    app::form_status,
    component::{
        Button, Field, Icon, Question, Tone, badge, card, dialog, field, icon,
        table::{Column, table},
    },
    error::{Answer, Failure},
    form::Typed,
    layout::Page,
    route,
    session::{self, Session},
    time,
};
use axum::extract::{Path, State};
use maud::{Markup, html};
use model::{Secret, SessionId};
use ops::{AccountForm, SessionRow};

/// `GET /account`.
pub async fn show(State(app): State<App>, session: Session) -> Answer {
    page(&app, &session, &owned(&session), &Typed::default()).await
}

/// What the form of the account shows before anything was typed.
fn owned(session: &Session) -> Typed {
    Typed::default().with("name", &session.user.name).with("email", &session.user.email)
}

/// The page with what was typed into its two forms.
async fn page(app: &App, session: &Session, you: &Typed, secret: &Typed) -> Answer {
    let sessions = app.ops.session_list(&session.scope).await?;
    let content = html! {
        header .head { div .title { h1 { (session.user.name) } } p .facts { span { (icon(Icon::Users)) (session.role()) } span { (session.user.email) } } }
        (card("you", "You", html! {}, identity(you)))
        (card("password-card", "Password", html! {}, password(secret)))
        (card("sessions", "Where you are signed in", html! {}, session_table(session, &sessions)))
    };
    let status = form_status(if you.faults().is_empty() { secret } else { you });
    app.page_with(status, session, &Page::of("Account", route::ACCOUNT), content).await
}

fn session_table(session: &Session, sessions: &[SessionRow]) -> Markup {
    let rows = html! {
        @for row in sessions {
            tr {
                td data-wide { b { (browser(&row.agent)) } @if row.id == session.id { " " (badge(Tone::Accent, "this one")) } div .small.faint.clip title=(row.agent) { (row.agent) } }
                td { (row.address) }
                td { (time::inline(row.last_seen, session.now)) }
                td { @if row.id != session.id { (Button::dialog("End ...", &format!("end-{}", row.id)).small()) } }
            }
        }
    };
    html! {
        (table("session-rows", &[Column::Word("Browser"), Column::Word("Address"), Column::Word("Last used"), Column::Actions], rows))
        @for row in sessions.iter().filter(|row| row.id != session.id) { (end_dialog(row)) }
    }
}

fn end_dialog(row: &SessionRow) -> Markup {
    let (id, title, action) = (format!("end-{}", row.id), format!("End the session in {}?", browser(&row.agent)), route::session_end(&row.id));
    let question = Question {
        id: &id,
        title: &title,
        action: &action,
        keep: "Keep the session",
        act: "End the session",
        working: "Ending ...",
        confirm: None,
        danger: true,
    };
    dialog(&question, html! { p .soft { "The browser at " (row.address) " is signed out at once; what was typed there and not saved is lost." } })
}

/// A browser's name out of what it calls itself.
fn browser(agent: &str) -> &'static str {
    let known = [("Firefox/", "Firefox"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl")];
    known.iter().find(|(part, _)| agent.contains(part)).map_or("Unknown browser", |(_, name)| name)
}

/// A password's field; `prefix` keeps those of the two forms apart.
fn secret_field<'a>(typed: &'a Typed, prefix: &'a str, name: &'a str, label: &'a str, hint: &'a str) -> Field<'a> {
    let autocomplete = Some(if name == "password" { "new-password" } else { "current-password" });
    Field { name, label, hint, kind: "password", error: typed.fault(name), prefix, autocomplete, ..Field::default() }
}

fn identity(typed: &Typed) -> Markup {
    let of = |name, label, autocomplete| Field {
        name,
        label,
        value: typed.get(name),
        error: typed.fault(name),
        required: true,
        autocomplete: Some(autocomplete),
        ..Field::default()
    };
    html! {
        form method="post" action=(route::ACCOUNT) {
            div .body.form-grid {
                (field::text(&of("name", "Name", "name")))
                (field::text(&Field { kind: "email", hint: "You sign in with it.", ..of("email", "Email", "username") }))
                (field::text(&secret_field(typed, "you-", "current_password", "Current password", "Only for another email address.")))
            }
            footer { (Button::submit("Save").working("Saving ...")) }
        }
    }
}

/// `POST /account`.
pub async fn update(State(app): State<App>, session: Session, typed: Typed) -> Answer {
    let form = AccountForm { name: typed.get("name").into(), email: typed.get("email").into(), current_password: Secret::new(typed.get("current_password")) };
    match app.ops.account_update(&session.scope, form).await {
        Ok(()) => Ok(session::done(route::ACCOUNT, "Your account is changed")),
        Err(error) => page(&app, &session, &typed.with_faults(Failure(error).faults()?), &Typed::default()).await,
    }
}

fn password(typed: &Typed) -> Markup {
    html! {
        form method="post" action="/account/password" {
            div .body.form-grid {
                (field::text(&Field { required: true, ..secret_field(typed, "", "current_password", "Current password", "") }))
                (field::text(&Field { required: true, ..secret_field(typed, "", "password", "New password", "10 characters at least. Your other sessions end.") }))
            }
            footer { (Button::submit("Change the password").working("Changing ...")) }
        }
    }
}

/// `POST /account/password`.
pub async fn password_change(State(app): State<App>, session: Session, typed: Typed) -> Answer {
    let (current, fresh) = (Secret::new(typed.get("current_password")), Secret::new(typed.get("password")));
    match app.ops.password_change(&session.scope, Some(session.id.clone()), current, fresh).await {
        Ok(()) => Ok(session::done(route::ACCOUNT, "The password is changed, other sessions are ended")),
        Err(error) => page(&app, &session, &owned(&session), &typed.with_faults(Failure(error).faults()?)).await,
    }
}

/// `POST /account/sessions/{id}/end`.
pub async fn session_end(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    app.ops.session_revoke(&session.scope, ops::known::<SessionId>("session", &id)?).await?;
    Ok(session::done(route::ACCOUNT, "The session is ended"))
}
