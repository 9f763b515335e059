//! Builds, through the BuildKit that is part of the engine.

use crate::{
    ByteStream, Credential, Engine, Error, Result, engine::checked_image, error::says_full, image::json, labels, progress::Progress, session::Confidences,
    wire::streamed,
};
use base64::Engine as _;
use bollard::moby::buildkit::v1::StatusResponse;
use futures_util::{TryStreamExt, pin_mut};
use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use model::Secret;
use prost::Message;
use std::collections::HashMap;

/// What is built, and with what.
pub struct BuildRequest {
    /// The tag that the image gets.
    pub tag: String,
    /// The context: a tar, plain or gzipped, streamed as BuildKit asks for it.
    pub context: ByteStream,
    /// The Dockerfile's path in the context.
    pub dockerfile: String,
    /// The stage to build; the last when absent.
    pub target: Option<String>,
    /// Build arguments. Image history keeps the ones that a stage uses: what must not be seen belongs to `secrets`.
    pub arguments: Vec<(String, Secret)>,
    /// Build secrets by id, for `RUN --mount=type=secret,id=X`.
    pub secrets: Vec<(String, Secret)>,
    /// Credentials for base images by registry host, such as `ghcr.io`.
    pub credentials: Vec<(String, Credential)>,
    /// Labels of the image, the instance's apart.
    pub labels: Vec<(String, String)>,
    /// Whether everything is built anew.
    pub no_cache: bool,
}

/// One message of the engine's answer.
#[derive(serde::Deserialize)]
struct Said {
    id: Option<String>,
    aux: Option<serde_json::Value>,
    error: Option<String>,
}

impl Engine {
    /// Builds an image and answers with its id. The sink gets each line as it is written. Dropping the future cancels the build.
    ///
    /// # Errors
    /// [`Error::BuildFailed`] names the step; [`Error::DiskFull`]; [`Error::Unavailable`] when the engine went away meanwhile.
    pub async fn image_build(&self, request: BuildRequest, mut sink: impl FnMut(&str) + Send) -> Result<String> {
        let confidences =
            Confidences { secrets: request.secrets.iter().cloned().collect(), credentials: request.credentials.iter().map(registry_host).collect() };
        let session = self.session(confidences).await?;
        let query = self.query(&request, &session.id)?;
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/x-tar"))]);
        let messages = self.post("/build", &query, headers, streamed(request.context)).await?.messages::<Said>();
        pin_mut!(messages);
        let (mut progress, mut image) = (Progress::default(), None);
        while let Some(said) = messages.try_next().await? {
            if let Some(why) = said.error {
                return Err(failure(progress, why));
            }
            match (said.id.as_deref(), said.aux) {
                (Some("moby.buildkit.trace"), Some(aux)) => progress.take(decoded(&aux)?, &mut sink),
                (Some("moby.image.id"), Some(aux)) => image = aux.get("ID").and_then(|id| id.as_str()).map(str::to_owned),
                _ => {}
            }
        }
        image.ok_or_else(|| Error::Unavailable { why: "the engine ended the build without a result: build again".into() })
    }

    fn query(&self, request: &BuildRequest, session: &str) -> Result<Vec<(&'static str, String)>> {
        let arguments: HashMap<_, _> = request.arguments.iter().map(|(name, value)| (name, value.expose())).collect();
        let mut labels: HashMap<_, _> = request.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        labels.insert(labels::INSTANCE, self.instance.as_str());
        let mut query = vec![
            ("version", "2".to_owned()),
            ("session", session.to_owned()),
            ("t", checked_image(&request.tag)?.to_string()),
            ("dockerfile", request.dockerfile.clone()),
            ("buildargs", json(&arguments)?),
            ("labels", json(&labels)?),
        ];
        query.extend(request.target.clone().map(|target| ("target", target)));
        query.extend(request.no_cache.then(|| ("nocache", "1".to_owned())));
        Ok(query)
    }
}

/// Docker Hub answers at a host that nobody writes.
fn registry_host((host, credential): &(String, Credential)) -> (String, Credential) {
    let host = if host == "docker.io" { "registry-1.docker.io" } else { host };
    (host.to_owned(), credential.clone())
}

fn decoded(aux: &serde_json::Value) -> Result<StatusResponse> {
    let bytes = aux.as_str().and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
    bytes.and_then(|bytes| StatusResponse::decode(bytes.as_slice()).ok()).ok_or_else(|| Error::Other { why: "the engine's progress cannot be read".into() })
}

/// Why a build failed: the step that did, or the whole when it never came to one.
fn failure(progress: Progress, why: String) -> Error {
    if let full @ Error::DiskFull { .. } = Error::from_answer(500, &why) {
        return full;
    }
    match progress.failed() {
        Some(step) => match step.tail.iter().find(|line| says_full(line)) {
            Some(line) => Error::DiskFull { why: format!("{}: {line}", step.name) },
            None => Error::BuildFailed { why: explained(&step.why), step: shortened(&step.name), tail: step.tail },
        },
        None => Error::BuildFailed { step: "the Dockerfile".into(), why, tail: Vec::new() },
    }
}

/// Longest name of a step in a sentence, in characters; a command may be a whole script.
const STEP_LENGTH_CHARACTERS: usize = 80;

/// The name of a step, as far as a sentence has room for it.
fn shortened(step: &str) -> String {
    if step.chars().count() <= STEP_LENGTH_CHARACTERS {
        return step.to_owned();
    }
    let begin: String = step.chars().take(STEP_LENGTH_CHARACTERS).collect();
    format!("{} ...", begin.trim_end())
}

/// What the engine says of a step, without the command, which the step's name is already, and with what is meant where its words are those of experts.
fn explained(why: &str) -> String {
    const KILLED: &str = "exit code: 137";
    let end = why.rsplit_once(" did not complete ").and_then(|(_, how)| how.split_once(": "));
    let why = end.map_or_else(|| why.to_owned(), |(_, end)| format!("it ended with {end}"));
    if why.contains(KILLED) {
        format!("{why}; it was killed, as the kernel does when memory runs out: give the build more memory, or let it need less")
    } else {
        why
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_said_in_a_sentence_not_in_a_script() {
        assert_eq!(explained(r#"process "/bin/sh -c npm ci; exit 1" did not complete well: exit code: 1"#), "it ended with exit code: 1");
        assert!(explained("process \"x\" did not complete well: exit code: 137").contains("memory runs out"));
        assert_eq!(explained("failed to compute cache key"), "failed to compute cache key");
        assert_eq!(shortened("[2/2] RUN npm ci"), "[2/2] RUN npm ci");
        assert_eq!(shortened(&"x".repeat(200)).chars().count(), STEP_LENGTH_CHARACTERS + 4);
    }
}
