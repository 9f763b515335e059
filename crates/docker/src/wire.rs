//! One request to the engine over a connection of its own: streamed both ways, cut when dropped, so that the engine gives up what nobody waits for.

use crate::{Engine, Error, Result};
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyDataStream, BodyExt, Full, Limited, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use std::{io, pin::Pin};
use tokio::net::UnixStream;
use tokio_util::{
    codec::{FramedRead, LinesCodec, LinesCodecError},
    io::StreamReader,
    task::AbortOnDropHandle,
};

/// Bytes that arrive over time, such as a tar that is being packed.
pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// The body of a request.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Longest message of a progress stream, in bytes.
const MESSAGE_LENGTH_BYTES: usize = 32 * 1024 * 1024;
/// Longest sentence of a failure, in bytes.
const FAILURE_LENGTH_BYTES: usize = 64 * 1024;

/// An answer, and the connection that brings it.
pub(crate) struct Answer {
    pub(crate) response: Response<Incoming>,
    connection: AbortOnDropHandle<()>,
}

impl Engine {
    /// Sends a POST with a path such as `/build`, and waits for the head of the answer as long as it takes.
    ///
    /// # Errors
    /// The engine is not there, or answers with a failure.
    pub(crate) async fn post(&self, path: &str, query: &[(&str, String)], headers: http::HeaderMap, body: Body) -> Result<Answer> {
        let stream = UnixStream::connect(&*self.socket).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = AbortOnDropHandle::new(tokio::spawn(async move {
            if let Err(error) = connection.with_upgrades().await {
                tracing::debug!(%error, "a connection to the engine ended");
            }
        }));
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = format!("/v{}{path}?{query}", self.docker.client_version()).parse().map_err(|error| Error::Other { why: format!("{error}") })?;
        *request.headers_mut() = headers;
        request.headers_mut().insert(header::HOST, header::HeaderValue::from_static("docker"));
        let response = sender.send_request(request).await?;
        if response.status().is_success() || response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(Answer { response, connection });
        }
        let status = response.status().as_u16();
        let text = Limited::new(response.into_body(), FAILURE_LENGTH_BYTES).collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        Err(Error::from_answer(status, &message(&text)))
    }
}

impl Answer {
    /// The messages of a progress stream, one JSON document each. The connection lives as long as the stream.
    pub(crate) fn messages<T: DeserializeOwned>(self) -> impl Stream<Item = Result<T>> {
        let bytes = BodyDataStream::new(self.response.into_body()).map_err(io::Error::other);
        let lines = FramedRead::new(StreamReader::new(bytes), LinesCodec::new_with_max_length(MESSAGE_LENGTH_BYTES));
        let connection = self.connection;
        lines.map_err(broken).try_filter_map(move |line| {
            let _held = &connection;
            let parsed = if line.trim().is_empty() { Ok(None) } else { serde_json::from_str(&line).map(Some) };
            std::future::ready(parsed.map_err(|error| Error::Other { why: format!("the engine sent a message that cannot be read: {error}") }))
        })
    }

    /// The answer's upgraded connection: bytes in both directions.
    pub(crate) async fn upgrade(self) -> Result<(hyper::upgrade::Upgraded, AbortOnDropHandle<()>)> {
        Ok((hyper::upgrade::on(self.response).await?, self.connection))
    }
}

fn broken(error: LinesCodecError) -> Error {
    match error {
        LinesCodecError::Io(error) => Error::unavailable(&error),
        LinesCodecError::MaxLineLengthExceeded => Error::Other { why: "the engine sent a message that is too long".into() },
    }
}

/// What a failure says: the engine wraps it in JSON, proxies before it do not.
fn message(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Failure {
        message: String,
    }
    serde_json::from_slice::<Failure>(body).map_or_else(|_| String::from_utf8_lossy(body).into_owned(), |failure| failure.message)
}

/// A body with nothing in it.
pub(crate) fn empty() -> Body {
    Full::default().map_err(|never| match never {}).boxed_unsync()
}

/// A body that is streamed.
pub(crate) fn streamed(bytes: ByteStream) -> Body {
    StreamBody::new(bytes.map_ok(Frame::data)).boxed_unsync()
}
