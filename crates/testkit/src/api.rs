//! A small client of Wharf's HTTP API, as a script from outside would write one.

use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);

/// The API of one Wharf, with a token or without.
#[derive(Clone, Debug)]
pub struct Api {
    client: reqwest::Client,
    base: String,
    /// Used in turn: a test asks more often than one token may.
    tokens: Vec<String>,
    turn: Arc<AtomicUsize>,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body where it is JSON, else `null`.
    pub json: Value,
    /// The body.
    pub text: String,
}

impl Answer {
    /// The body, when the status is a success.
    ///
    /// # Errors
    /// The status is another; the error holds it and the body.
    pub fn ok(self) -> Result<Value> {
        ensure!((200..300).contains(&self.status), "the API answered {}: {}", self.status, self.text);
        Ok(self.json)
    }

    /// A text field of the body.
    ///
    /// # Errors
    /// The status is no success, or there is no such field.
    pub fn field(self, name: &str) -> Result<String> {
        let value = self.ok()?;
        value[name].as_str().map(str::to_owned).with_context(|| format!("the API's answer has no `{name}`: {value}"))
    }
}

impl Api {
    /// The API at an address such as `http://127.0.0.1:8000`; without a token, as anonymous.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn new(base: &str, token: Option<String>) -> Result<Self> {
        let client = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { client, base: base.trim_end_matches('/').to_owned(), tokens: Vec::from_iter(token), turn: Arc::default() })
    }

    /// The same API with another token, or none.
    pub fn with_token(&self, token: Option<String>) -> Self {
        Self { tokens: Vec::from_iter(token), ..self.clone() }
    }

    /// The same API with several tokens, used in turn.
    pub fn with_tokens(&self, tokens: Vec<String>) -> Self {
        Self { tokens, ..self.clone() }
    }

    /// Reads; the path is below `/api/v1`.
    ///
    /// # Errors
    /// Wharf does not answer.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.call(Method::GET, path, None).await
    }

    /// Posts a JSON body, or none when it is `null`.
    ///
    /// # Errors
    /// Wharf does not answer.
    pub async fn post(&self, path: &str, body: Value) -> Result<Answer> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Changes.
    ///
    /// # Errors
    /// Wharf does not answer.
    pub async fn patch(&self, path: &str, body: Value) -> Result<Answer> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// Deletes.
    ///
    /// # Errors
    /// Wharf does not answer.
    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.call(Method::DELETE, path, None).await
    }

    /// Sends any request; the path is below the server's root.
    ///
    /// # Errors
    /// Wharf does not answer.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, String)], body: String) -> Result<Answer> {
        let request = self.client.request(method, format!("{}{path}", self.base)).body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        Self::answer(request).await
    }

    /// Asks for a deployment of an application and returns its uuid.
    ///
    /// # Errors
    /// Wharf does not answer, or refuses.
    pub async fn deploy(&self, application: &str) -> Result<String> {
        let queued = self.post("/deploy", json!({"uuid": application})).await?.ok()?;
        let deployment = queued["deployments"][0]["deployment_uuid"].as_str().map(str::to_owned);
        deployment.with_context(|| format!("the API queued no deployment: {queued}"))
    }

    /// Deploys an application and waits until that is finished.
    ///
    /// # Errors
    /// Wharf refuses, or the deployment ends otherwise, or not within the time; the error holds its log.
    pub async fn deploy_finished(&self, application: &str, within: Duration) -> Result<Value> {
        let deployment = self.deploy(application).await?;
        self.deployment_finished(&deployment, within).await
    }

    /// Waits until a deployment has ended and returns it.
    ///
    /// # Errors
    /// It has not ended within the time; the error says its last status.
    pub async fn deployment_ended(&self, deployment: &str, within: Duration) -> Result<Value> {
        let path = format!("/deployments/{deployment}");
        crate::wait_for(&format!("deployment {deployment} to end"), within, async || {
            let deployment = self.get(&path).await.and_then(Answer::ok).map_err(|error| format!("{error:#}"))?;
            match deployment["status"].as_str() {
                Some("finished" | "failed" | "cancelled-by-user") => Ok(deployment),
                status => Err(format!("status {}", status.unwrap_or("none"))),
            }
        })
        .await
    }

    /// Waits until a deployment is finished.
    ///
    /// # Errors
    /// It ends otherwise, or not within the time; the error holds its log.
    pub async fn deployment_finished(&self, deployment: &str, within: Duration) -> Result<Value> {
        let ended = self.deployment_ended(deployment, within).await?;
        if ended["status"] != "finished" {
            bail!("deployment {deployment} is {}: {ended:#}", ended["status"]);
        }
        Ok(ended)
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Answer> {
        let mut request = self.client.request(method, format!("{}/api/v1{path}", self.base)).header("accept", "application/json");
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        if let Some(token) = self.tokens.get(turn % self.tokens.len().max(1)) {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body.filter(|body| !body.is_null()) {
            request = request.json(&body);
        }
        Self::answer(request).await
    }

    async fn answer(request: reqwest::RequestBuilder) -> Result<Answer> {
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok(Answer { status, json: serde_json::from_str(&text).unwrap_or_default(), text })
    }
}
