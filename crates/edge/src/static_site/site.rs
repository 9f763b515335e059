//! A site: which file answers a request, with which headers.

use super::{
    caching,
    conditions::{self, Stretch},
    encoding::{Encoding, Forms, Version, is_compressible},
    resolve::{self, Found},
};
use crate::{Error, body::Download};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use model::StaticPack;
use std::{
    fs::{self, Metadata},
    io::{Read, Seek, SeekFrom},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Files up to this size are read whole, larger ones as they are sent.
const WHOLE_LIMIT_BYTES: u64 = 64 * 1024;

/// A folder and how it is served.
#[derive(Debug)]
pub(super) struct Site {
    root: PathBuf,
    settings: StaticPack,
    headers: HeaderMap,
    forms: Forms,
}

impl Site {
    pub(super) fn new(root: &Path, settings: &StaticPack) -> Result<Self, Error> {
        let root = fs::canonicalize(root).map_err(|source| Error::State { act: "serve", path: root.to_owned(), source })?;
        Ok(Self { root, headers: every_answers(settings), settings: settings.clone(), forms: Forms::default() })
    }

    /// Answers a request. The disk is read aside, so that no visitor waits for another's file.
    pub(super) async fn answer<B>(self: Arc<Self>, request: Request<B>) -> Response<Download> {
        let (parts, _) = request.into_parts();
        let answered = tokio::task::spawn_blocking(move || {
            let mut response = self.respond(&parts).unwrap_or_else(|error| {
                tracing::warn!(%error, path = parts.uri.path(), "a file could not be read");
                plain(StatusCode::INTERNAL_SERVER_ERROR, "This file cannot be read.\n")
            });
            for (name, value) in &self.headers {
                response.headers_mut().insert(name, value.clone());
            }
            response
        });
        answered.await.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "This file cannot be read.\n"))
    }

    fn respond(&self, request: &Parts) -> std::io::Result<Response<Download>> {
        if ![Method::GET, Method::HEAD].contains(&request.method) {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "Files are only read here.\n");
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return Ok(response);
        }
        match resolve::find(&self.root, request.uri.path()) {
            Found::File(path, metadata) => self.file(request, path, &metadata, StatusCode::OK),
            Found::Elsewhere(path) => Ok(redirect(&path, request.uri.query())),
            Found::Nothing => self.nothing(request),
        }
    }

    /// Answers for an unknown path. One whose name carries a content hash is a file of another release: a page in its place would break the page that asks.
    fn nothing(&self, request: &Parts) -> std::io::Result<Response<Download>> {
        let path = request.uri.path();
        let hashed = path.rsplit('/').next().is_some_and(caching::is_hashed);
        if self.settings.spa
            && !hashed
            && resolve::parts(path).is_some()
            && let Some((path, metadata)) = resolve::file(&self.root, Path::new("index.html"))
        {
            return self.file(request, path, &metadata, StatusCode::OK);
        }
        let page = self.settings.not_found.as_ref().map_or("404.html", |page| page.as_str());
        match resolve::file(&self.root, Path::new(page)) {
            Some((path, metadata)) => self.file(request, path, &metadata, StatusCode::NOT_FOUND),
            None => Ok(plain(StatusCode::NOT_FOUND, "There is no page at this address.\n")),
        }
    }

    fn file(&self, request: &Parts, path: PathBuf, metadata: &Metadata, status: StatusCode) -> std::io::Result<Response<Download>> {
        let kind = mime_guess::from_path(&path).first_or_octet_stream();
        let compressible = is_compressible(&kind);
        let changed_nanoseconds = i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec());
        let version = Version { path, changed_nanoseconds, length: metadata.len() };
        let whole = status == StatusCode::OK;
        let encoding = Encoding::accepted(&request.headers).filter(|_| compressible && !(whole && request.headers.contains_key(header::RANGE)));
        let form = encoding.and_then(|encoding| Some((encoding, self.forms.of(&version, encoding)?)));
        let suffix = form.as_ref().map_or(String::new(), |(encoding, _)| format!("-{}", encoding.as_str()));
        let tag = format!("\"{:x}-{:x}{suffix}\"", version.length, changed_nanoseconds);
        let mut headers = self.describing(&version.path, &kind, compressible);
        if whole {
            insert(&mut headers, header::ETAG, &tag);
            insert(&mut headers, header::ACCEPT_RANGES, "bytes");
            conditions::date(metadata.mtime()).into_iter().for_each(|date| insert(&mut headers, header::LAST_MODIFIED, &date));
        }
        let mut response = if whole && conditions::is_known(&request.headers, &tag, metadata.mtime()) {
            answer(StatusCode::NOT_MODIFIED, Download::whole(""))
        } else if let Some((encoding, content)) = form {
            insert(&mut headers, header::CONTENT_ENCODING, encoding.as_str());
            answer(status, Download::whole(content))
        } else if whole {
            let stretch = conditions::stretch(&request.headers, &tag, metadata.mtime(), version.length);
            stretched(&version, stretch, &mut headers)?
        } else {
            answer(status, content(&version, 0, version.length)?)
        };
        response.headers_mut().extend(headers);
        Ok(response)
    }

    fn describing(&self, path: &Path, kind: &mime_guess::Mime, compressible: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let worded = kind.type_() == "text" || ["javascript", "json"].contains(&kind.subtype().as_str());
        let kind = if worded { format!("{}; charset=utf-8", kind.essence_str()) } else { kind.to_string() };
        insert(&mut headers, header::CONTENT_TYPE, &kind);
        if compressible {
            insert(&mut headers, header::VARY, "accept-encoding");
        }
        let hashed = path.file_name().and_then(|name| name.to_str()).is_some_and(caching::is_hashed);
        let kept = if hashed { format!("public, max-age={}, immutable", self.settings.cache_seconds) } else { "no-cache".to_owned() };
        insert(&mut headers, header::CACHE_CONTROL, &kept);
        headers
    }
}

/// The headers of every answer: ours, then the settings', which win.
fn every_answers(settings: &StaticPack) -> HeaderMap {
    let mut headers = HeaderMap::new();
    insert(&mut headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    insert(&mut headers, header::REFERRER_POLICY, "strict-origin-when-cross-origin");
    insert(&mut headers, header::X_FRAME_OPTIONS, "SAMEORIGIN");
    for (name, value) in &settings.headers {
        match (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            (Ok(name), Ok(value)) => {
                headers.insert(name, value);
            }
            _ => tracing::warn!(name, "a header of the settings is none and is left out"),
        }
    }
    headers
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = value.parse() {
        headers.insert(name, value);
    }
}

fn answer(status: StatusCode, body: Download) -> Response<Download> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Download> {
    let mut response = answer(status, Download::whole(text));
    insert(response.headers_mut(), header::CONTENT_TYPE, "text/plain; charset=utf-8");
    response
}

fn redirect(path: &str, query: Option<&str>) -> Response<Download> {
    let mut response = answer(StatusCode::PERMANENT_REDIRECT, Download::whole(""));
    let location = query.map_or(path.to_owned(), |query| format!("{path}?{query}"));
    insert(response.headers_mut(), header::LOCATION, &location);
    response
}

fn stretched(version: &Version, stretch: Stretch, headers: &mut HeaderMap) -> std::io::Result<Response<Download>> {
    let total = version.length;
    Ok(match stretch {
        Stretch::Whole => answer(StatusCode::OK, content(version, 0, total)?),
        Stretch::Part { from, length } => {
            insert(headers, header::CONTENT_RANGE, &format!("bytes {from}-{}/{total}", from + length - 1));
            answer(StatusCode::PARTIAL_CONTENT, content(version, from, length)?)
        }
        Stretch::Outside => {
            insert(headers, header::CONTENT_RANGE, &format!("bytes */{total}"));
            answer(StatusCode::RANGE_NOT_SATISFIABLE, Download::whole(""))
        }
    })
}

fn content(version: &Version, from: u64, length: u64) -> std::io::Result<Download> {
    let mut file = fs::File::open(&version.path)?;
    file.seek(SeekFrom::Start(from))?;
    if length > WHOLE_LIMIT_BYTES {
        return Ok(Download::file(tokio::fs::File::from_std(file), length));
    }
    let mut content = Vec::with_capacity(length as usize);
    file.take(length).read_to_end(&mut content)?;
    Ok(Download::whole(content))
}
