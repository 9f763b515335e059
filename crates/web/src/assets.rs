//! Style sheets, scripts and fonts: embedded, compressed at build time, named by their content so that browsers keep them for good.

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

struct Asset {
    name: &'static str,
    tag: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
    packed: Option<Packed>,
}

struct Packed {
    brotli: &'static [u8],
    gzip: &'static [u8],
}

mod table {
    //! Written by the build script.
    use super::{Asset, Packed};
    include!(concat!(env!("OUT_DIR"), "/assets.rs"));

    pub(super) fn find(name: &str) -> Option<&'static Asset> {
        ASSETS.iter().find(|asset| asset.name == name)
    }
}

pub use table::{MARK, SCRIPT, STYLE, TERMINAL_SCRIPT, TERMINAL_STYLE};

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET /assets/{name}`.
pub async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = table::find(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag == asset.tag);
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (bytes, encoding) = match &asset.packed {
        Some(packed) if accepts(accepted, "br") => (packed.brotli, Some("br")),
        Some(packed) if accepts(accepted, "gzip") => (packed.gzip, Some("gzip")),
        _ => (asset.bytes, None),
    };
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { bytes.into_response() };
    let answer = response.headers_mut();
    answer.insert(header::CACHE_CONTROL, FOREVER);
    answer.insert(header::ETAG, HeaderValue::from_static(asset.tag));
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding.filter(|_| !known) {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn accepts(header: &str, wanted: &str) -> bool {
    header.split(',').any(|part| {
        let mut words = part.split(';').map(str::trim);
        words.next() == Some(wanted) && !words.any(|word| word == "q=0")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(path: &str) -> Path<String> {
        Path(path.trim_start_matches("/assets/").to_owned())
    }

    #[tokio::test]
    async fn an_asset_comes_compressed_and_is_kept_for_good() {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br;q=1.0"))]);
        let response = serve(name(STYLE), headers).await;
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        assert!(response.headers()[header::CACHE_CONTROL].to_str().is_ok_and(|value| value.contains("immutable")));
    }

    #[tokio::test]
    async fn a_client_without_compression_gets_plain_bytes() {
        let response = serve(name(SCRIPT), HeaderMap::new()).await;
        assert_eq!(response.headers().get(header::CONTENT_ENCODING), None);
        assert_eq!(response.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn what_is_not_embedded_is_not_found() {
        for bad in ["nope.js", "../Cargo.toml", ""] {
            assert_eq!(serve(name(bad), HeaderMap::new()).await.status(), StatusCode::NOT_FOUND);
        }
    }
}
