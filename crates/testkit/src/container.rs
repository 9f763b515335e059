//! A container of a test's own on the shared engine.

use crate::wait::waited_for;
use crate::{TestEngine, wait_for};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::time::Duration;

/// A running container; dropping it removes it with its anonymous volumes.
pub struct TestContainer {
    engine: TestEngine,
    id: String,
    label: String,
}

impl TestContainer {
    /// Starts one. What the engine's API calls `Image`, `Env`, `Cmd`, `HostConfig` and so on is given as an object.
    ///
    /// # Errors
    /// The engine does not have the image, or refuses.
    pub async fn start(engine: &TestEngine, mut body: Value) -> Result<Self> {
        let (name, value) = TestEngine::label();
        body["Labels"] = json!({ &name: value });
        let made = engine.post("/containers/create", body).await.context("`cargo xtask testbed up` makes the test bed's images")?;
        let container = Self { engine: engine.clone(), id: made["Id"].as_str().unwrap_or_default().to_owned(), label: format!("{name}={value}") };
        container.engine.post(&format!("/containers/{}/start", container.id), Value::Null).await?;
        Ok(container)
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the engine says of it.
    ///
    /// # Errors
    /// The engine does not answer.
    pub async fn inspect(&self) -> Result<Value> {
        self.engine.get(&format!("/containers/{}/json", self.id)).await
    }

    /// Its address on the engine's default network, which may be another one after a restart.
    ///
    /// # Errors
    /// It does not run.
    pub async fn address(&self) -> Result<String> {
        let inspected = self.inspect().await?;
        let address = inspected["NetworkSettings"]["Networks"]["bridge"]["IPAddress"].as_str().filter(|address| !address.is_empty());
        address.map(str::to_owned).context("the container has no address")
    }

    /// What it wrote so far.
    ///
    /// # Errors
    /// The engine does not answer.
    pub async fn log(&self) -> Result<String> {
        self.engine.log(&self.id).await
    }

    /// Runs a program in it that has to end well, and returns what it wrote without the last line end.
    ///
    /// # Errors
    /// The container does not run, or the program fails.
    pub async fn run(&self, argv: &[&str]) -> Result<String> {
        Ok(self.engine.exec_well(&self.id, argv).await?.trim_end().to_owned())
    }

    /// Runs a program in it until it ends well, and returns what it wrote.
    ///
    /// # Errors
    /// It has not within the time; the container's log is part of the error.
    pub async fn run_until_well(&self, within: Duration, argv: &[&str]) -> Result<String> {
        let ran = wait_for(&argv.join(" "), within, async || self.run(argv).await.map_err(|error| format!("{error:#}"))).await;
        let Err(error) = ran else { return ran };
        let log = self.log().await.unwrap_or_default();
        Err(error.context(format!("the container's log:\n{log}")))
    }

    /// Stops it and starts it again.
    ///
    /// # Errors
    /// The engine does not answer.
    pub async fn restart(&self) -> Result<()> {
        self.engine.post(&format!("/containers/{}/restart", self.id), Value::Null).await.map(drop)
    }
}

impl Drop for TestContainer {
    fn drop(&mut self) {
        let (socket, label) = (self.engine.socket().to_owned(), self.label.clone());
        let removed = waited_for(async move || TestEngine::at(socket)?.remove_labelled(&label).await);
        if let Err(error) = removed
            && !std::thread::panicking()
        {
            panic!("the test's container stays: {error:#}");
        }
    }
}
