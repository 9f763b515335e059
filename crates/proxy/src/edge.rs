//! The built-in edge, over its control socket.

use crate::Error;
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use model::{
    RouteTable,
    edge::{Acknowledged, CONTROL_SOCKET, Certificate, EdgeStatus},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fmt::Display,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    net::UnixStream,
    time::{sleep, timeout},
};

/// How long the edge may take for one answer, an upgrade in between included.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// How long a call waits before it asks again while one edge takes over from another.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// The edge whose state is in a folder of this machine.
#[derive(Debug, Clone)]
pub struct Edge {
    socket: PathBuf,
}

impl Edge {
    /// The edge with this state folder.
    pub fn at(state: &Path) -> Self {
        Self { socket: state.join(CONTROL_SOCKET) }
    }

    /// Gives it a table. Returns once every new request sees it.
    ///
    /// # Errors
    /// [`Error::Newer`] where it has a newer one, else as the edge is.
    pub async fn push(&self, table: &RouteTable) -> Result<Acknowledged, Error> {
        match self.ask(Method::PUT, "/table", Some(table)).await? {
            (StatusCode::CONFLICT, body) => Err(Error::Newer { generation: read::<Acknowledged>(&body)?.generation }),
            answer => accepted(answer),
        }
    }

    /// The table it serves.
    ///
    /// # Errors
    /// As the edge is.
    pub async fn table(&self) -> Result<RouteTable, Error> {
        accepted(self.ask::<()>(Method::GET, "/table", None).await?)
    }

    /// How it is.
    ///
    /// # Errors
    /// As the edge is.
    pub async fn status(&self) -> Result<EdgeStatus, Error> {
        accepted(self.ask::<()>(Method::GET, "/status", None).await?)
    }

    /// Gives it the certificates, in place of all it had.
    ///
    /// # Errors
    /// [`Error::Rejected`] where one cannot be used, and then none is taken; else as the edge is.
    pub async fn certificates(&self, certificates: &[Certificate]) -> Result<(), Error> {
        match self.ask(Method::PUT, "/certificates", Some(certificates)).await? {
            (StatusCode::OK, _) => Ok(()),
            (_, body) => Err(rejected(&body)),
        }
    }

    async fn ask<T: Serialize + ?Sized>(&self, method: Method, path: &str, body: Option<&T>) -> Result<(StatusCode, Bytes), Error> {
        let body = body.map(serde_json::to_vec).transpose().map_err(|error| Error::Rejected { why: error.to_string() })?;
        let body = Bytes::from(body.unwrap_or_default());
        let answered = async {
            loop {
                match self.ask_once(&method, path, body.clone()).await? {
                    (StatusCode::SERVICE_UNAVAILABLE, _) => sleep(ASK_AGAIN).await,
                    answer => return Ok(answer),
                }
            }
        };
        timeout(ANSWER_LIMIT, answered).await.unwrap_or(Err(Error::Timeout { after: ANSWER_LIMIT }))
    }

    async fn ask_once(&self, method: &Method, path: &str, body: Bytes) -> Result<(StatusCode, Bytes), Error> {
        let stream = UnixStream::connect(&self.socket).await.map_err(|error| self.unreachable(error))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| self.unreachable(error))?;
        let request =
            Request::builder().method(method).uri(path).header(header::HOST, "edge").body(Full::new(body)).map_err(|error| self.unreachable(error))?;
        let answer = async {
            let response = sender.send_request(request).await?;
            let status = response.status();
            let body = response.into_body().collect().await?.to_bytes();
            drop(sender);
            Ok::<_, hyper::Error>((status, body))
        };
        let (answer, _closed) = tokio::join!(answer, connection);
        answer.map_err(|error| self.unreachable(error))
    }

    fn unreachable(&self, why: impl Display) -> Error {
        Error::Unreachable { socket: self.socket.clone(), why: why.to_string() }
    }
}

fn accepted<T: DeserializeOwned>((status, body): (StatusCode, Bytes)) -> Result<T, Error> {
    if status == StatusCode::OK { read(&body) } else { Err(rejected(&body)) }
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| Error::Rejected { why: format!("its answer cannot be read ({error}); it may be of another version") })
}

fn rejected(body: &Bytes) -> Error {
    Error::Rejected { why: String::from_utf8_lossy(body).trim().to_owned() }
}
