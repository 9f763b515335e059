//! A Wharf whose engine is out of reach, with two teams, and its router.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use model::{ApplicationId, DeploymentId, EnvironmentId, Operation, ProjectId, ReleaseId, Secret, ServerId, StorageId};
use ops::{
    ApplicationPatch, Clock, DeployRequest, Dice, Engine, EngineOptions, KeyForm, MountForm, NewApplicationForm, Ops, OpsOptions, RegistryForm, Scope,
    SetupForm, Store, TokenForm, VariableForm,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt;

/// A password that is good enough.
pub const PASSWORD: &str = "correct-horse-9-battery";

/// A Wharf.
pub struct World {
    pub ops: Ops,
    pub store: Store,
    router: Router,
    _folder: tempfile::TempDir,
    _shutdown: DropGuard,
}

/// A signed-in owner and one of everything that is theirs.
pub struct Team {
    pub scope: Scope,
    pub cookie: String,
    pub project: ProjectId,
    pub environment: EnvironmentId,
    pub server: ServerId,
    pub application: ApplicationId,
    pub deployment: DeploymentId,
    pub release: ReleaseId,
    pub mount: StorageId,
    pub session: String,
    pub token: i64,
    pub key: String,
    pub registry: String,
}

/// An answer, its body as text.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().expect("text"))
    }
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opens");
        let dice = Dice::real();
        let options = EngineOptions {
            data: folder.path().to_owned(),
            store: store.clone(),
            instance: store.instance_id(model::InstanceId::from_chance(dice.bytes())).await.expect("an id"),
            docker_socket: folder.path().join("no-engine.sock"),
            http_port: 8080,
            https_port: 443,
            source_policy: source::SourcePolicy { allow_local: true, allow_private: true },
            binary: std::env::current_exe().expect("a path"),
            builds_at_once: 1,
            version: "0".into(),
            edge_state: None,
        };
        let shutdown = CancellationToken::new();
        let engine = Engine::start(options, shutdown.clone()).await.expect("starts");
        let port = |number: u16| number.try_into().expect("a port");
        let options = OpsOptions {
            allow_local_git: true,
            allow_private_sources: true,
            public_url: "http://127.0.0.1:8000".into(),
            http_port: port(8080),
            https_port: port(443),
            wildcard: None,
        };
        let ops = Ops::new(store.clone(), engine, options, Clock::real(), dice);
        let router = web::router(ops.clone(), web::Options::default());
        Self { ops, store, router, _folder: folder, _shutdown: shutdown.drop_guard() }
    }

    /// A team with one of everything; its owner is signed in.
    pub async fn team(&self, name: &str) -> Team {
        let form = SetupForm { name: name.into(), email: format!("{name}@example.com"), password: Secret::new(PASSWORD) };
        if self.ops.setup_done().await.expect("reads") {
            self.ops.account_create(form).await.expect("made");
        } else {
            self.ops.setup_complete(None, form, "192.0.2.7", "test").await.expect("set up");
        }
        let (scope, cookie, session) = self.sign_in(name).await;
        let ops = &self.ops;
        let project = ops.project_list(&scope).await.expect("reads").remove(0).id;
        let environment = ops.environment_list(&scope, project.clone()).await.expect("reads").remove(0).id;
        let destination = ops.destination_list(&scope).await.expect("reads").remove(0);
        let mut settings = ApplicationPatch::default();
        for (field, text) in [
            ("name", "shop"),
            ("git_repository", "https://git.example.com/ada/shop.git"),
            ("git_branch", "main"),
            ("limits_memory", "512m"),
            ("description", "Sells things"),
        ] {
            assert!(settings.set(field, text));
        }
        let new = NewApplicationForm {
            environment: environment.clone(),
            destination: destination.id,
            settings,
            generate_domain: true,
            look: false,
            hooks: Vec::new(),
        };
        let application = ops.application_create(&scope, new).await.expect("made").id;
        let variable =
            |name: &str, hidden| VariableForm { name: name.into(), value: Some(Secret::new("canary-value")), hidden: Some(hidden), ..VariableForm::default() };
        ops.variable_put(&scope, application.clone(), vec![variable("LOG_LEVEL", false), variable("TOKEN", true)]).await.expect("put");
        let mount = ops.mount_put(&scope, application.clone(), None, "/data", MountForm::Volume { name: "data".into() }).await.expect("put");
        ops.mount_put(&scope, application.clone(), None, "/etc/shop.toml", MountForm::File { content: Some(Secret::new("a = 1")), mode: String::new() })
            .await
            .expect("put");
        let deployment =
            ops.deployment_create(&scope, application.clone(), DeployRequest::of(Operation::Deploy)).await.expect("queued").deployment.deployment.id;
        let release = ops.release_list(&scope, application.clone(), 10).await.expect("reads").remove(0).id;
        let form = TokenForm { name: "pipeline".into(), abilities: vec!["deploy".into()], expires: None };
        let token = ops.token_create(&scope, form).await.expect("made").expose().split('|').next().and_then(|number| number.parse().ok()).expect("a number");
        let key = ops.key_create(&scope, KeyForm { name: "deploy".into(), ..KeyForm::default() }).await.expect("made").id.to_string();
        let registry =
            RegistryForm { host: "registry.example.com".into(), username: "ada".into(), password: Secret::new("canary-value"), ..RegistryForm::default() };
        let registry = ops.registry_create(&scope, registry).await.expect("made").to_string();
        Team { scope, cookie, project, environment, server: destination.server, application, deployment, release, mount, session, token, key, registry }
    }

    /// Signs in; scope, cookie and session.
    pub async fn sign_in(&self, name: &str) -> (Scope, String, String) {
        let token = self.ops.sign_in(&format!("{name}@example.com"), Secret::new(PASSWORD), "192.0.2.7", "test").await.expect("signed in");
        let (scope, ..) = self.ops.session_authenticate(token.token.expose()).await.expect("reads").expect("signed in");
        (scope, format!("wharf_session={}", token.token.expose()), token.session.to_string())
    }

    /// The answer's head; its body as a stream.
    pub async fn respond(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.expect("answers")
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.respond(request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.expect("reads").to_bytes();
        Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send(Request::get(path).header(header::COOKIE, cookie).header(header::HOST, "wharf.test").body(Body::empty()).expect("a request")).await
    }

    pub async fn post(&self, path: &str, cookie: &str, body: &str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::HOST, "wharf.test")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body.to_owned())).expect("a request")).await
    }
}

impl Team {
    /// A route's path with this team's ids in it.
    pub fn path(&self, pattern: &str) -> String {
        let id = match pattern.split('/').nth(1).unwrap_or_default() {
            "projects" => self.project.to_string(),
            "environments" => self.environment.to_string(),
            "applications" => self.application.to_string(),
            "deployments" => self.deployment.to_string(),
            "servers" => self.server.to_string(),
            "tokens" => self.token.to_string(),
            "keys" => self.key.clone(),
            "registries" => self.registry.clone(),
            "account" => self.session.clone(),
            _ => String::new(),
        };
        pattern.replace("{id}", &id).replace("{release}", self.release.as_str()).replace("{mount}", self.mount.as_str())
    }
}
