//! What every answer carries against misuse, and which requests are taken at all.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; \
                      frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
/// The terminal writes style sheets of its own; only its page may.
const TERMINAL_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
                               object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// Marks the answer of the terminal's page.
#[derive(Debug, Clone, Copy)]
pub struct Terminal;

/// Adds the security headers, and forbids caches to keep pages.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = if response.extensions().get::<Terminal>().is_some() { TERMINAL_POLICY } else { POLICY };
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ];
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whether the request came from one of our own pages, for what browsers do not guard themselves: WebSockets.
pub fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let authority = |origin: &str| origin.split_once("://").map(|(_, authority)| authority.to_owned());
    match (text(header::ORIGIN).and_then(authority), text(header::HOST)) {
        (Some(origin), Some(host)) => origin.eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_opens_from_our_own_pages_only() {
        let from = |origin: &'static str| {
            same_origin(&HeaderMap::from_iter([
                (header::HOST, HeaderValue::from_static("wharf.example:8000")),
                (header::ORIGIN, HeaderValue::from_static(origin)),
            ]))
        };
        assert!(from("https://wharf.example:8000"));
        for foreign in ["https://evil.example", "https://wharf.example", "null", "https://wharf.example:8000.evil.example"] {
            assert!(!from(foreign), "{foreign}");
        }
        assert!(!same_origin(&HeaderMap::new()));
    }
}
