//! The container engine of the tests, spoken to in its own API and past the product's client, so that one bug cannot hide another.

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, prelude::BASE64_URL_SAFE};
use bytes::Bytes;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Set to `1`, it lets tests that need an engine pass without one; each says that it was skipped.
const SKIP: &str = "WHARF_TEST_SKIP_ENGINE";
/// The label of what tests make themselves; its value begins with the id of the test's process.
const LABEL: &str = "wharf.test";
const TIMEOUT: Duration = Duration::from_secs(120);

/// A connection to the engine.
#[derive(Clone, Debug)]
pub struct TestEngine {
    client: reqwest::Client,
    socket: PathBuf,
}

impl TestEngine {
    /// Connects to the engine of this machine (`DOCKER_HOST` where it names a unix socket, else the usual one).
    ///
    /// # Errors
    /// None answers: the error says why and what to do.
    pub async fn connect() -> Result<Self> {
        let named = std::env::var("DOCKER_HOST").ok().and_then(|address| address.strip_prefix("unix://").map(PathBuf::from));
        let socket = named.unwrap_or_else(|| PathBuf::from("/var/run/docker.sock"));
        let engine = Self::at(socket)?;
        engine.get("/version").await.with_context(|| {
            format!("no container engine answers at {}: run `cargo xtask testbed up`, or set {SKIP}=1 to go without these tests", engine.socket.display())
        })?;
        Ok(engine)
    }

    /// The engine behind a socket, whether one answers there or not.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn at(socket: impl Into<PathBuf>) -> Result<Self> {
        let socket = socket.into();
        let client = reqwest::Client::builder().unix_socket(socket.as_path()).timeout(TIMEOUT).build()?;
        Ok(Self { client, socket })
    }

    /// Connects; `None` when the environment says to skip tests without an engine and there is none.
    ///
    /// # Panics
    /// There is no engine and nothing says to skip.
    pub async fn required() -> Option<Self> {
        or_skipped(Self::connect().await)
    }

    /// Its unix socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// A label for what one test makes, as `(name, value)`; another one with each call. The value begins with the id of this process.
    pub fn label() -> (String, String) {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        (LABEL.to_owned(), format!("{}.{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)))
    }

    /// Reads a resource of the engine's API, such as `/info`.
    ///
    /// # Errors
    /// The engine does not answer, or refuses.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None).await
    }

    /// Writes to the engine's API.
    ///
    /// # Errors
    /// The engine does not answer, or refuses.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Removes something; what is not there any more is no error.
    ///
    /// # Errors
    /// The engine does not answer, or refuses.
    pub async fn delete(&self, path: &str) -> Result<()> {
        let answer = self.client.delete(self.url(path)).send().await?;
        let status = answer.status();
        ensure!(status.is_success() || status == StatusCode::NOT_FOUND, "DELETE {path}: {status}: {}", answer.text().await.unwrap_or_default());
        Ok(())
    }

    /// Containers with a label, `name` or `name=value`, stopped ones too, as the engine lists them.
    ///
    /// # Errors
    /// The engine does not answer.
    pub async fn containers(&self, label: &str) -> Result<Vec<Value>> {
        self.list("/containers/json", &[("all", "true")], label).await
    }

    /// Everything that carries a label, in words: `container web-1 (running)`, `network wharf`, `volume data`, `image app:3`.
    ///
    /// # Errors
    /// The engine does not answer.
    pub async fn labelled(&self, label: &str) -> Result<Vec<String>> {
        Ok(self.objects(label).await?.into_iter().map(|object| object.words).collect())
    }

    /// Images and volumes that carry a label, in words, and the id of the application each belongs to.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) async fn kept(&self, label: &str) -> Result<Vec<(String, String)>> {
        let objects = self.objects(label).await?.into_iter().filter(|object| object.words.starts_with("image") || object.words.starts_with("volume"));
        Ok(objects.map(|object| (object.words, object.application)).collect())
    }

    /// Removes the tags of repositories that are chosen.
    ///
    /// # Errors
    /// The engine does not answer, or holds on to one.
    pub(crate) async fn remove_tags(&self, of: impl Fn(&str) -> bool) -> Result<()> {
        let images = self.get("/images/json").await?;
        let tags = images.as_array().into_iter().flatten().flat_map(|image| image["RepoTags"].as_array().cloned().unwrap_or_default());
        for tag in tags.filter(|tag| text(tag).rsplit_once(':').is_some_and(|(repository, _)| of(repository))) {
            self.delete(&format!("/images/{}?noprune=true", text(&tag))).await?;
        }
        Ok(())
    }

    /// Removes everything that carries a label: containers with force, then networks, volumes and images.
    ///
    /// # Errors
    /// The engine does not answer, or holds on to something.
    pub async fn remove_labelled(&self, label: &str) -> Result<()> {
        for object in self.objects(label).await? {
            self.delete(&object.path).await.with_context(|| format!("{} stays", object.words))?;
        }
        Ok(())
    }

    /// Removes what test processes that are gone have left.
    ///
    /// # Errors
    /// The engine does not answer, or holds on to something.
    pub async fn sweep(&self) -> Result<()> {
        for object in self.objects(LABEL).await? {
            let owner = object.label.split('.').next().unwrap_or_default().parse::<u32>();
            if owner.is_ok_and(|pid| !Path::new("/proc").join(pid.to_string()).exists()) {
                self.delete(&object.path).await?;
            }
        }
        crate::wharf::sweep(self).await
    }

    /// Gives an image that the engine has another name, and pushes that to its registry.
    ///
    /// # Errors
    /// The image is not there, or the registry refuses it.
    pub async fn push(&self, image: &str, to: &str, user: Option<(&str, &str)>) -> Result<()> {
        let (repository, tag) = to.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((to, "latest"));
        self.post(&format!("/images/{image}/tag?repo={repository}&tag={tag}"), Value::Null).await?;
        let (name, password) = user.unwrap_or_default();
        let credentials = BASE64_URL_SAFE.encode(json!({"username": name, "password": password}).to_string());
        let request = self.client.post(self.url(&format!("/images/{repository}/push?tag={tag}"))).header("x-registry-auth", credentials);
        let answer = request.send().await?.error_for_status()?.text().await?;
        let refused = answer.lines().find(|line| line.contains("\"errorDetail\""));
        self.delete(&format!("/images/{to}?noprune=true")).await?;
        refused.map_or(Ok(()), |line| Err(anyhow::anyhow!("{to} cannot be pushed: {line}")))
    }

    fn url(&self, path: &str) -> String {
        format!("http://engine{path}")
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let answer = self.send(method, path, body).await?;
        Ok(serde_json::from_slice(&answer).unwrap_or(Value::Null))
    }

    /// Reads from the engine's API where it does not answer in JSON.
    pub(crate) async fn get_bytes(&self, path: &str) -> Result<Bytes> {
        self.send(Method::GET, path, None).await
    }

    /// Writes to the engine's API where it does not answer in JSON.
    pub(crate) async fn post_for_bytes(&self, path: &str, body: Value) -> Result<Bytes> {
        self.send(Method::POST, path, Some(body)).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<Bytes> {
        let mut request = self.client.request(method.clone(), self.url(path));
        if let Some(body) = body.filter(|body| !body.is_null()) {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let (status, bytes) = (answer.status(), answer.bytes().await?);
        if !status.is_success() && status != StatusCode::NOT_MODIFIED {
            bail!("{method} {path}: {status}: {}", String::from_utf8_lossy(&bytes));
        }
        Ok(bytes)
    }

    async fn list(&self, path: &str, query: &[(&str, &str)], label: &str) -> Result<Vec<Value>> {
        let filters = json!({"label": [label]}).to_string();
        let answer = self.client.get(self.url(path)).query(query).query(&[("filters", filters)]).send().await?.error_for_status()?;
        let value: Value = answer.json().await?;
        let items = if path == "/volumes" { value["Volumes"].clone() } else { value };
        Ok(items.as_array().cloned().unwrap_or_default())
    }

    async fn objects(&self, label: &str) -> Result<Vec<Object>> {
        let name = label.split('=').next().unwrap_or(label);
        let mut objects = Vec::new();
        for container in self.containers(label).await? {
            let words = format!("container {} ({})", text(&container["Names"][0]).trim_start_matches('/'), text(&container["State"]));
            objects.push(Object::new(&container, name, words, format!("/containers/{}?force=true&v=true", text(&container["Id"]))));
        }
        for network in self.list("/networks", &[], label).await? {
            objects.push(Object::new(&network, name, format!("network {}", text(&network["Name"])), format!("/networks/{}", text(&network["Id"]))));
        }
        for volume in self.list("/volumes", &[], label).await? {
            objects.push(Object::new(&volume, name, format!("volume {}", text(&volume["Name"])), format!("/volumes/{}?force=true", text(&volume["Name"]))));
        }
        for image in self.list("/images/json", &[("all", "false")], label).await? {
            let tag = image["RepoTags"].as_array().and_then(|tags| tags.first()).unwrap_or(&image["Id"]);
            objects.push(Object::new(&image, name, format!("image {}", text(tag)), format!("/images/{}?force=true", text(&image["Id"]))));
        }
        Ok(objects)
    }
}

/// What was started; `None` when it cannot be and the environment says to skip tests then.
///
/// # Panics
/// It cannot be, and nothing says to skip.
pub(crate) fn or_skipped<T>(started: Result<T>) -> Option<T> {
    match started {
        Ok(started) => Some(started),
        Err(error) if std::env::var(SKIP).is_ok_and(|value| value == "1") => {
            // Past the capture of the test runner, which shows nothing of tests that pass: skipped ones are counted by this line.
            let _ = writeln!(std::io::stdout(), "\nskipped: {error:#}");
            None
        }
        Err(error) => panic!("{error:#}"),
    }
}

struct Object {
    words: String,
    /// Where the engine's API has it.
    path: String,
    /// The value of the label asked for.
    label: String,
    /// The application it belongs to, where it says so.
    application: String,
}

impl Object {
    fn new(listed: &Value, label: &str, words: String, path: String) -> Self {
        Self { words, path, label: text(&listed["Labels"][label]).to_owned(), application: text(&listed["Labels"]["wharf.resource"]).to_owned() }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
