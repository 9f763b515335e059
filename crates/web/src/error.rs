//! Why a page is not shown, as a page: one sentence, what to do, where to go. The API has its own translation beside it.

use crate::{
    App,
    component::{Button, Tone, copy_code, field::capital, notice},
    layout::{self, Page, Theme, Viewer},
    route,
    session::Session,
};
use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use maud::{Markup, html};
use ops::Error;

/// What handlers of pages answer.
pub type Answer = Result<Response, Failure>;

/// An error on its way to a page. It keeps its words in the response; [`dress`] makes the page of them, in the viewer's theme.
#[derive(Debug)]
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// The words of a failure, carried by its response.
#[derive(Debug, Clone)]
struct Words {
    title: String,
    sentence: String,
    hint: String,
    id: Option<String>,
}

impl Failure {
    /// A thing that is not there, or not the caller's.
    pub fn missing(kind: &'static str) -> Self {
        Self(Error::NotFound { kind })
    }

    /// Faults to show at fields, for errors that a form can show; other errors stay errors.
    ///
    /// # Errors
    /// The failure itself where it says nothing of what was typed.
    pub fn faults(self) -> Result<Vec<(String, String)>, Self> {
        match self.0 {
            Error::Invalid { fields } => Ok(fields),
            Error::Conflict { why, details } => {
                let things: Vec<String> = details.into_iter().map(|clash| format!("{} {}", clash.what, clash.resource)).collect();
                let list = if things.is_empty() { String::new() } else { format!(" ({})", things.join(", ")) };
                Ok(vec![(String::new(), format!("{why}{list}"))])
            }
            Error::Rejected { by, why } => Ok(vec![(String::new(), format!("{by}: {why}"))]),
            Error::Limit { why } => Ok(vec![(String::new(), why)]),
            other => Err(Self(other)),
        }
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        match &self.0 {
            Error::NotFound { .. } => StatusCode::NOT_FOUND,
            Error::Forbidden { .. } => StatusCode::FORBIDDEN,
            Error::Invalid { .. } | Error::Limit { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Conflict { .. } => StatusCode::CONFLICT,
            Error::Unauthenticated { .. } => StatusCode::UNAUTHORIZED,
            Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::Rejected { .. } => StatusCode::BAD_GATEWAY,
            Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self.status() {
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::FORBIDDEN => "Not allowed",
            StatusCode::CONFLICT => "That does not fit",
            StatusCode::UNAUTHORIZED => "Sign in first",
            StatusCode::TOO_MANY_REQUESTS => "Too often",
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY => "Not available now",
            StatusCode::UNPROCESSABLE_ENTITY => "That is not valid",
            _ => "Something went wrong",
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let id = if let Error::Internal { id, .. } = &self.0 { Some(id.clone()) } else { None };
        let words = Words { title: self.title().into(), sentence: capital(&self.0.to_string()), hint: self.0.hint().into(), id };
        let mut response = self.status().into_response();
        if let Error::TooMany { retry_after_seconds } = self.0 {
            response.headers_mut().insert(axum::http::header::RETRY_AFTER, retry_after_seconds.into());
        }
        response.extensions_mut().insert(words);
        response
    }
}

/// A page for whatever nothing was said of.
fn plain(status: StatusCode) -> Option<Words> {
    let (title, sentence, hint) = match status {
        StatusCode::NOT_FOUND => ("Not found", "There is no such page.", "Check the address; it may have been deleted or belong to another team."),
        StatusCode::METHOD_NOT_ALLOWED => ("Not here", "This address does not take what was sent.", "Go back to the page and press its button."),
        StatusCode::PAYLOAD_TOO_LARGE => ("Too large", "More was sent than Wharf takes at once.", "Send less; a file mount holds up to 1 MB."),
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => {
            ("Took too long", "The answer took too long.", "Try again; what was asked for may still happen.")
        }
        StatusCode::FORBIDDEN => {
            ("Not from here", "The request came from another site, so it was not carried out.", "Open Wharf in its own tab and try again.")
        }
        StatusCode::INTERNAL_SERVER_ERROR => ("Something went wrong", "Something in Wharf went wrong.", "Try again; if it stays, its log has the cause."),
        _ => return None,
    };
    Some(Words { title: title.into(), sentence: sentence.into(), hint: hint.into(), id: None })
}

/// Makes a page, or for a fragment a notice, of a failure's words. Who is signed in keeps the way around.
pub async fn dress(State(app): State<App>, jar: CookieJar, request: Request, next: Next) -> Response {
    let fragment = request.headers().contains_key("hx-request");
    let theme = jar.get("theme").and_then(|cookie| Theme::from_cookie(cookie.value()));
    let response = next.run(request).await;
    let known = response.extensions().get::<Words>().cloned();
    let bare = response.headers().get(axum::http::header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let words = known.or_else(|| plain(response.status()).filter(|_| bare));
    let Some(words) = words else { return response };
    let markup = match (fragment, viewer(&app, &jar).await) {
        (true, _) => small(&words),
        (false, Some(viewer)) => inside(&words, &viewer),
        (false, None) => outside(&words, theme),
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(axum::http::header::CONTENT_TYPE);
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    (parts.status, parts.headers, Html(markup.into_string())).into_response()
}

fn small(words: &Words) -> Markup {
    notice(Tone::Bad, &words.sentence, html! { p .soft { (words.hint) } })
}

/// What the frame of a signed-in person's pages shows; none where nobody is, or where it cannot be read.
async fn viewer(app: &App, jar: &CookieJar) -> Option<Viewer> {
    let session = Session::of(app, jar).await.ok().flatten()?;
    app.viewer(&session).await.ok()
}

fn said(words: &Words) -> Markup {
    html! {
        p { (words.sentence) }
        p .soft { (words.hint) }
        @if let Some(id) = &words.id { p .small { "Error id " (copy_code(id, "the error id")) } }
        div .row.wrap { (Button::link("Overview", route::OVERVIEW).primary()) (Button::link("Projects", route::PROJECTS)) }
    }
}

fn inside(words: &Words, viewer: &Viewer) -> Markup {
    let content = html! { header .head { h1 { (words.title) } } (said(words)) };
    layout::page(viewer, &Page { title: words.title.clone(), ..Page::default() }, content)
}

fn outside(words: &Words, theme: Option<Theme>) -> Markup {
    let content = html! { header { h1 { (words.title) } } div .stack { (said(words)) } };
    layout::door(&words.title, theme, jiff::Timestamp::now(), false, content)
}
