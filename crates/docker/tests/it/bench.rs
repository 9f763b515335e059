//! What the tests work on: an engine seen by an instance of the test's own.

use docker::{ContainerSpec, Engine, Labels};
use model::{
    ApplicationId, DeploymentId, EnvironmentId, InstanceId, ProjectId, ReleaseId, TeamId,
    application::{Limits, RestartPolicy},
    observed::ContainerKind,
};
use std::{collections::BTreeMap, future::Future, path::PathBuf, time::Duration};

/// The image that everything is made of.
pub const BUSYBOX: &str = "busybox:latest";
/// How long a condition is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// An instance on an engine.
pub struct Bench {
    pub engine: Engine,
    pub network: String,
    pub application: ApplicationId,
}

/// Random bytes for an id.
pub fn chance() -> [u8; 24] {
    rand::random()
}

/// Runs a test against the engine and removes whatever it made, also when it fails.
pub async fn with_engine<F: Future<Output = ()> + Send + 'static>(test: impl FnOnce(Bench) -> F) {
    if testkit::TestEngine::required().await.is_none() {
        return;
    }
    let engine = connect().await;
    engine.image_facts(BUSYBOX).await.expect("the engine answers").expect("busybox:latest is on the engine: pull or import it");
    let application = ApplicationId::from_chance(chance());
    let bench = Bench { engine: engine.clone(), network: format!("test-{}", engine.instance()), application: application.clone() };
    let outcome = tokio::spawn(test(bench)).await;
    for tag in engine.image_list_of(&application).await.expect("images are listed") {
        engine.image_remove(&tag).await.expect("the image goes");
    }
    engine.remove_owned().await.expect("everything goes");
    let left = engine.owned().await.expect("the engine answers");
    outcome.expect("the test passes");
    assert!(left.is_empty(), "left behind: {left:?}");
}

/// Where the engine is.
pub fn socket() -> PathBuf {
    let host = std::env::var("DOCKER_HOST").unwrap_or_default();
    host.strip_prefix("unix://").unwrap_or("/var/run/docker.sock").into()
}

/// A new instance on the engine.
pub async fn connect() -> Engine {
    match Engine::connect(&socket(), InstanceId::from_chance(chance())).await {
        Ok(engine) => engine,
        Err(error) => panic!("these tests need a container engine: {error}. WHARF_TEST_SKIP_ENGINE=1 leaves them out"),
    }
}

/// Waits until it is there, and says what was seen last when it does not come.
pub async fn until<T: std::fmt::Debug, F: Future<Output = T>>(what: &str, mut look: impl FnMut() -> F, found: impl Fn(&T) -> bool) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let seen = look().await;
        if found(&seen) {
            return seen;
        }
        assert!(tokio::time::Instant::now() < deadline, "{what} did not come; last seen: {seen:?}");
        // The pause between two looks.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits for a future no longer than is reasonable.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what} did not come"))
}

impl Bench {
    /// A container that runs a shell script.
    pub fn spec(&self, name: &str, script: &str) -> ContainerSpec {
        ContainerSpec {
            name: format!("{name}-{}", self.application),
            image: BUSYBOX.into(),
            labels: self.labels(),
            extra_labels: BTreeMap::new(),
            network: self.network.clone(),
            aliases: Vec::new(),
            variables: Vec::new(),
            mounts: Vec::new(),
            port_mappings: Vec::new(),
            exposed: Vec::new(),
            entrypoint: None,
            command: Some(["sh", "-c", script].map(str::to_owned).into()),
            limits: Limits::default(),
            restart: RestartPolicy::No,
            grace_seconds: 1,
        }
    }

    /// Labels of a container of the test's application.
    pub fn labels(&self) -> Labels {
        Labels {
            team: TeamId::from_chance(chance()),
            project: ProjectId::from_chance(chance()),
            environment: EnvironmentId::from_chance(chance()),
            application: self.application.clone(),
            kind: ContainerKind::Serve,
            release: ReleaseId::from_chance(chance()),
            deployment: DeploymentId::from_chance(chance()),
            replica: 1,
            configuration: "digest".into(),
        }
    }

    /// Makes the network and the container and starts it; answers with its name.
    pub async fn run(&self, spec: &ContainerSpec) -> String {
        self.engine.network_ensure(&self.network).await.expect("a network");
        self.engine.container_create(spec).await.expect("a container");
        self.engine.container_start(&spec.name).await.expect("it starts");
        spec.name.clone()
    }

    /// A tag of the test's application.
    pub fn tag(&self, tag: &str) -> String {
        format!("wharf/{}:{tag}", self.application)
    }
}
