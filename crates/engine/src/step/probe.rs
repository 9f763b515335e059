//! One question to a container, from outside: a connection, or an HTTP request.

use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use model::{
    HealthCheck,
    health::{Probe, ProbeMethod},
};
use std::{net::SocketAddr, time::Duration};
use tokio::net::TcpStream;

/// How much of an answer's body is read for the text it must hold, in bytes.
const BODY_LENGTH_BYTES: usize = 64 * 1024;

/// An HTTP question.
struct Asked<'a> {
    path: &'a str,
    method: ProbeMethod,
    status: Option<u16>,
    text: Option<&'a str>,
}

/// Asks once, and says in words what was answered or why that is not enough.
pub(super) async fn probe(address: SocketAddr, check: &HealthCheck, host: Option<&str>, limit: Duration) -> Result<String, String> {
    let asked = async {
        let stream = TcpStream::connect(address).await.map_err(|error| format!("port {} does not answer: {error}", address.port()))?;
        match &check.probe {
            Probe::Http { path, method, status, text } => {
                request(stream, address, &Asked { path, method: *method, status: *status, text: text.as_deref() }, host).await
            }
            Probe::Tcp | Probe::None => Ok(format!("port {} answers", address.port())),
        }
    };
    tokio::time::timeout(limit, asked).await.unwrap_or_else(|_| Err(format!("no answer within {} s", limit.as_secs())))
}

async fn request(stream: TcpStream, address: SocketAddr, asked: &Asked<'_>, host: Option<&str>) -> Result<String, String> {
    let failed = |error: hyper::Error| format!("port {} does not speak HTTP: {error}", address.port());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let method = match asked.method {
        ProbeMethod::Get => Method::GET,
        ProbeMethod::Head => Method::HEAD,
        ProbeMethod::Post => Method::POST,
    };
    let request = Request::builder()
        .method(method)
        .uri(asked.path)
        .header(header::HOST, host.map_or_else(|| address.to_string(), str::to_owned))
        .header(header::USER_AGENT, "wharf-health")
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let answered = async {
        let answer = sender.send_request(request).await.map_err(failed)?;
        drop(sender);
        judge(answer, asked).await
    };
    let (answered, _closed) = tokio::join!(answered, connection);
    answered
}

async fn judge(answer: http::Response<Incoming>, asked: &Asked<'_>) -> Result<String, String> {
    let (status, path) = (answer.status().as_u16(), asked.path);
    let fits = asked.status.map_or((200..400).contains(&status), |wanted| wanted == status);
    if !fits {
        let wanted = asked.status.map_or_else(|| "200 to 399".to_owned(), |wanted| wanted.to_string());
        return Err(format!("{path} answers {status}, not {wanted}"));
    }
    match asked.text {
        Some(text) if !beginning(answer.into_body()).await.contains(text) => Err(format!("{path} answers {status} without the text \"{text}\"")),
        _ => Ok(format!("{path} answers {status}")),
    }
}

/// The first part of a body.
async fn beginning(mut body: Incoming) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < BODY_LENGTH_BYTES
        && let Some(Ok(frame)) = body.frame().await
    {
        bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
    }
    bytes.truncate(BODY_LENGTH_BYTES);
    String::from_utf8_lossy(&bytes).into_owned()
}
