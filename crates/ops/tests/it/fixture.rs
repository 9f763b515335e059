//! A Wharf without an engine, with two teams.

use jiff::Timestamp;
use model::{ApplicationId, DestinationId, EnvironmentId, ProjectId, Role, Secret, ServerId};
use ops::{ApplicationPatch, Clock, Dice, Engine, EngineOptions, Error, NewApplicationForm, Ops, OpsOptions, Scope, SetupForm, TokenForm};
use std::path::Path;
use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};
use store::Store;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A password that is good enough.
pub const PASSWORD: &str = "correct-horse-9-battery";

/// Dice are shared by all worlds of the test binary, so that no two ids are the same.
static THROWS: AtomicU64 = AtomicU64::new(1);

/// A Wharf.
pub struct World {
    pub folder: tempfile::TempDir,
    pub ops: Ops,
    pub store: Store,
    pub engine: Engine,
    clock: Arc<AtomicI64>,
    _shutdown: DropGuard,
}

/// A signed-in owner and what their team has from the start.
#[derive(Clone)]
pub struct Team {
    pub scope: Scope,
    pub session: Secret,
    pub project: ProjectId,
    pub environment: EnvironmentId,
    pub server: ServerId,
    pub destination: DestinationId,
}

pub fn form(name: &str) -> SetupForm {
    SetupForm { name: name.into(), email: format!("{name}@example.com"), password: Secret::new(PASSWORD) }
}

impl World {
    /// An empty one.
    pub async fn empty() -> Self {
        Self::over(tempfile::tempdir().expect("a folder")).await
    }

    /// An empty one that reads repositories of this machine and of private addresses.
    pub async fn allowing() -> Self {
        Self::with(tempfile::tempdir().expect("a folder"), true).await
    }

    /// One over the files of a folder.
    pub async fn over(folder: tempfile::TempDir) -> Self {
        Self::with(folder, false).await
    }

    async fn with(folder: tempfile::TempDir, allowing: bool) -> Self {
        let store = Store::open(folder.path()).expect("opens");
        let clock = Arc::new(AtomicI64::new(1_800_000_000));
        let now = Arc::clone(&clock);
        let options = OpsOptions {
            allow_local_git: allowing,
            allow_private_sources: allowing,
            public_url: "http://127.0.0.1:8000".into(),
            http_port: 8080.try_into().expect("a port"),
            https_port: 443.try_into().expect("a port"),
            wildcard: None,
        };
        let clock_fn = Clock::of(move || Timestamp::from_second(now.load(Ordering::Relaxed)).expect("a time"));
        let shutdown = CancellationToken::new();
        let engine = engine(folder.path(), &store, &shutdown).await;
        let ops = Ops::new(store.clone(), engine.clone(), options, clock_fn, dice());
        Self { ops, store, engine, clock, _shutdown: shutdown.drop_guard(), folder }
    }

    /// The same without an engine that works in the background: nothing is written but what is asked for.
    pub async fn still(self) -> Self {
        let Self { folder, ops, store, engine, clock, _shutdown } = self;
        drop(_shutdown);
        engine.ended().await;
        Self { folder, ops, store, engine, clock, _shutdown: CancellationToken::new().drop_guard() }
    }

    /// A copy of all files, opened anew.
    pub async fn copy(from: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for file in std::fs::read_dir(from).expect("reads").map(|file| file.expect("a file")) {
            if file.file_type().expect("a type").is_file() && !file.file_name().to_string_lossy().ends_with("-shm") {
                std::fs::copy(file.path(), folder.path().join(file.file_name())).expect("copied");
            }
        }
        Self::over(folder).await
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    pub async fn sign_in(&self, name: &str) -> Result<Secret, Error> {
        Ok(self.ops.sign_in(&format!("{name}@example.com"), Secret::new(PASSWORD), "192.0.2.7", "test").await?.token)
    }

    pub async fn scope(&self, session: &Secret) -> Scope {
        self.ops.session_authenticate(session.expose()).await.expect("reads").expect("signed in").0
    }

    /// Makes a team with its owner signed in. The first one sets the instance up.
    pub async fn team(&self, name: &str) -> Team {
        let session = if self.ops.setup_done().await.expect("reads") {
            self.ops.account_create(form(name)).await.expect("made");
            self.sign_in(name).await.expect("signed in")
        } else {
            self.ops.setup_complete(None, form(name), "192.0.2.7", "test").await.expect("set up").token
        };
        let scope = self.scope(&session).await;
        let project = self.ops.project_list(&scope).await.expect("reads").remove(0).id;
        let environment = self.ops.environment_list(&scope, project.clone()).await.expect("reads").remove(0).id;
        let destination = self.ops.destination_list(&scope).await.expect("reads").remove(0);
        Team { scope, session, project, environment, server: destination.server, destination: destination.id }
    }

    /// A member of a team, signed in there.
    pub async fn member(&self, of: &Team, name: &str, role: Role) -> Scope {
        let user = self.ops.account_create(form(name)).await.expect("made");
        self.store.member_put(&of.scope, user, role).await.expect("added");
        let session = self.sign_in(name).await.expect("signed in");
        let scope = self.scope(&session).await;
        assert_eq!((scope.team(), scope.role()), (of.scope.team(), role));
        scope
    }

    /// A token's scope.
    pub async fn token(&self, of: &Scope, abilities: &[&str]) -> Scope {
        let form = TokenForm { name: "t".into(), abilities: abilities.iter().map(|text| (*text).to_owned()).collect(), expires: None };
        let token = self.ops.token_create(of, form).await.expect("made");
        self.ops.token_authenticate(token.expose()).await.expect("authenticates")
    }

    /// Makes an application of these fields.
    pub async fn create(&self, team: &Team, fields: &[(&str, &str)]) -> Result<ApplicationId, Error> {
        let form = NewApplicationForm {
            environment: team.environment.clone(),
            destination: team.destination.clone(),
            settings: patch(fields),
            generate_domain: true,
            look: false,
            hooks: Vec::new(),
        };
        Ok(self.ops.application_create(&team.scope, form).await?.id)
    }

    /// An application of the busybox image.
    pub async fn image(&self, team: &Team, name: &str) -> ApplicationId {
        self.create(team, &[("name", name), ("docker_registry_image_name", "busybox")]).await.expect("made")
    }

    /// An application of a repository.
    pub async fn repository(&self, team: &Team, name: &str) -> ApplicationId {
        let fields = [("name", name), ("git_repository", "https://git.example.com/ada/shop.git"), ("git_branch", "main")];
        self.create(team, &fields).await.expect("made")
    }
}

/// An engine whose socket is not there.
async fn engine(folder: &Path, store: &Store, shutdown: &CancellationToken) -> Engine {
    let options = EngineOptions {
        data: folder.to_owned(),
        store: store.clone(),
        instance: store.instance_id(dice_id()).await.expect("an id"),
        docker_socket: folder.join("no-engine.sock"),
        http_port: 8080,
        https_port: 443,
        source_policy: source::SourcePolicy { allow_local: true, allow_private: true },
        binary: std::env::current_exe().expect("a path"),
        builds_at_once: 1,
        version: "0".into(),
        edge_state: None,
    };
    Engine::start(options, shutdown.clone()).await.expect("starts")
}

fn dice_id() -> model::InstanceId {
    model::InstanceId::from_chance(dice().bytes())
}

fn dice() -> Dice {
    Dice::of(|bytes| {
        let throw = THROWS.fetch_add(1, Ordering::Relaxed);
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = throw.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left((at as u32 * 7) % 64).to_le_bytes()[at % 8] ^ (at as u8).wrapping_mul(31);
        }
    })
}

pub fn patch(fields: &[(&str, &str)]) -> ApplicationPatch {
    let mut patch = ApplicationPatch::default();
    for (field, text) in fields {
        assert!(patch.set(field, *text), "no field {field}");
    }
    patch
}

/// The fields that an error is about.
pub fn fields<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<String> {
    match result {
        Err(Error::Invalid { fields }) => fields.into_iter().map(|(field, _)| field).collect(),
        other => panic!("fields are not invalid: {other:?}"),
    }
}
