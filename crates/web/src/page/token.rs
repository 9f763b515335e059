//! API tokens: who may do what?

use crate::{
    App,
    app::form_status,
    component::{
        Button, Field, Icon, Question, Tone, badge, card,
        copy::copy_once,
        dialog,
        empty::empty,
        field,
        table::{Column, table},
    },
    error::{Answer, Failure},
    form::Typed,
    layout::{self, Page},
    page::door::whole,
    route,
    session::{self, Session},
    time,
};
use axum::extract::{Path, State};
use maud::{Markup, html};
use model::{Ability, Secret};
use ops::{TokenForm, TokenRow};

const TITLE: &str = "API tokens";

/// `GET /tokens`.
pub async fn list(State(app): State<App>, session: Session) -> Answer {
    page(&app, &session, &Typed::default().with("abilities", "read"), None).await
}

/// `POST /tokens`: makes one and shows it, this once.
pub async fn create(State(app): State<App>, session: Session, typed: Typed) -> Answer {
    let expires = match typed.get("days").parse::<i64>() {
        Ok(days) if days > 0 => session.now.checked_add(jiff::SignedDuration::from_hours(24 * days)).ok(),
        _ => None,
    };
    let form = TokenForm { name: typed.get("name").into(), abilities: typed.all("abilities").map(str::to_owned).collect(), expires };
    match app.ops.token_create(&session.scope, form).await {
        Ok(token) => page(&app, &session, &Typed::default().with("abilities", "read"), Some(token)).await,
        Err(error) => page(&app, &session, &typed.with_faults(Failure(error).faults()?), None).await,
    }
}

/// `POST /tokens/{number}/revoke`.
pub async fn revoke(State(app): State<App>, session: Session, Path(number): Path<String>) -> Answer {
    let number = number.parse().map_err(|_| Failure::missing("token"))?;
    app.ops.token_delete(&session.scope, number).await?;
    Ok(session::done(route::TOKENS, "The token is revoked"))
}

async fn page(app: &App, session: &Session, typed: &Typed, fresh: Option<Secret>) -> Answer {
    let tokens = app.ops.token_list(&session.scope).await?;
    let content = html! {
        (layout::head(TITLE, "For the command line and for programs. A token does at most what you may do."))
        @if let Some(token) = &fresh {
            section .card id="fresh" aria-labelledby="fresh-title" {
                header { h2 id="fresh-title" { "Copy the token now" } (badge(Tone::Warn, "shown this once")) }
                div .body { (copy_once("token", "Token", token.expose())) }
            }
        }
        @if tokens.is_empty() { div .card { (empty(Icon::Shield, "No token yet", "A token lets the command line or a pipeline deploy.", html! {})) } }
        @else { section .card aria-label="Tokens" { (rows(session, &tokens)) } }
        (card("new", "New token", html! {}, form(typed)))
    };
    app.page_with(form_status(typed), session, &Page::of(TITLE, route::TOKENS), content).await
}

fn rows(session: &Session, tokens: &[TokenRow]) -> Markup {
    let rows = html! {
        @for token in tokens {
            tr {
                td data-wide { b { (token.name) } " " span .small.faint { "number " (token.number) } }
                td { @for ability in &token.abilities.0 { (badge(Tone::Plain, ability.as_str())) " " } }
                td { @if let Some(used) = token.last_used { "used " (time::inline(used, session.now)) } @else { span .faint { "never used" } } }
                td data-hide { @if let Some(end) = token.expires { "ends " (time::day(end)) } @else { span .faint { "no end" } } }
                td { (Button::dialog("Revoke ...", &format!("revoke-{}", token.number)).small()) }
            }
        }
    };
    html! {
        (table("token-rows", &[Column::Word("Token"), Column::Word("May"), Column::Word("Last used"), Column::Word("End"), Column::Actions], rows))
        @for token in tokens { (revoke_dialog(token)) }
    }
}

fn revoke_dialog(token: &TokenRow) -> Markup {
    let (id, title, action) = (format!("revoke-{}", token.number), format!("Revoke {}?", token.name), route::token_revoke(token.number));
    let question = Question {
        id: &id,
        title: &title,
        action: &action,
        keep: "Keep the token",
        act: "Revoke the token",
        working: "Revoking ...",
        confirm: None,
        danger: true,
    };
    dialog(&question, html! { p .soft { "What uses it is refused from now on. This cannot be undone; a new token can be made." } })
}

fn form(typed: &Typed) -> Markup {
    let chosen = |ability: Ability| typed.all("abilities").any(|text| text == ability.as_str());
    let hints = |ability| match ability {
        Ability::Root => "everything",
        Ability::Read => "all but secrets",
        Ability::Write => "create, change, delete",
        Ability::Deploy => "deploy, start, stop, restart, cancel",
        Ability::ReadSensitive => "secrets too",
    };
    let choices: Vec<_> = Ability::ALL.into_iter().map(|ability| (ability.as_str(), ability.as_str(), hints(ability), chosen(ability))).collect();
    let days =
        [("", "No end"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "1 year")].map(|(value, label)| (value.to_owned(), label.to_owned()));
    html! {
        form method="post" action=(route::TOKENS) {
            div .body.form-grid {
                (whole(typed))
                (field::text(&Field { name: "name", label: "Name", value: typed.get("name"), error: typed.fault("name"), hint: "What uses it.", required: true, ..Field::default() }))
                (field::select(&Field { name: "days", label: "Ends after", value: typed.get("days"), error: typed.fault("expires"), ..Field::default() }, &days))
                (field::checks("abilities", "May", &choices, typed.fault("abilities")))
            }
            footer { (Button::submit("Create the token").primary().working("Creating ...")) }
        }
    }
}
