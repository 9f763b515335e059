//! A proxy in front of a real server that makes it slow or wrong on demand.

use crate::serve::{Server, plain};
use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What a server does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Answers 429 with `Retry-After: 1`.
    TooManyRequests,
    /// Answers 500.
    ServerError,
    /// Answers after this long.
    Slow(Duration),
    /// Takes the request and never answers.
    Silent,
}

impl Fault {
    /// What a server with this fault answers instead of what it should; nothing where it answers in the end.
    pub(crate) async fn answer(self, too_many: &'static str, error: &'static str) -> Option<Response<Full<Bytes>>> {
        match self {
            Self::None => None,
            Self::TooManyRequests => {
                let mut response = plain(429, too_many);
                response.headers_mut().insert("retry-after", hyper::header::HeaderValue::from_static("1"));
                Some(response)
            }
            Self::ServerError => Some(plain(500, error)),
            Self::Slow(delay) => tokio::time::timeout(delay, std::future::pending()).await.ok(),
            Self::Silent => std::future::pending().await,
        }
    }
}

/// The proxy.
pub(crate) struct FaultProxy {
    server: Server,
    fault: Arc<Mutex<Fault>>,
}

impl FaultProxy {
    /// Passes requests on to a server on this port of 127.0.0.1.
    pub(crate) async fn start(upstream: u16) -> Result<Self> {
        let fault = Arc::new(Mutex::new(Fault::None));
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let shared = Arc::clone(&fault);
        let server = Server::start(move |request| {
            let fault = *shared.lock().unwrap_or_else(PoisonError::into_inner);
            let client = client.clone();
            async move { answer(fault, &client, upstream, request).await }
        })
        .await?;
        Ok(Self { server, fault })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address
    }

    pub(crate) fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }
}

async fn answer(fault: Fault, client: &reqwest::Client, upstream: u16, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let too_many = "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"slow down\"}]}";
    if let Some(instead) = fault.answer(too_many, "{\"errors\":[{\"code\":\"UNKNOWN\",\"message\":\"out of order\"}]}").await {
        return instead;
    }
    pass_on(client, upstream, request).await.unwrap_or_else(|error| plain(502, error.to_string()))
}

async fn pass_on(client: &reqwest::Client, upstream: u16, request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let url = format!("http://127.0.0.1:{upstream}{path}");
    let body = body.collect().await?.to_bytes();
    let answered = client.request(head.method, url).headers(head.headers).body(body).send().await?;
    let mut response = Response::builder().status(answered.status());
    if let Some(headers) = response.headers_mut() {
        *headers = answered.headers().clone();
        headers.remove("transfer-encoding");
    }
    Ok(response.body(Full::new(answered.bytes().await?))?)
}
