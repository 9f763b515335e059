//! An S3 server that keeps its buckets in a folder, checks signatures, and misbehaves when told to.

use crate::Fault;
use crate::disk::temporary;
use crate::serve::{Server, plain};
use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;

const KEY_ID: &str = "AKIAWHARFTEST";
const BUCKET: &str = "backups";

/// An S3 server on this machine with one bucket; dropping it removes it with all that is in it.
pub struct TestS3 {
    server: Server,
    secret: String,
    fault: Arc<Mutex<Fault>>,
    folder: TempDir,
}

impl TestS3 {
    /// Starts one.
    ///
    /// # Errors
    /// No folder can be made.
    pub async fn start() -> Result<Self> {
        let folder = temporary("wharf-s3-")?;
        fs::create_dir(folder.path().join(BUCKET))?;
        let files = s3s_fs::FileSystem::new(folder.path()).map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let secret = format!("{:032x}", rand::random::<u128>());
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(KEY_ID, secret.as_str()));
        let service = builder.build();
        let fault = Arc::new(Mutex::new(Fault::None));
        let shared = Arc::clone(&fault);
        let server = Server::start(move |request| {
            let fault = *shared.lock().unwrap_or_else(PoisonError::into_inner);
            let service = service.clone();
            async move { answer(fault, &service, request).await }
        })
        .await?;
        Ok(Self { server, secret, fault, folder })
    }

    /// Its address; buckets are the first part of a path.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The id of the key that it takes.
    pub fn key_id(&self) -> &'static str {
        KEY_ID
    }

    /// The key's secret, another one with each server.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The bucket that is there.
    pub fn bucket(&self) -> &'static str {
        BUCKET
    }

    /// What an object holds, read past the server.
    ///
    /// # Errors
    /// There is no such object.
    pub fn object(&self, bucket: &str, key: &str) -> Result<Vec<u8>> {
        fs::read(self.folder.path().join(bucket).join(key)).with_context(|| format!("no object {key} in the bucket {bucket}"))
    }

    /// Whether there is such an object.
    pub fn has(&self, bucket: &str, key: &str) -> bool {
        Path::exists(&self.folder.path().join(bucket).join(key))
    }

    /// Makes it misbehave from the next request on.
    pub fn set_fault(&self, fault: Fault) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }
}

async fn answer(fault: Fault, service: &S3Service, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let too_many = "<Error><Code>SlowDown</Code><Message>reduce your request rate</Message></Error>";
    if let Some(instead) = fault.answer(too_many, "<Error><Code>InternalError</Code><Message>out of order</Message></Error>").await {
        return instead;
    }
    let whole = async {
        let (head, body) = service.call(request.map(s3s::Body::from)).await.map_err(|error| anyhow::anyhow!("{error:?}"))?.into_parts();
        let bytes = body.collect().await.map_err(|error| anyhow::anyhow!("{error}"))?.to_bytes();
        Ok::<_, anyhow::Error>(Response::from_parts(head, Full::new(bytes)))
    };
    whole.await.unwrap_or_else(|error| plain(500, error.to_string()))
}
