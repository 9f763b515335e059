//! Which requests are taken: those that every program on the way reads the same.

use http::{HeaderMap, HeaderValue, Method, Request, Version, header, uri::Authority};
use std::borrow::Cow;

/// Why a request is refused with 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) &'static str);

const NO_HOST: Refused = Refused("The Host header is no host.");

/// Checks what hyper and [`crate::strict`] leave open: who the request is for, and how long its body is. Returns whom it is for, with the port, as written.
pub(crate) fn request<B>(request: &Request<B>) -> Result<HeaderValue, Refused> {
    if request.method() == Method::CONNECT {
        return Err(Refused("This is no forward proxy."));
    }
    length(request.headers())?;
    let written = authority(request)?;
    let host = written.to_str().map_err(|_| NO_HOST)?;
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    if !host.is_empty() && host.bytes().all(known) && port_is_sane(host) { Ok(written) } else { Err(NO_HOST) }
}

fn port_is_sane(host: &str) -> bool {
    let name = name(host);
    let rest = &host[name.len()..];
    let bracketed = name.starts_with('[') && name.ends_with(']');
    let port = if rest.is_empty() { Some("") } else { rest.strip_prefix(':') };
    let sane = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && (port.is_empty() || port.parse::<u16>().is_ok());
    !name.is_empty() && (bracketed || !name.contains(['[', ']'])) && port.is_some_and(sane)
}

fn length(headers: &HeaderMap) -> Result<(), Refused> {
    let lengths = headers.get_all(header::CONTENT_LENGTH).iter().take(2).count();
    if lengths > 1 || (lengths == 1 && headers.contains_key(header::TRANSFER_ENCODING)) {
        return Err(Refused("The request says twice how long its body is."));
    }
    Ok(())
}

/// The Host header, which an absolute address must agree with.
fn authority<B>(request: &Request<B>) -> Result<HeaderValue, Refused> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Err(Refused("The request has two Host headers."));
    }
    match (request.uri().authority().map(Authority::as_str), host) {
        (Some(address), Some(host)) if !address.as_bytes().eq_ignore_ascii_case(host.as_bytes()) => {
            Err(Refused("The request's address and its Host header disagree."))
        }
        (_, Some(host)) => Ok(host.clone()),
        (Some(address), None) if request.version() == Version::HTTP_2 => HeaderValue::from_str(address).map_err(|_| NO_HOST),
        _ => Err(Refused("The request has no Host header.")),
    }
}

/// The host without its port.
fn name(authority: &str) -> &str {
    if authority.starts_with('[') {
        return authority.find(']').map_or(authority, |end| &authority[..=end]);
    }
    authority.split_once(':').map_or(authority, |(name, _)| name)
}

/// The host as the table knows it: without port and final dot, in lower case.
pub(crate) fn host(authority: &str) -> Cow<'_, str> {
    let name = name(authority);
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) { Cow::Owned(name.to_ascii_lowercase()) } else { Cow::Borrowed(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(uri: &str, hosts: &[&str]) -> Result<(), Refused> {
        let mut builder = Request::get(uri);
        for host in hosts {
            builder = builder.header(header::HOST, *host);
        }
        request(&builder.body(()).expect("a request")).map(|_| ())
    }

    #[test]
    fn one_plain_host_is_taken() {
        for good in ["a.example", "A.Example:8080", "under_score.example", "127.0.0.1:80", "[::1]:8080", "a.example.", "localhost"] {
            assert_eq!(asked("/", &[good]), Ok(()), "{good}");
        }
        assert_eq!(asked("http://a.example/x", &["a.example"]), Ok(()));
    }

    #[test]
    fn none_two_or_strange_hosts_are_refused() {
        for bad in
            ["", "a b", "a/b", "a@b", "a.example:http", "a.example:123456", "a.example:65536", "a\"b", "<b>", ":80", "a[b", "a:1:2", "[::1", "[::1]80", "a,b"]
        {
            assert!(asked("/", &[bad]).is_err(), "{bad}");
        }
        assert!(asked("/", &[]).is_err());
        assert!(asked("/", &["a", "a"]).is_err());
        assert!(asked("http://b.example/", &["a.example"]).is_err());
    }

    #[test]
    fn hosts_are_compared_in_lower_case_without_port_and_dot() {
        for (written, known) in [("A.Example:80", "a.example"), ("a.example.", "a.example"), ("[::1]:80", "[::1]")] {
            assert_eq!(host(written), known);
        }
    }
}
