//! Smart HTTP: each request is one run of `git http-backend`, the program that real servers run.

use super::Door;
use crate::serve::plain;
use anyhow::{Context, Result};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Request, Response, StatusCode};
use std::path::Path;

/// How a request begins that asks for branches and tags, in version 2 of git's protocol.
const LIST_REFERENCES: &[u8] = b"0014command=ls-refs\n";
const PACK_LENGTH_BYTES: usize = 256 * 1024 * 1024;

pub(crate) async fn answer(root: &Path, door: &Door, request: Request<Incoming>) -> Response<Full<Bytes>> {
    if door.unavailable {
        return plain(503, "the forge is down for maintenance");
    }
    if !is_let_in(door, &request) {
        let mut refusal = plain(401, "credentials are needed");
        refusal.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"forge\""));
        return refusal;
    }
    backend(root, door, request).await.unwrap_or_else(|error| plain(500, format!("{error:#}")))
}

fn is_let_in(door: &Door, request: &Request<Incoming>) -> bool {
    let Some((name, password)) = &door.user else { return true };
    let expected = format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")));
    request.headers().get(AUTHORIZATION).is_some_and(|given| given.as_bytes() == expected.as_bytes())
}

async fn backend(root: &Path, door: &Door, request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let header = |name: HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let body = body.collect().await?.to_bytes();
    let broken_off = door.breaks_off && head.uri.path().ends_with("/git-upload-pack") && !body.starts_with(LIST_REFERENCES);
    let user = door.user.as_ref().map_or("", |(name, _)| name.as_str());
    let output = super::git::command(root)
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", head.method.as_str())
        .env("PATH_INFO", head.uri.path())
        .env("QUERY_STRING", head.uri.query().unwrap_or_default())
        .env("CONTENT_TYPE", header(CONTENT_TYPE))
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header(CONTENT_ENCODING))
        .env("HTTP_GIT_PROTOCOL", header(HeaderName::from_static("git-protocol")))
        .env("GIT_PROTOCOL", header(HeaderName::from_static("git-protocol")))
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("REMOTE_USER", user)
        .input(body)
        .output_length_bytes(PACK_LENGTH_BYTES)
        .run()
        .await?;
    let mut output = output.stdout;
    if broken_off {
        output.truncate(output.len() - output.len() / 4);
    }
    parse(output)
}

/// Takes a CGI program's answer apart.
fn parse(output: Vec<u8>) -> Result<Response<Full<Bytes>>> {
    let output = Bytes::from(output);
    let end = output.windows(4).position(|window| window == b"\r\n\r\n").context("git http-backend answered without headers")?;
    let mut response = Response::new(Full::new(output.slice(end + 4..)));
    for line in String::from_utf8_lossy(&output[..end]).lines() {
        let (name, value) = line.split_once(": ").context("git http-backend answered with a header that is none")?;
        if name.eq_ignore_ascii_case("status") {
            *response.status_mut() = StatusCode::from_bytes(&value.as_bytes()[..3])?;
        } else {
            response.headers_mut().insert(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value)?);
        }
    }
    Ok(response)
}
