//! The session beside a build: BuildKit asks over it for build secrets and registry credentials, which therefore are in no request, file or image.

use crate::{Credential, Engine, Error, Result, wire::empty};
use bollard::{
    health::{
        HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
        health_check_response::ServingStatus,
        health_server::{Health, HealthServer},
    },
    moby::{
        buildkit::secrets::v1::{
            GetSecretRequest, GetSecretResponse,
            secrets_server::{Secrets, SecretsServer},
        },
        filesync::v1::{
            CredentialsRequest, CredentialsResponse, FetchTokenRequest, FetchTokenResponse, GetTokenAuthorityRequest, GetTokenAuthorityResponse,
            VerifyTokenAuthorityRequest, VerifyTokenAuthorityResponse,
            auth_server::{Auth, AuthServer},
        },
    },
};
use http::{HeaderMap, HeaderName, HeaderValue};
use hyper_util::{rt::TokioExecutor, service::TowerToHyperService};
use model::Secret;
use std::collections::HashMap;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Request, Response, Status};

/// What BuildKit may call; it asks for nothing that is not announced.
const METHODS: [&str; 3] = ["/grpc.health.v1.Health/Check", "/moby.buildkit.secrets.v1.Secrets/GetSecret", "/moby.filesync.v1.Auth/Credentials"];

/// What a build may be told.
#[derive(Default)]
pub(crate) struct Confidences {
    /// Build secrets by id.
    pub(crate) secrets: HashMap<String, Secret>,
    /// Credentials by registry host.
    pub(crate) credentials: HashMap<String, Credential>,
}

/// An open session; it ends when dropped.
pub(crate) struct Session {
    /// The name by which the build refers to it.
    pub(crate) id: String,
    _served: AbortOnDropHandle<()>,
}

impl Engine {
    /// Opens a session that answers with these confidences.
    pub(crate) async fn session(&self, confidences: Confidences) -> Result<Session> {
        let id = format!("{:032x}", rand::random::<u128>());
        let (stream, connection) = self.post("/session", &[], headers(&id)?, empty()).await?.upgrade().await?;
        let secrets = SecretsServer::new(BuildSecrets(confidences.secrets));
        let auth = AuthServer::new(Registries(confidences.credentials));
        let services = tonic::service::Routes::new(HealthServer::new(Alive)).add_service(secrets).add_service(auth).prepare();
        let served = AbortOnDropHandle::new(tokio::spawn(async move {
            let _held = connection;
            let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            if let Err(error) = server.serve_connection(stream, TowerToHyperService::new(services)).await {
                tracing::debug!(%error, "a build's session ended");
            }
        }));
        Ok(Session { id, _served: served })
    }
}

fn headers(id: &str) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(http::header::UPGRADE, HeaderValue::from_static("h2c"));
    let id = HeaderValue::from_str(id).map_err(|error| Error::Other { why: error.to_string() })?;
    headers.insert(HeaderName::from_static("x-docker-expose-session-uuid"), id);
    for method in METHODS {
        headers.append(HeaderName::from_static("x-docker-expose-session-grpc-method"), HeaderValue::from_static(method));
    }
    Ok(headers)
}

struct BuildSecrets(HashMap<String, Secret>);

#[tonic::async_trait]
impl Secrets for BuildSecrets {
    async fn get_secret(&self, request: Request<GetSecretRequest>) -> std::result::Result<Response<GetSecretResponse>, Status> {
        let id = request.into_inner().id;
        let secret = self.0.get(&id).ok_or_else(|| Status::not_found(format!("there is no build secret {id}")))?;
        Ok(Response::new(GetSecretResponse { data: secret.expose().as_bytes().to_vec() }))
    }
}

struct Registries(HashMap<String, Credential>);

/// Only credentials are handed out. Where the other questions are not answered BuildKit fetches its tokens itself.
#[tonic::async_trait]
impl Auth for Registries {
    async fn credentials(&self, request: Request<CredentialsRequest>) -> std::result::Result<Response<CredentialsResponse>, Status> {
        let answer = self
            .0
            .get(&request.into_inner().host)
            .map(|credential| CredentialsResponse { username: credential.username.clone(), secret: credential.password.expose().to_owned() });
        Ok(Response::new(answer.unwrap_or_default()))
    }
    async fn fetch_token(&self, _: Request<FetchTokenRequest>) -> std::result::Result<Response<FetchTokenResponse>, Status> {
        Err(Status::unimplemented("tokens are fetched by the builder"))
    }
    async fn get_token_authority(&self, _: Request<GetTokenAuthorityRequest>) -> std::result::Result<Response<GetTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("tokens are fetched by the builder"))
    }
    async fn verify_token_authority(&self, _: Request<VerifyTokenAuthorityRequest>) -> std::result::Result<Response<VerifyTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("tokens are fetched by the builder"))
    }
}

/// BuildKit gives a build up whose session does not answer.
struct Alive;

#[tonic::async_trait]
impl Health for Alive {
    async fn check(&self, _: Request<HealthCheckRequest>) -> std::result::Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(HealthCheckResponse { status: ServingStatus::Serving.into() }))
    }
    async fn list(&self, _: Request<HealthListRequest>) -> std::result::Result<Response<HealthListResponse>, Status> {
        Err(Status::unimplemented("ask for one service"))
    }
    type WatchStream = futures_util::stream::Empty<std::result::Result<HealthCheckResponse, Status>>;
    async fn watch(&self, _: Request<HealthCheckRequest>) -> std::result::Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("ask again instead"))
    }
}
