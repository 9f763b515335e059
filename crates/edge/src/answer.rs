//! Answers that the edge gives itself.

use crate::body::Download;
use http::{HeaderValue, Response, StatusCode, header};

/// Seconds after which a visitor may try again when a route has no upstream yet.
const RETRY_AFTER_SECONDS: &str = "5";

/// A small page: a status, a sentence, and what to make of it.
fn page(status: StatusCode, title: &str, text: &str) -> Response<Download> {
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>:root{{color-scheme:light dark}}body{{font:1rem/1.6 system-ui,sans-serif;max-width:36rem;margin:20vh auto;padding:0 1.5rem}}\
         h1{{font-size:1.25rem}}p{{opacity:.8}}</style><h1>{title}</h1><p>{text}</p>\n"
    );
    let mut response = Response::new(Download::whole(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// No route. The host has been checked: it holds no character that HTML knows.
pub(crate) fn no_route(host: &str) -> Response<Download> {
    let text = format!("Nothing is served at <b>{host}</b> here. The address may be misspelt, or its application may not have been deployed yet.");
    page(StatusCode::NOT_FOUND, "There is no site at this address", &text)
}

/// A route without upstreams.
pub(crate) fn no_upstream() -> Response<Download> {
    retry(page(StatusCode::SERVICE_UNAVAILABLE, "This application is not running", "It is starting, or it was stopped. Try again in a moment."))
}

/// A route held for too long, or too many requests waiting.
pub(crate) fn held_too_long() -> Response<Download> {
    retry(page(StatusCode::SERVICE_UNAVAILABLE, "This application is being replaced", "It takes longer than usual. Try again in a moment."))
}

fn retry(mut response: Response<Download>) -> Response<Download> {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
    response
}

/// No upstream could be reached, or it closed the connection.
pub(crate) fn unreachable() -> Response<Download> {
    page(StatusCode::BAD_GATEWAY, "This application does not answer", "It closed the connection or cannot be reached. Its logs tell why.")
}

/// An upstream that has the request and says nothing.
pub(crate) fn silent() -> Response<Download> {
    page(StatusCode::GATEWAY_TIMEOUT, "This application takes too long to answer", "It has the request and has not begun to answer. Its logs tell why.")
}

/// A request that two programs could read in two ways.
pub(crate) fn refused(why: &'static str) -> Response<Download> {
    let mut response = page(StatusCode::BAD_REQUEST, "This request cannot be read", why);
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The same request elsewhere.
pub(crate) fn redirect(location: &str) -> Response<Download> {
    let Ok(location) = HeaderValue::from_str(location) else { return refused("The address has characters that no address has.") };
    let mut response = Response::new(Download::whole(""));
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response.headers_mut().insert(header::LOCATION, location);
    response
}
