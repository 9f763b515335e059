//! The control socket: what [`model::edge`] documents.

use crate::{
    Error,
    limits::CONTROL_BODY_LIMIT_BYTES,
    shared::{NotTaken, Shared},
    visitor::Phase,
};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use model::{RouteTable, edge::Acknowledged};
use std::{convert::Infallible, sync::Arc};
use tokio::net::{UnixListener, UnixStream};

/// Answers Wharf until the edge leaves.
pub(crate) async fn serve(shared: Arc<Shared>, listener: UnixListener) {
    loop {
        tokio::select! {
            () = shared.life.reached(Phase::HandedOver) => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(converse(shared.clone(), stream));
                }
                Err(error) => tracing::warn!(%error, "a connection to the control socket could not be accepted"),
            },
        }
    }
}

async fn converse(shared: Arc<Shared>, stream: UnixStream) {
    let answer = service_fn(|request| {
        let shared = shared.clone();
        async move { Ok::<_, Infallible>(answer(&shared, request).await) }
    });
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await {
        tracing::debug!(%error, "a conversation on the control socket broke off");
    }
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Response<Full<Bytes>> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/table") => json(StatusCode::OK, &shared.table.load().source),
        (&Method::GET, "/status") => json(StatusCode::OK, &shared.status()),
        (&Method::PUT, "/table") => match read::<RouteTable>(request).await {
            Ok(table) => taken(shared.take(table).await),
            Err(why) => text(StatusCode::BAD_REQUEST, why),
        },
        (&Method::PUT, "/certificates") => match read(request).await {
            Ok(certificates) => match shared.certificates.take(certificates).await {
                Ok(()) => text(StatusCode::OK, String::new()),
                Err(error @ Error::Certificate { .. }) => text(StatusCode::BAD_REQUEST, error.to_string()),
                Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
            },
            Err(why) => text(StatusCode::BAD_REQUEST, why),
        },
        (method, path) => text(StatusCode::NOT_FOUND, format!("the edge knows no {method} {path}")),
    }
}

fn taken(outcome: Result<u64, NotTaken>) -> Response<Full<Bytes>> {
    match outcome {
        Ok(generation) => json(StatusCode::OK, &Acknowledged { generation }),
        Err(NotTaken::Newer(generation)) => json(StatusCode::CONFLICT, &Acknowledged { generation }),
        Err(NotTaken::HandedOver) => text(StatusCode::SERVICE_UNAVAILABLE, "a newer edge takes over: ask again".to_owned()),
        Err(NotTaken::Failed(error)) => text(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

async fn read<T: serde::de::DeserializeOwned>(request: Request<Incoming>) -> Result<T, String> {
    let body = Limited::new(request.into_body(), CONTROL_BODY_LIMIT_BYTES).collect().await.map_err(|error| format!("the body did not arrive: {error}"))?;
    serde_json::from_slice(&body.to_bytes()).map_err(|error| format!("the body cannot be read: {error}"))
}

fn json(status: StatusCode, value: &impl serde::Serialize) -> Response<Full<Bytes>> {
    match serde_json::to_vec(value) {
        Ok(content) => {
            let mut response = Response::new(Full::from(content));
            *response.status_mut() = status;
            response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
            response
        }
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

fn text(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response
}
