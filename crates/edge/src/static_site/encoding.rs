//! Compressed forms of files, made when first asked for and kept.

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, header};
use std::{
    collections::HashMap,
    io::Write,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// Files smaller than this gain nothing.
const SMALLEST_BYTES: u64 = 256;
/// Files larger than this are sent as they are.
const LARGEST_BYTES: u64 = 8 * 1024 * 1024;
/// What all kept forms may take together; beyond it files are sent as they are.
const KEPT_LIMIT_BYTES: usize = 64 * 1024 * 1024;
const BROTLI_QUALITY: i32 = 6;
const BROTLI_WINDOW: i32 = 22;

/// A way to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    /// Its name in HTTP.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The best one that the visitor understands.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let offered = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        let wanted: Vec<&str> = offered.filter_map(wanted).collect();
        [Self::Brotli, Self::Gzip].into_iter().find(|encoding| wanted.iter().any(|name| name.eq_ignore_ascii_case(encoding.as_str())))
    }

    fn compress(self, content: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Brotli => {
                let parameters = brotli::enc::BrotliEncoderParams { quality: BROTLI_QUALITY, lgwin: BROTLI_WINDOW, ..Default::default() };
                let mut compressed = Vec::new();
                brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters)?;
                Ok(compressed)
            }
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(content)?;
                encoder.finish()
            }
        }
    }
}

/// The name of a coding, unless it is refused with `q=0`.
fn wanted(offer: &str) -> Option<&str> {
    let mut parts = offer.split(';').map(str::trim);
    let name = parts.next()?;
    let refused = parts.filter_map(|part| part.strip_prefix("q=")).any(|quality| quality.parse::<f32>().is_ok_and(|quality| quality <= 0.0));
    (!refused).then_some(name)
}

/// Whether files of a type get smaller.
pub(super) fn is_compressible(kind: &mime_guess::Mime) -> bool {
    let name = kind.subtype().as_str();
    let suffix = kind.suffix().map(|suffix| suffix.as_str());
    kind.type_() == "text"
        || ["javascript", "json", "xml", "wasm", "manifest", "ttf", "otf", "x-font-ttf", "vnd.ms-fontobject", "x-ndjson", "bmp"].contains(&name)
        || matches!(suffix, Some("json" | "xml"))
}

/// A file at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Version {
    pub(super) path: PathBuf,
    pub(super) changed_nanoseconds: i128,
    pub(super) length: u64,
}

/// The forms that are kept.
#[derive(Debug, Default)]
pub(super) struct Forms(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// `None` where the compressed form is not smaller.
    forms: HashMap<(Version, Encoding), Option<Bytes>>,
    bytes: usize,
}

impl Forms {
    /// The compressed form of a file, if it is worth it. Reads and compresses the file the first time: call it where blocking is fine.
    pub(super) fn of(&self, version: &Version, encoding: Encoding) -> Option<Bytes> {
        if !(SMALLEST_BYTES..=LARGEST_BYTES).contains(&version.length) {
            return None;
        }
        let key = (version.clone(), encoding);
        {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(form) = kept.forms.get(&key) {
                return form.clone();
            }
            if kept.bytes >= KEPT_LIMIT_BYTES {
                return None;
            }
        }
        let content = std::fs::read(&version.path).ok()?;
        let compressed = encoding.compress(&content).ok()?;
        let form = (compressed.len() < content.len() / 10 * 9).then(|| Bytes::from(compressed));
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += form.as_ref().map_or(0, Bytes::len);
        kept.forms.insert(key, form.clone());
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_coding_that_is_understood_is_taken() {
        for (offer, taken) in [
            ("gzip, deflate, br", Some(Encoding::Brotli)),
            ("gzip", Some(Encoding::Gzip)),
            ("br;q=0, gzip;q=0.5", Some(Encoding::Gzip)),
            ("identity", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, offer.parse().expect("a header"));
            assert_eq!(Encoding::accepted(&headers), taken, "{offer}");
        }
    }
}
