//! The door: setup (who owns this?) and sign-in (are you you?).

use crate::{
    App,
    app::form_status,
    component::{Button, Field, Mark, field, field::error_line, status},
    error::{Answer, Failure},
    form::Typed,
    layout, route,
    session::{self, Session, Visitor},
};
use axum::{
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Redirect},
};
use maud::{Markup, html};
use model::Secret;
use ops::SetupForm;
use std::collections::HashMap;

/// `GET /setup/{secret}`: the form that makes the first account; for the secret's owner only.
pub async fn setup(State(app): State<App>, visitor: Visitor, Path(secret): Path<String>) -> Answer {
    app.ops.setup_check(&secret).await?;
    Ok(setup_page(&visitor, &secret, &Typed::default()).into_response())
}

/// `POST /setup/{secret}`: makes the first account and signs it in.
pub async fn setup_complete(State(app): State<App>, visitor: Visitor, Path(secret): Path<String>, typed: Typed) -> Answer {
    let form = SetupForm { name: typed.get("name").into(), email: typed.get("email").into(), password: Secret::new(typed.get("password")) };
    match app.ops.setup_complete(Some(&secret), form, &visitor.address, &visitor.agent).await {
        Ok(token) => Ok(session::opened(session::done(route::OVERVIEW, "Welcome. The team, a project and this server are there."), &token, &visitor)),
        Err(error) => {
            let typed = typed.with_faults(Failure(error).faults()?);
            Ok((form_status(&typed), setup_page(&visitor, &secret, &typed)).into_response())
        }
    }
}

fn setup_page(visitor: &Visitor, secret: &str, typed: &Typed) -> Html<String> {
    let of = |name, label, hint| Field { name, label, hint, value: typed.get(name), error: typed.fault(name), required: true, wide: true, ..Field::default() };
    let content = html! {
        header .head {
            h1 { "Create the owner" }
            p .soft { "The owner can do everything. Nobody else can open this page: it needs the address that was printed in the terminal, and closes for good when you are done." }
        }
        form .stack method="post" action=(route::setup(secret)) {
            (whole(typed))
            div .form-grid {
                (field::text(&Field { autocomplete: Some("name"), focus: true, ..of("name", "Name", "") }))
                (field::text(&Field { kind: "email", autocomplete: Some("username"), ..of("email", "Email", "") }))
                (field::text(&Field { kind: "password", value: "", autocomplete: Some("new-password"), ..of("password", "Password", "10 characters at least; several unrelated words are best.") }))
            }
            div { (Button::submit("Create the owner").primary().working("Creating ...")) }
        }
    };
    Html(layout::door("Set up", visitor.theme, visitor.now, true, content).into_string())
}

/// `GET /sign-in`.
pub async fn sign_in(State(app): State<App>, visitor: Visitor, Query(query): Query<HashMap<String, String>>) -> Answer {
    let next = query.get("next").map(String::as_str).unwrap_or_default();
    let fresh = !app.ops.setup_done().await?;
    Ok(sign_in_page(&visitor, next, fresh, &Typed::default()).into_response())
}

/// `POST /sign-in`: opens a session and goes on to where the person was.
pub async fn sign_in_complete(State(app): State<App>, visitor: Visitor, typed: Typed) -> Answer {
    let next = typed.get("next");
    match app.ops.sign_in(typed.get("email"), Secret::new(typed.get("password")), &visitor.address, &visitor.agent).await {
        Ok(token) => Ok(session::opened(Redirect::to(own_path(next)).into_response(), &token, &visitor)),
        Err(error @ (ops::Error::Unauthenticated { .. } | ops::Error::TooMany { .. })) => {
            let status = Failure(error).status();
            let sentence = match status {
                axum::http::StatusCode::TOO_MANY_REQUESTS => "Too many tries. Wait a minute, then try again.",
                _ => "Email and password do not match. After five wrong tries there is a pause of a minute.",
            };
            let typed = typed.clone().with_faults([("password", sentence)]);
            Ok((status, sign_in_page(&visitor, next, false, &typed)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// A path of our own to go on to; anything else leads to the overview.
fn own_path(next: &str) -> &str {
    let own = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\n', '\r']) && !next.starts_with("/sign-");
    if own { next } else { route::OVERVIEW }
}

fn sign_in_page(visitor: &Visitor, next: &str, fresh: bool, typed: &Typed) -> Html<String> {
    let content = html! {
        header { h1 { "Sign in" } }
        @if fresh {
            p .soft { (status(Mark::Waiting, "Nobody owns this Wharf yet.")) }
            p .soft { "The terminal that started it printed the address where the owner is created. It serves for 24 hours; starting Wharf again prints a new one." }
        } @else {
            form .stack method="post" action=(route::SIGN_IN) {
                input type="hidden" name="next" value=(own_path(next));
                (field::text(&Field { name: "email", label: "Email", kind: "email", value: typed.get("email"), autocomplete: Some("username"), required: true, focus: typed.get("email").is_empty(), ..Field::default() }))
                (field::text(&Field { name: "password", label: "Password", kind: "password", autocomplete: Some("current-password"), required: true, error: typed.fault("password"), ..Field::default() }))
                (Button::submit("Sign in").primary().working("Signing in ..."))
            }
            p .small.faint { "No account? Ask an owner of your team." }
        }
    };
    Html(layout::door("Sign in", visitor.theme, visitor.now, false, content).into_string())
}

/// A fault of the whole form.
pub fn whole(typed: &Typed) -> Markup {
    html! { @if let Some(fault) = typed.fault("") { div .field { (error_line("form-error", fault)) } } }
}

/// `POST /sign-out`.
pub async fn sign_out(State(app): State<App>, session: Session) -> Answer {
    app.ops.sign_out(&session.scope, session.id).await?;
    Ok(session::closed(Redirect::to(route::SIGN_IN).into_response()))
}

/// `POST /theme`: day to night and back, for browsers without script.
pub async fn theme(visitor: Visitor, headers: axum::http::HeaderMap) -> Answer {
    let next = if visitor.theme == Some(layout::Theme::Dark) { "light" } else { "dark" };
    let back = headers.get(axum::http::header::REFERER).and_then(|from| from.to_str().ok()).and_then(|from| url::Url::parse(from).ok());
    let mut response = Redirect::to(back.as_ref().map_or(route::OVERVIEW, |from| own_path(from.path()))).into_response();
    let cookie = format!("theme={next}; Path=/; Max-Age=31536000; SameSite=Lax");
    response.headers_mut().append(axum::http::header::SET_COOKIE, axum::http::HeaderValue::from_str(&cookie).map_err(|_| Failure::missing("theme"))?);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_never_leads_to_another_site() {
        for foreign in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "", "/sign-out"] {
            assert_eq!(own_path(foreign), route::OVERVIEW, "{foreign}");
        }
        assert_eq!(own_path("/applications/x?a=b"), "/applications/x?a=b");
    }
}
