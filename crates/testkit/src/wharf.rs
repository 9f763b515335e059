//! Wharf itself: the real binary with a data folder, ports and an instance of its own.

use crate::orphans::{orphans, remove_pulled, unfinished};
use crate::{Answer, Api, OwnEngine, Running, TestEngine, free_port, wait_for};
use anyhow::{Context, Result, bail, ensure};
use model::InstanceId;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;
use tempfile::TempDir;

/// Names the binary to test; by default the one in the target folder of the test.
const BINARY: &str = "WHARF_TEST_BINARY";
const READY_WITHIN: Duration = Duration::from_secs(20);
const STOPS_WITHIN: Duration = Duration::from_secs(10);
/// Tokens of the API that [`TestWharf::setup`] answers: each may ask 200 times a minute, and tests ask more often.
const TOKENS_COUNT: usize = 10;
/// Their password.
pub const PASSWORD: &str = "correct horse battery staple 9";
/// The owner that [`TestWharf::setup`] makes.
pub const OWNER: &str = "owner@example.org";

/// How a Wharf is started.
#[derive(Debug, Clone, Default)]
pub struct TestWharfBuilder {
    binary: Option<PathBuf>,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    engine: Option<TestEngine>,
    data_in: Option<PathBuf>,
    log_in: Option<PathBuf>,
}

impl TestWharfBuilder {
    /// The binary, which a test of the crate that has it knows as `env!("CARGO_BIN_EXE_wharf")`.
    pub fn binary(mut self, path: impl Into<PathBuf>) -> Self {
        self.binary = Some(path.into());
        self
    }

    /// One more argument of `wharf up`.
    pub fn arg(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// A variable of its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Uses an engine of the test's own.
    pub fn engine(mut self, engine: &OwnEngine) -> Self {
        self.engine = Some(engine.engine().clone());
        let socket = engine.engine().socket().display().to_string();
        self.arg("--engine-socket").arg(&socket)
    }

    /// Puts its data folder into this folder.
    pub fn data_in(mut self, folder: &Path) -> Self {
        self.data_in = Some(folder.to_owned());
        self
    }

    /// Puts its log into this folder.
    pub fn log_in(mut self, folder: &Path) -> Self {
        self.log_in = Some(folder.to_owned());
        self
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Errors
    /// No engine answers, there is no binary, or it does not get ready; its log is part of the error.
    pub async fn start(self) -> Result<TestWharf> {
        let engine = match &self.engine {
            Some(own) => own.clone(),
            None => TestEngine::connect().await?,
        };
        if self.engine.is_none() {
            engine.sweep().await?;
        }
        let binary = self.binary.clone().map_or_else(find_binary, Ok)?;
        let data = tempfile::Builder::new().prefix("wharf-data-").tempdir_in(self.data_in.clone().unwrap_or_else(std::env::temp_dir))?;
        let ports = [free_port()?, free_port()?, free_port()?];
        let mut wharf = TestWharf { engine, binary, ports, running: None, data, how: self, instance: None };
        wharf.start_again().await?;
        wharf.instance = Some(wharf.read_instance().await?);
        wharf.record()?;
        Ok(wharf)
    }
}

/// A running Wharf. Dropping it kills it and removes everything of its instance, and fails the test where a deployment runs still or left what it should not have.
pub struct TestWharf {
    engine: TestEngine,
    binary: PathBuf,
    /// Dashboard, http, https.
    ports: [u16; 3],
    running: Option<Running>,
    data: TempDir,
    how: TestWharfBuilder,
    instance: Option<InstanceId>,
}

impl TestWharf {
    /// Starts one with the defaults.
    ///
    /// # Errors
    /// See [`TestWharfBuilder::start`].
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// One to be told how.
    pub fn builder() -> TestWharfBuilder {
        TestWharfBuilder::default()
    }

    /// The dashboard's address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[0])
    }

    /// The port on which applications answer over HTTP.
    pub fn http_port(&self) -> u16 {
        self.ports[1]
    }

    /// The port on which applications answer over HTTPS.
    pub fn https_port(&self) -> u16 {
        self.ports[2]
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The engine it uses.
    pub fn engine(&self) -> &TestEngine {
        &self.engine
    }

    /// The label of everything it makes.
    pub fn label(&self) -> String {
        self.instance.as_ref().map_or_else(|| "wharf.instance=none".to_owned(), instance_label)
    }

    /// What it has logged since its first start.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.running.as_ref().and_then(Running::pid)
    }

    /// Runs a command of the binary, such as `["config"]`, with standard input, and returns what it prints.
    ///
    /// # Errors
    /// It ends with another status than 0; the error holds what it says.
    pub async fn command(&self, arguments: &[&str], input: &str) -> Result<String> {
        let output = host::Command::new(&self.binary).args(arguments.iter().copied()).input(input).run().await?;
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "wharf {} ended with {}:\n{stdout}{stderr}", arguments.join(" "), output.status);
        Ok(stdout.trim().to_owned())
    }

    /// Makes the first account and returns the API with a token that may do everything.
    ///
    /// # Errors
    /// Wharf refuses.
    pub async fn setup(&self) -> Result<Api> {
        self.command(&["setup", "--email", OWNER, "--password-stdin", "--data", self.data_text()?], PASSWORD).await?;
        let tokens = futures_util::future::try_join_all((0..TOKENS_COUNT).map(|_| self.token("root"))).await?;
        Ok(Api::new(&self.url(), None)?.with_tokens(tokens))
    }

    /// Makes a token with an ability: `root`, `read`, `write`, `deploy` or `read:sensitive`.
    ///
    /// # Errors
    /// Wharf refuses, or prints something else than a token.
    pub async fn token(&self, ability: &str) -> Result<String> {
        let arguments = ["token", "create", "--name", "test", "--ability", ability, "--data", self.data_text()?];
        let printed = self.command(&arguments, "").await?;
        let token = printed.lines().map(str::trim).find(|line| line.split_once('|').is_some_and(|(_, secret)| !secret.is_empty()));
        token.map(str::to_owned).with_context(|| format!("`wharf token create` printed no token: {printed}"))
    }

    /// The API without a token.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn anonymous(&self) -> Result<Api> {
        Api::new(&self.url(), None)
    }

    /// The fields that say where a new application goes: the first project, its environment `production`, the server `localhost`.
    ///
    /// # Errors
    /// The API does not list them.
    pub async fn place(&self, api: &Api) -> Result<Value> {
        let first = async |path: &str| api.get(path).await?.ok().map(|list| list[0]["uuid"].clone());
        let (project, server) = (first("/projects").await?, first("/servers").await?);
        ensure!(project.is_string() && server.is_string(), "the API lists no project or no server after setup");
        Ok(serde_json::json!({"project_uuid": project, "server_uuid": server, "environment_name": "production"}))
    }

    /// Makes an application in the first project and returns its uuid. The kind is the last word of the API's path, such as `public` or `dockerimage`; the fields
    /// are the API's, those of [`place`](Self::place) apart.
    ///
    /// # Errors
    /// Wharf refuses.
    pub async fn application(&self, api: &Api, kind: &str, fields: Value) -> Result<String> {
        let mut body = self.place(api).await?;
        if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
            body.extend(fields);
        }
        api.post(&format!("/applications/{kind}"), body).await?.field("uuid")
    }

    /// Asks an application for a page: the edge of this Wharf, with this host name.
    ///
    /// # Errors
    /// The edge does not answer.
    pub async fn visit(&self, host: &str, path: &str) -> Result<Answer> {
        let edge = Api::new(&format!("http://127.0.0.1:{}", self.http_port()), None)?;
        edge.send(reqwest::Method::GET, path, &[("host", host.to_owned())], String::new()).await
    }

    /// Ends it at once, as a power cut would; what it deployed goes on.
    pub async fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.kill().await;
        }
    }

    /// Asks it to stop (SIGTERM) and waits for as long as it promises to take.
    ///
    /// # Errors
    /// It does not run, or has not stopped in time.
    pub async fn terminate(&mut self) -> Result<ExitStatus> {
        let Some(mut running) = self.running.take() else { bail!("Wharf does not run") };
        running.terminate(STOPS_WITHIN).await
    }

    /// Starts it on the same data and ports, and waits until it is ready.
    ///
    /// # Errors
    /// It runs already, or does not get ready; its log is part of the error.
    pub async fn start_again(&mut self) -> Result<()> {
        self.start_with(&[]).await
    }

    /// The same with more variables in its environment, this time only.
    ///
    /// # Errors
    /// It runs already, or does not get ready; its log is part of the error.
    pub async fn start_with(&mut self, more: &[(&str, &str)]) -> Result<()> {
        ensure!(self.running.is_none(), "Wharf runs already");
        let listen = self.ports[0];
        let arguments = self.arguments()?;
        let own = self.how.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let variables: Vec<(&str, &str)> = own.chain(more.iter().copied()).collect();
        let mut running = Running::start(&self.binary, arguments, &variables, &self.log_file())?;
        running.wait_for_port(listen, READY_WITHIN).await?;
        self.running = Some(running);
        self.wait_until_ready().await
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// It does not run, or not within the time.
    pub async fn ended(&mut self, within: Duration) -> Result<ExitStatus> {
        let Some(running) = self.running.as_mut() else { bail!("Wharf does not run") };
        let status = running.ended(within).await?;
        self.running = None;
        Ok(status)
    }

    /// The arguments it is started with.
    ///
    /// # Errors
    /// The folder for temporary files has a name that is no text.
    pub fn arguments(&self) -> Result<Vec<String>> {
        let [listen, http, https] = self.ports;
        let data = self.data_text()?.to_owned();
        let mut arguments = vec!["up".to_owned(), "--data".to_owned(), data, "--listen".to_owned(), format!("127.0.0.1:{listen}")];
        arguments.extend(["--http-port".to_owned(), http.to_string(), "--https-port".to_owned(), https.to_string()]);
        arguments.extend(["--allow-local-git".to_owned(), "--allow-private-sources".to_owned()]);
        arguments.extend(self.how.arguments.iter().cloned());
        Ok(arguments)
    }

    /// Uses another binary from the next start on, as an upgrade does.
    pub fn set_binary(&mut self, path: impl Into<PathBuf>) {
        self.binary = path.into();
    }

    /// What is on the engine that no deployment of this instance may leave: containers for commands, ones that were never started, containers of two
    /// releases of one application, and images and volumes of applications that the store does not know.
    ///
    /// # Errors
    /// The engine does not answer, or the store cannot be read.
    pub async fn orphans(&self) -> Result<Vec<String>> {
        orphans(&self.engine, &self.label(), self.data()).await
    }

    async fn wait_until_ready(&self) -> Result<()> {
        let api = self.anonymous()?;
        let ready = wait_for("Wharf to be ready", READY_WITHIN, async || match api.send(reqwest::Method::GET, "/healthz", &[], String::new()).await {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(format!("/healthz answers {}: {}", answer.status, answer.text)),
            Err(error) => Err(format!("{error:#}")),
        });
        ready.await.with_context(|| format!("its log:\n{}", self.log()))
    }

    async fn read_instance(&self) -> Result<InstanceId> {
        let store = store::Store::open(self.data())?;
        let fresh = InstanceId::from_chance(std::array::from_fn(|_| rand::random()));
        Ok(store.instance_id(fresh).await?)
    }

    fn record(&self) -> Result<()> {
        let Some(instance) = self.instance.as_ref().filter(|_| self.how.engine.is_none()) else { return Ok(()) };
        std::fs::create_dir_all(records())?;
        Ok(std::fs::write(records().join(instance.as_str()), std::process::id().to_string())?)
    }

    fn data_text(&self) -> Result<&str> {
        self.data().to_str().context("the folder for temporary files has a name that is no text")
    }

    fn log_file(&self) -> PathBuf {
        let name = self.data.path().with_extension("log");
        self.how.log_in.as_ref().zip(name.file_name()).map_or_else(|| name.clone(), |(folder, file)| folder.join(file))
    }

    async fn clean_up(engine: &TestEngine, label: &str, data: &Path) -> Result<Vec<String>> {
        let orphans = orphans(engine, label, data).await;
        engine.remove_labelled(label).await?;
        // A store that a test broke on purpose tells nothing.
        let Ok(mut left) = orphans else { return Ok(Vec::new()) };
        left.extend(unfinished(data).await?);
        remove_pulled(engine, data).await?;
        Ok(left)
    }
}

impl Drop for TestWharf {
    fn drop(&mut self) {
        drop(self.running.take());
        let log = self.log();
        let _ = std::fs::remove_file(self.log_file());
        let Some(instance) = self.instance.take() else { return };
        let (engine, label, data) = (self.engine.clone(), instance_label(&instance), self.data().to_owned());
        // A drop cannot wait for the test's own runtime, so it brings one.
        let cleaned = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async { Self::clean_up(&TestEngine::at(engine.socket())?, &label, &data).await })
        });
        let _ = std::fs::remove_file(records().join(instance.as_str()));
        if std::thread::panicking() {
            let _ = cleaned.join();
            eprintln!("Wharf's log:\n{log}");
            return;
        }
        match cleaned.join() {
            Ok(Ok(left)) if left.is_empty() => {}
            Ok(Ok(left)) => panic!("the test left: {}; Wharf's log:\n{log}", left.join(", ")),
            Ok(Err(error)) => panic!("what the test deployed cannot be removed: {error:#}"),
            Err(_) => panic!("what the test deployed cannot be removed"),
        }
    }
}

fn instance_label(instance: &InstanceId) -> String {
    format!("wharf.instance={instance}")
}

/// Where running tests note their instances, so that a later run can remove what a crashed one left.
fn records() -> PathBuf {
    std::env::temp_dir().join("wharf-test-instances")
}

/// Removes the instances of test processes that are gone.
pub(crate) async fn sweep(engine: &TestEngine) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(records()) else { return Ok(()) };
    for entry in entries.filter_map(Result::ok) {
        let pid = std::fs::read_to_string(entry.path()).unwrap_or_default();
        if !pid.is_empty() && !Path::new("/proc").join(&pid).exists() {
            engine.remove_labelled(&format!("wharf.instance={}", entry.file_name().to_string_lossy())).await?;
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// The binary named by the environment, else the one in the folder that this test was built into.
fn find_binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(BINARY) {
        return Ok(PathBuf::from(path));
    }
    let test = std::env::current_exe()?;
    let found = test.ancestors().map(|folder| folder.join("wharf")).find(|path| path.is_file());
    found.with_context(|| format!("there is no binary `wharf` beside {}: build it first, or set {BINARY}", test.display()))
}
