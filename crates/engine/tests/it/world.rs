//! A world for one test: a store, an engine, an edge, and words to act in it.

use engine::{Engine, EngineOptions};
use jiff::{SignedDuration, Timestamp};
use model::{
    ApplicationId, BuildPack, Cause, DeploymentId, DeploymentStatus, InstanceId, Operation, Release, ReleaseId, Secret, Settings, Source, Spec, StorageId,
    deployment::CauseKind,
    mount::{Mount, MountKind},
    variable::FrozenVariable,
};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;
use store::{DeploymentRow, HookSecrets, NewAccount, NewApplication, NewDeployment, NewRelease, Scope, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

pub const SOCKET: &str = "/var/run/docker.sock";
/// How long anything may take.
pub const DEADLINE: Duration = Duration::from_secs(60);

pub fn chance() -> [u8; 24] {
    rand::random()
}

pub struct World {
    pub engine: Engine,
    pub store: Store,
    pub scope: Scope,
    pub docker: docker::Engine,
    pub http_port: u16,
    pub folder: tempfile::TempDir,
    options: EngineOptions,
    /// Where the test itself finds the container engine, whatever the way is that Wharf takes.
    looks_at: PathBuf,
    shutdown: CancellationToken,
    environment: model::EnvironmentId,
    destination: model::DestinationId,
    applications: Mutex<Vec<ApplicationId>>,
}

/// An example beside the test's own binary.
fn example(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("a path");
    let path = own.parent().and_then(Path::parent).expect("the profile's folder").join("examples").join(name);
    assert!(path.exists(), "{} is missing; `cargo build --examples` makes it", path.display());
    path
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").expect("binds").local_addr().expect("bound").port()
}

async fn account(store: &Store, network: &str) -> (Scope, model::EnvironmentId, model::DestinationId) {
    let new = NewAccount {
        user: model::UserId::from_chance(chance()),
        name: "Ada".parse().expect("valid"),
        email: "ada@example.com".parse().expect("valid"),
        password_hash: "x".into(),
        team: model::TeamId::from_chance(chance()),
        project: model::ProjectId::from_chance(chance()),
        environment: model::EnvironmentId::from_chance(chance()),
        server: model::ServerId::from_chance(chance()),
        destination: model::DestinationId::from_chance(chance()),
        network: network.to_owned(),
        wildcard: "localhost".parse().expect("valid"),
    };
    let (user, environment, destination) = (new.user.clone(), new.environment.clone(), new.destination.clone());
    let now = Timestamp::now();
    store.account_create(new, now).await.expect("made");
    let session = store::NewSession {
        id: model::SessionId::from_chance(chance()),
        token_hash: vec![1],
        user,
        address: "127.0.0.1".into(),
        agent: "test".into(),
        expires: now + SignedDuration::from_hours(24),
    };
    store.session_create(session, now).await.expect("opened");
    let (scope, ..) = store.session_authenticate(vec![1], now, SignedDuration::from_hours(24)).await.expect("reads").expect("signed in");
    (scope, environment, destination)
}

impl World {
    /// One on this machine's container engine; none where the environment says to go without one.
    pub async fn new() -> Option<Self> {
        let world = Self::behind(SOCKET.into()).await?;
        // What the engine is still at when a test ends could be finished after the world was cleaned.
        until("the edge serves", || async { world.engine.edge_status().await.is_ok() }).await;
        Some(world)
    }

    /// A world that reaches this machine's container engine by another socket.
    pub async fn behind(docker_socket: PathBuf) -> Option<Self> {
        testkit::TestEngine::required().await?;
        Some(Self::made(docker_socket, SOCKET.into()).await)
    }

    /// A world on a container engine of the test's own.
    pub async fn on(docker_socket: PathBuf) -> Self {
        Self::made(docker_socket.clone(), docker_socket).await
    }

    async fn made(docker_socket: PathBuf, looks_at: PathBuf) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let store = Store::open(&data).expect("opens");
        let instance = store.instance_id(InstanceId::from_chance(chance())).await.expect("an instance");
        let (scope, environment, destination) = account(&store, &format!("wharf-it-{}", instance.short())).await;
        let options = EngineOptions {
            data,
            store: store.clone(),
            instance: instance.clone(),
            docker_socket,
            http_port: free_port(),
            https_port: free_port(),
            source_policy: source::SourcePolicy { allow_local: true, allow_private: true },
            binary: example("edge_binary"),
            builds_at_once: 2,
            version: "test".into(),
            edge_state: None,
        };
        let shutdown = CancellationToken::new();
        let engine = Engine::start(options.clone(), shutdown.clone()).await.expect("starts");
        let docker = docker::Engine::connect(&looks_at, instance).await.expect("an engine");
        let (http_port, applications) = (options.http_port, Mutex::default());
        Self { engine, store, scope, docker, http_port, folder, options, looks_at, shutdown, environment, destination, applications }
    }

    /// Ends the engine in the middle of whatever it does, and starts another on the same data.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.shutdown = CancellationToken::new();
        self.engine = Engine::start(self.options.clone(), self.shutdown.clone()).await.expect("starts");
    }

    /// Makes a container that has our labels and belongs to an application that nobody knows.
    pub async fn leave_container(&self, name: &str) -> String {
        let spec = self.container(name);
        self.docker.container_create(&spec).await.expect("made");
        self.docker.container_start(&spec.name).await.expect("started");
        spec.name
    }

    /// A container of an application that nobody knows.
    pub fn container(&self, name: &str) -> docker::ContainerSpec {
        let name = format!("{name}-{}", self.options.instance.short());
        let labels = docker::Labels {
            team: self.scope.team().clone(),
            project: model::ProjectId::from_chance(chance()),
            environment: self.environment.clone(),
            application: ApplicationId::from_chance(chance()),
            kind: model::observed::ContainerKind::Serve,
            release: ReleaseId::from_chance(chance()),
            deployment: DeploymentId::from_chance(chance()),
            replica: 1,
            configuration: "x".into(),
        };
        docker::ContainerSpec {
            name,
            image: "busybox:latest".into(),
            labels,
            extra_labels: Default::default(),
            network: format!("wharf-it-{}", self.options.instance.short()),
            aliases: Vec::new(),
            variables: Vec::new(),
            mounts: Vec::new(),
            port_mappings: Vec::new(),
            exposed: Vec::new(),
            entrypoint: None,
            command: Some(["sleep", "600"].map(str::to_owned).to_vec()),
            limits: Default::default(),
            restart: Default::default(),
            grace_seconds: 0,
        }
    }

    /// From the next start on, edges are made of another binary, which does the same.
    pub fn upgrade(&mut self) {
        let other = self.folder.path().join("upgraded");
        let mut bytes = std::fs::read(&self.options.binary).expect("read");
        // What follows the end of a program is nobody's.
        bytes.push(0);
        std::fs::write(&other, bytes).expect("written");
        self.options.binary = other;
    }

    /// The instance that this world's engine is of.
    pub fn engine_instance(&self) -> &InstanceId {
        &self.options.instance
    }

    /// Runs a program in an application's container and answers its exit code and what it wrote.
    pub async fn exec(&self, application: &model::Application, container: Option<&str>, argv: &[&str]) -> Result<(i64, String), engine::Error> {
        let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
        let mut pipe = self.engine.pipe(application, container, &argv).await?;
        let mut written = String::new();
        while let Some((_, bytes)) = futures_util::TryStreamExt::try_next(&mut pipe.output).await? {
            written.push_str(&String::from_utf8_lossy(&bytes));
        }
        Ok((pipe.control.exit_code().await?, written))
    }

    pub async fn stop(&self) {
        self.shutdown.cancel();
        self.engine.ended().await;
    }

    /// Starts an engine in a process of its own, on the same data, that dies at this place.
    pub async fn process_dies_at(&self, place: &str) {
        let arguments = [self.options.data.display().to_string(), self.options.http_port.to_string(), self.options.https_port.to_string()];
        let process = host::Command::new(example("engine_process")).args(arguments).arg(example("edge_binary")).env("WHARF_FAILPOINT", place).timeout(DEADLINE);
        let ended = process.run().await.unwrap_or_else(|error| panic!("the process did not die at {place}: {error}"));
        let aborted = std::os::unix::process::ExitStatusExt::signal(&ended.status).is_some();
        assert!(aborted, "the process did not die at {place}: {}", String::from_utf8_lossy(&ended.stderr));
    }

    pub async fn application(&self, name: &str, settings: Settings) -> ApplicationId {
        let id = ApplicationId::from_chance(chance());
        let new = NewApplication {
            id: id.clone(),
            environment: self.environment.clone(),
            destination: self.destination.clone(),
            name: name.parse().expect("valid"),
            slug: name.parse().expect("valid"),
            description: String::new(),
            settings,
            hooks: HookSecrets { deploy: Secret::new("hook"), ..HookSecrets::default() },
            deploy_hook_hash: id.as_str().as_bytes().to_vec(),
        };
        self.store.application_create(&self.scope, new, Timestamp::now()).await.expect("made");
        self.applications.lock().expect("not poisoned").push(id.clone());
        id
    }

    /// Queues a deploy of these settings.
    pub async fn deploy(&self, id: &ApplicationId, settings: Settings, mounts: Vec<Mount>) -> DeploymentId {
        self.deploy_with(id, settings, mounts, Vec::new()).await
    }

    pub async fn deploy_with(&self, id: &ApplicationId, settings: Settings, mounts: Vec<Mount>, variables: Vec<FrozenVariable>) -> DeploymentId {
        let slug = self.store.application_fetch(&self.scope, id.clone()).await.expect("there").application.slug;
        let spec = Spec { slug, settings, variables, mounts };
        let release = NewRelease { id: ReleaseId::from_chance(chance()), spec, commit: None };
        self.queue(id, Operation::Deploy, Some(release), None, false).await
    }

    /// Queues anything else.
    pub async fn act(&self, id: &ApplicationId, operation: Operation, release: Option<ReleaseId>) -> DeploymentId {
        self.queue(id, operation, None, release, true).await
    }

    async fn queue(&self, id: &ApplicationId, operation: Operation, fresh: Option<NewRelease>, release: Option<ReleaseId>, with_volumes: bool) -> DeploymentId {
        let deployment = DeploymentId::from_chance(chance());
        let new = NewDeployment {
            id: deployment.clone(),
            application: id.clone(),
            operation,
            fresh_release: fresh,
            release,
            force: false,
            with_volumes,
            cause: Cause { by: CauseKind::Dashboard, actor: "Ada".into() },
            supersedes: false,
        };
        self.store.deployment_create(&self.scope, new, Timestamp::now()).await.expect("queued");
        self.engine.wake();
        deployment
    }

    pub async fn row(&self, id: &DeploymentId) -> DeploymentRow {
        self.store.deployment_fetch(&self.scope, id.clone()).await.expect("there")
    }

    /// Waits until a deployment has ended.
    pub async fn ended(&self, id: &DeploymentId) -> DeploymentRow {
        let mut changes = self.store.changes();
        let waited = tokio::time::timeout(DEADLINE, async {
            loop {
                changes.mark_unchanged();
                let row = self.row(id).await;
                if row.deployment.status.ended() {
                    return row;
                }
                changes.changed().await.expect("the store lives");
            }
        });
        match waited.await {
            Ok(row) => row,
            Err(_) => panic!("the deployment did not end:\n{}", self.story(id).await),
        }
    }

    /// Waits until a deployment has ended well.
    pub async fn finished(&self, id: &DeploymentId) -> DeploymentRow {
        let row = self.ended(id).await;
        assert_eq!(row.deployment.status, DeploymentStatus::Finished, "{:?}\n{}", row.deployment.reason, self.story(id).await);
        row
    }

    /// Deploys and waits for the good end.
    pub async fn live(&self, id: &ApplicationId, settings: Settings, mounts: Vec<Mount>) -> DeploymentId {
        let deployment = self.deploy(id, settings, mounts).await;
        self.finished(&deployment).await;
        deployment
    }

    /// Waits until a step of this kind is under way.
    pub async fn reaches(&self, id: &DeploymentId, kind: &str) {
        until(&format!("the deployment reaches {kind}"), || async {
            let steps = self.store.step_list(&self.scope, id.clone()).await.expect("steps");
            let row = self.row(id).await;
            assert!(!row.deployment.status.ended(), "it ended before {kind}: {:?}\n{}", row.deployment.reason, self.story(id).await);
            steps.iter().any(|step| step.kind == kind && step.state == model::StepState::Running)
        })
        .await;
    }

    /// Steps and log of a deployment, for people who look at a failed test.
    pub async fn story(&self, id: &DeploymentId) -> String {
        let steps = self.store.step_list(&self.scope, id.clone()).await.unwrap_or_default();
        let steps: Vec<_> = steps.iter().map(|step| format!("{:?} {} {:?} {:?}", step.phase, step.title, step.state, step.detail)).collect();
        let reports: Vec<_> = self.engine.reconcilers().into_iter().filter_map(|report| Some(format!("{}: {}", report.name, report.problem?))).collect();
        format!("{}\n--\n{}\n--\n{}", steps.join("\n"), self.log(id).await, reports.join("\n"))
    }

    pub async fn log(&self, id: &DeploymentId) -> String {
        let lines = self.store.log_list(&self.scope, id.clone(), 0, 10_000).await.unwrap_or_default();
        lines.into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n")
    }

    pub async fn live_release(&self, id: &ApplicationId) -> Option<Release> {
        let live = self.store.application_fetch(&self.scope, id.clone()).await.expect("there").application.live_release?;
        Some(self.store.release_fetch(&self.scope, live).await.expect("there"))
    }

    /// Names of an application's containers.
    pub async fn containers(&self, id: &ApplicationId) -> Vec<String> {
        let network = format!("wharf-it-{}", self.options.instance.short());
        self.docker.observe(id, &network).await.expect("observed").containers.into_iter().map(|container| container.name).collect()
    }

    /// What the edge answers.
    pub async fn get(&self, host: &str, path: &str) -> (u16, String) {
        get(self.http_port, host, path).await.unwrap_or_else(|error| (0, error.to_string()))
    }

    /// Waits until the edge answers with this text.
    pub async fn answers(&self, host: &str, text: &str) {
        until(&format!("{host} answers {text}"), || async { self.get(host, "/").await.1.contains(text) }).await;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.shutdown.cancel();
        let (engine, looks_at, instance) = (self.engine.clone(), self.looks_at.clone(), self.docker.instance().clone());
        let applications = std::mem::take(&mut *self.applications.lock().expect("not poisoned"));
        let clean = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                engine.ended().await;
                // Connections belong to the runtime they were made in.
                let docker = docker::Engine::connect(&looks_at, instance).await.expect("an engine");
                docker.remove_owned().await?;
                // What was pulled has no label: only the application's name in its tag says whose it is.
                for application in applications {
                    for tag in docker.image_list_of(&application).await? {
                        docker.image_remove(&tag).await?;
                    }
                }
                Ok::<_, docker::Error>(())
            })
        });
        let cleaned = clean.join();
        if !std::thread::panicking() {
            cleaned.expect("cleans").expect("nothing is left");
        }
    }
}

/// Asks once.
pub async fn get(port: u16, host: &str, path: &str) -> std::io::Result<(u16, String)> {
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| std::io::Error::other(format!("no answer: {answer:?}")))?;
    Ok((status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()))
}

/// Waits until something is so.
pub async fn until<F: Future<Output = bool>>(what: &str, mut so: impl FnMut() -> F) {
    let waited = tokio::time::timeout(DEADLINE, async {
        let mut tick = tokio::time::interval(Duration::from_millis(25));
        while !so().await {
            tick.tick().await;
        }
    });
    assert!(waited.await.is_ok(), "not in time: {what}");
}

/// A web server of busybox on port 8080 that serves `/www`.
pub fn web(host: &str) -> Settings {
    let mut settings = Settings::new(Source::Image { reference: "busybox:latest".parse().expect("valid"), credential: None }, BuildPack::Image);
    settings.command = Some("httpd -f -p 8080 -h /www".parse().expect("valid"));
    settings.exposed_port = Some("8080".parse().expect("valid"));
    settings.domains = vec![format!("http://{host}").parse().expect("valid")];
    settings.grace_seconds = 1;
    settings.drain_seconds = 10;
    settings
}

/// What it serves.
pub fn page(text: &str) -> Vec<Mount> {
    let what = MountKind::File { content: Secret::new(text), mode: 0o644 };
    vec![Mount { id: StorageId::from_chance(chance()), path: "/www/index.html".parse().expect("valid"), what }]
}

/// A git repository with these files, as an address.
pub async fn repository(folder: &Path, files: &[(&str, &str)]) -> model::GitUrl {
    let repository = folder.join("repository");
    std::fs::create_dir_all(&repository).expect("a folder");
    git(&repository, &["init", "--quiet", "--initial-branch", "main"]).await;
    commit(&repository, files, "first").await;
    format!("file://{}", repository.display()).parse().expect("valid")
}

pub async fn commit(repository: &Path, files: &[(&str, &str)], message: &str) {
    for (path, content) in files {
        let file = repository.join(path);
        std::fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
        std::fs::write(file, content).expect("a file");
    }
    git(repository, &["add", "--all"]).await;
    git(repository, &["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message", message]).await;
}

async fn git(folder: &Path, arguments: &[&str]) {
    let output = host::Command::new("git").args(arguments.iter().copied()).directory(folder).run().await.expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
