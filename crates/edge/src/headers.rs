//! Headers on their way up and down: what belongs to one connection goes, what tells the container who asked comes.

use crate::visitor::Visit;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};

static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
static FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
static FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
static REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Whether the visitor asks for another protocol on this connection.
pub(crate) fn asks_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(header::UPGRADE) && tokens(headers, header::CONNECTION).any(|token| token.eq_ignore_ascii_case("upgrade"))
}

fn tokens(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim)
}

/// Whether it belongs to one connection, whatever the `Connection` header says.
fn is_hop_by_hop(name: &HeaderName) -> bool {
    matches!(name.as_str(), "connection" | "keep-alive" | "proxy-connection" | "transfer-encoding" | "upgrade" | "proxy-authenticate")
}

/// The headers that the `Connection` header names. It cannot name away what says who the message is for and where it ends.
fn named(headers: &HeaderMap) -> Vec<HeaderName> {
    let usual = |token: &&str| !token.eq_ignore_ascii_case("keep-alive") && !token.eq_ignore_ascii_case("close");
    let names = tokens(headers, header::CONNECTION).filter(usual).filter_map(|token| token.parse().ok());
    names.filter(|name| ![header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING].contains(name)).collect()
}

/// Who asks whom for what, as the container is told beside the visitor's own headers.
pub(crate) struct Told<'a> {
    pub(crate) visit: &'a Visit,
    /// The host they ask.
    pub(crate) host: &'a HeaderValue,
    /// Whether they ask for another protocol.
    pub(crate) upgrade: bool,
    /// The part of the path that was removed.
    pub(crate) prefix: &'a str,
}

/// Gives `put` the headers of the request to the container: those of the visitor that are not of their connection, and what the container is told.
pub(crate) fn upward(headers: &HeaderMap, told: &Told<'_>, mut put: impl FnMut(&HeaderName, &HeaderValue)) {
    let named = named(headers);
    put(&header::HOST, told.host);
    for (name, value) in headers {
        let own = matches!(name.as_str(), "host" | "te" | "expect" | "forwarded" | "proxy-authorization" | "x-real-ip")
            || matches!(name.as_str(), "x-forwarded-for" | "x-forwarded-proto" | "x-forwarded-host" | "x-forwarded-port" | "x-forwarded-prefix");
        if !own && !is_hop_by_hop(name) && !named.contains(name) {
            put(name, value);
        }
    }
    if headers.contains_key(header::TE) && tokens(headers, header::TE).any(|token| token.eq_ignore_ascii_case("trailers")) {
        put(&header::TE, &HeaderValue::from_static("trailers"));
    }
    if let Some(protocol) = headers.get(header::UPGRADE).filter(|_| told.upgrade) {
        put(&header::UPGRADE, protocol);
        put(&header::CONNECTION, &HeaderValue::from_static("upgrade"));
    }
    put(&FORWARDED_FOR, &told.visit.address);
    put(&REAL_IP, &told.visit.address);
    put(&FORWARDED_PROTO, &HeaderValue::from_static(if told.visit.secure { "https" } else { "http" }));
    put(&FORWARDED_PORT, &told.visit.port_text);
    put(&FORWARDED_HOST, told.host);
    if let Some(prefix) = Some(told.prefix).filter(|prefix| !prefix.is_empty()).and_then(|prefix| HeaderValue::from_str(prefix).ok()) {
        put(&FORWARDED_PREFIX, &prefix);
    }
}

/// Writes the head of a request without a body to the container, for this path and query.
pub(crate) fn write(text: &mut Vec<u8>, head: &Parts, target: &str, told: &Told<'_>) {
    let mut line = |parts: [&[u8]; 4]| parts.iter().for_each(|part| text.extend_from_slice(part));
    line([head.method.as_str().as_bytes(), b" ", target.as_bytes(), b" HTTP/1.1\r\n"]);
    upward(&head.headers, told, |name, value| {
        if name != header::CONTENT_LENGTH {
            line([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
        }
    });
    // Said by those from whom a body is expected.
    let expected = head.headers.contains_key(header::CONTENT_LENGTH) || matches!(head.method, Method::POST | Method::PUT | Method::PATCH);
    text.extend_from_slice(if expected { b"content-length: 0\r\n\r\n" } else { b"\r\n" });
}

/// HTTP/2 visitors may split cookies over several headers; HTTP/1.1 knows one.
pub(crate) fn join_cookies(headers: &mut HeaderMap) {
    let mut all = headers.get_all(header::COOKIE).iter();
    if let (Some(first), Some(second)) = (all.next(), all.next()) {
        let mut joined = [first.as_bytes(), b"; ", second.as_bytes()].concat();
        for cookie in all {
            joined.extend_from_slice(b"; ");
            joined.extend_from_slice(cookie.as_bytes());
        }
        if let Ok(joined) = HeaderValue::from_bytes(&joined) {
            headers.insert(header::COOKIE, joined);
        }
    }
}

/// Makes a container's headers those of the answer to the visitor.
pub(crate) fn downward(headers: &mut HeaderMap, upgraded: bool) {
    let protocol = headers.get(header::UPGRADE).filter(|_| upgraded).cloned();
    let named = named(headers);
    while let Some(name) = headers.keys().find(|name| is_hop_by_hop(name) || named.contains(name)).cloned() {
        headers.remove(name);
    }
    if let Some(protocol) = protocol {
        headers.insert(header::UPGRADE, protocol);
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    }
}
