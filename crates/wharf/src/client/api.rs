//! The API as the command line speaks it.

use anyhow::Context;
use reqwest::{Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// How often a request that came too soon is sent again.
const WAITS: usize = 3;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Where a Wharf is and the token for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Login {
    /// Address of the dashboard.
    pub(super) url: String,
    /// The token, `<id>|<secret>`.
    pub(super) token: String,
}

/// An answer that is a refusal.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    pub(super) fn not_found(message: String) -> Self {
        Self { status: StatusCode::NOT_FOUND, message }
    }

    fn signed_out() -> Self {
        let message = "you are not signed in: run wharf login URL, or set WHARF_URL and WHARF_TOKEN".to_owned();
        Self { status: StatusCode::UNAUTHORIZED, message }
    }

    /// The exit code scripts see; see [`super`].
    pub(super) fn exit_code(&self) -> u8 {
        match self.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => 3,
            StatusCode::NOT_FOUND => 4,
            _ => 1,
        }
    }

    fn from_body(status: StatusCode, body: &str) -> Self {
        let json: Value = serde_json::from_str(body).unwrap_or_default();
        let mut message = json["message"].as_str().map_or_else(|| format!("Wharf answered {status}"), str::to_owned);
        for (field, faults) in json["errors"].as_object().into_iter().flatten() {
            for fault in faults.as_array().into_iter().flatten().filter_map(Value::as_str) {
                message.push_str(&format!("\n  {field}: {fault}"));
            }
        }
        if let Some(hint) = json["hint"].as_str() {
            message.push_str(&format!("\n{hint}"));
        }
        Self { status, message }
    }
}

impl Login {
    /// Where logins are remembered: a file only its owner can read.
    pub(super) fn file() -> anyhow::Result<PathBuf> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let folder = variable("XDG_CONFIG_HOME").or_else(|| variable("HOME").map(|home| home.join(".config")));
        Ok(folder.context("neither XDG_CONFIG_HOME nor HOME says where to remember the login")?.join("wharf/login.toml"))
    }

    fn read() -> anyhow::Result<Self> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let (Some(url), Some(token)) = (variable("WHARF_URL"), variable("WHARF_TOKEN")) {
            return Ok(Self { url, token });
        }
        let text = std::fs::read_to_string(Self::file()?).map_err(|_| Refusal::signed_out())?;
        toml::from_str(&text).context("the remembered login is damaged: run wharf login URL again")
    }
}

/// A signed-in client.
#[derive(Debug, Clone)]
pub(super) struct Api {
    http: reqwest::Client,
    pub(super) login: Login,
}

/// An application as the command line needs it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct App {
    pub(super) uuid: String,
    pub(super) name: String,
    /// Where visitors reach it, ports included.
    #[serde(default)]
    pub(super) urls: Vec<String>,
    #[serde(default)]
    pub(super) status: String,
}

impl Api {
    /// A client with the remembered login, or the one in `WHARF_URL` and `WHARF_TOKEN`.
    pub(super) fn signed_in() -> anyhow::Result<Self> {
        Self::with(Login::read()?)
    }

    /// A client with this login.
    pub(super) fn with(login: Login) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).user_agent(concat!("wharf/", env!("CARGO_PKG_VERSION"))).build()?;
        Ok(Self { http, login: Login { url: login.url.trim_end_matches('/').to_owned(), token: login.token } })
    }

    /// A request to the API, sent; an answer that is no success becomes a [`Refusal`].
    pub(super) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<reqwest::Response> {
        let url = format!("{}/api/v1{path}", self.login.url);
        let mut request = self.http.request(method, &url).bearer_auth(&self.login.token).header(header::ACCEPT, "application/json");
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = self.patiently(request).await?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status();
        Err(Refusal::from_body(status, &answer.text().await.unwrap_or_default()).into())
    }

    /// Sends a request, again where Wharf asks to wait: nothing was done then.
    async fn patiently(&self, request: reqwest::RequestBuilder) -> anyhow::Result<reqwest::Response> {
        for _ in 0..WAITS {
            let Some(again) = request.try_clone() else { break };
            let answer = again.send().await.with_context(|| format!("{} cannot be reached", self.login.url))?;
            let wait = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            match wait.filter(|_| answer.status() == StatusCode::TOO_MANY_REQUESTS) {
                Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
                None => return Ok(answer),
            }
        }
        request.send().await.with_context(|| format!("{} cannot be reached", self.login.url))
    }

    /// A GET as JSON.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        Ok(self.send(Method::GET, path, None).await?.json().await?)
    }

    /// A POST as JSON.
    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        Ok(self.send(Method::POST, path, Some(body)).await?.json().await?)
    }

    /// Every application.
    pub(super) async fn apps(&self) -> anyhow::Result<Vec<App>> {
        Ok(serde_json::from_value(self.get("/applications").await?)?)
    }

    /// The application of this name or uuid.
    pub(super) async fn app(&self, wanted: &str) -> anyhow::Result<App> {
        let mut found: Vec<App> = self.apps().await?.into_iter().filter(|app| app.uuid == wanted || app.name == wanted).collect();
        match (found.pop(), found.is_empty()) {
            (Some(app), true) => Ok(app),
            (Some(_), false) => Err(Refusal::not_found(format!("several applications are called {wanted}: name one by its uuid (wharf apps)")).into()),
            (None, _) => Err(Refusal::not_found(format!("there is no application {wanted}: see wharf apps")).into()),
        }
    }
}
