//! Headers on their way up and down: what belongs to one connection goes, what tells the container who asked comes.

use crate::visitor::Visit;
use http::{HeaderMap, HeaderName, HeaderValue, header};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Headers of one connection, beside those that its `Connection` header names.
const HOP_BY_HOP: [HeaderName; 6] = [header::CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, header::TRANSFER_ENCODING, header::UPGRADE, header::PROXY_AUTHENTICATE];
/// Headers that a `Connection` header cannot name away: they say who the message is for and where it ends.
const NEVER_NAMED: [HeaderName; 3] = [header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING];

/// Whether the visitor asks for another protocol on this connection.
pub(crate) fn asks_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(header::UPGRADE) && tokens(headers, header::CONNECTION).any(|token| token.eq_ignore_ascii_case("upgrade"))
}

fn tokens(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim)
}

fn strip_hop_by_hop(headers: &mut HeaderMap) {
    if headers.contains_key(header::CONNECTION) {
        let usual = |token: &&str| !token.eq_ignore_ascii_case("keep-alive") && !token.eq_ignore_ascii_case("close");
        let named: Vec<HeaderName> = tokens(headers, header::CONNECTION).filter(usual).filter_map(|token| token.parse().ok()).collect();
        for name in named.into_iter().filter(|name| !NEVER_NAMED.contains(name)) {
            headers.remove(name);
        }
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

fn restore_upgrade(headers: &mut HeaderMap, protocol: Option<HeaderValue>) {
    if let Some(protocol) = protocol {
        headers.insert(header::UPGRADE, protocol);
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    }
}

/// Makes a visitor's headers those of the request to the container.
pub(crate) fn upward(headers: &mut HeaderMap, visit: &Visit, host: HeaderValue, upgrade: bool) {
    let protocol = headers.get(header::UPGRADE).filter(|_| upgrade).cloned();
    let trailers = headers.contains_key(header::TE) && tokens(headers, header::TE).any(|token| token.eq_ignore_ascii_case("trailers"));
    strip_hop_by_hop(headers);
    for name in [header::TE, header::EXPECT, header::FORWARDED, header::PROXY_AUTHORIZATION, FORWARDED_PREFIX] {
        headers.remove(name);
    }
    if trailers {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
    }
    restore_upgrade(headers, protocol);
    headers.insert(FORWARDED_FOR, visit.address.clone());
    headers.insert(REAL_IP, visit.address.clone());
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(if visit.secure { "https" } else { "http" }));
    headers.insert(FORWARDED_PORT, visit.port_text.clone());
    headers.insert(FORWARDED_HOST, host.clone());
    headers.insert(header::HOST, host);
}

/// Tells the container which part of the path was removed.
pub(crate) fn prefix(headers: &mut HeaderMap, prefix: &str) {
    if let Ok(prefix) = HeaderValue::from_str(prefix) {
        headers.insert(FORWARDED_PREFIX, prefix);
    }
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
    strip_hop_by_hop(headers);
    restore_upgrade(headers, protocol);
}
