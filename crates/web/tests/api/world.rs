//! A Wharf without an engine, with two teams, spoken to through its real router.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use model::Secret;
use ops::{
    ApplicationPatch, Clock, DeployRequest, Dice, Engine, EngineOptions, KeyForm, MountForm, NewApplicationForm, Ops, OpsOptions, Scope, SetupForm,
    SharedOwner, SharedVariableForm, Store, TokenForm, VariableForm,
};
use serde_json::{Value, json};
use std::path::Path;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Enough for every walk.
const REQUESTS_PER_MINUTE: u32 = 1_000_000;
const PASSWORD: &str = "correct-horse-9-battery";
/// Largest answer, in bytes.
const ANSWER_LENGTH_BYTES: usize = 16 * 1024 * 1024;

/// A Wharf.
pub struct World {
    pub router: Router,
    pub ops: Ops,
    _folder: tempfile::TempDir,
}

/// A team, one thing of each kind, and its tokens.
pub struct Team {
    pub scope: Scope,
    /// A token that may do everything.
    pub root: String,
    /// A token that may read.
    pub read: String,
    pub number: i64,
    pub project: String,
    pub environment: String,
    pub server: String,
    pub destination: String,
    pub application: String,
    pub variable: String,
    pub storage: String,
    pub deployment: String,
    pub key: String,
    pub registry: String,
    pub tag: String,
    pub team_variable: i64,
    pub project_variable: i64,
    pub environment_variable: i64,
    pub token_number: i64,
}

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|why| panic!("{}: {why}: {}", self.status, self.text))
    }
}

impl World {
    pub async fn new() -> Self {
        Self::limited(REQUESTS_PER_MINUTE).await
    }

    pub async fn limited(requests_per_minute: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opens");
        let engine = engine(folder.path(), &store).await;
        let options = OpsOptions {
            allow_local_git: false,
            allow_private_sources: true,
            public_url: "http://127.0.0.1:8000".into(),
            http_port: 8080.try_into().expect("a port"),
            https_port: 443.try_into().expect("a port"),
            wildcard: None,
        };
        let ops = Ops::new(store, engine, options, Clock::real(), Dice::real());
        let router = web::api::router_limited(ops.clone(), requests_per_minute).merge(web::webhooks::router(ops.clone()));
        Self { router, ops, _folder: folder }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("answers");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, ANSWER_LENGTH_BYTES).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// A request with a token and a body of these bytes.
    pub async fn raw(&self, method: &str, path: &str, token: &str, body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method.parse::<Method>().expect("a method")).uri(path).header(header::CONTENT_TYPE, "application/json");
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(body.into()).expect("a request")).await
    }

    pub async fn ask(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Answer {
        self.raw(method, &format!("/api/v1{path}"), token, body.map(|body| body.to_string()).unwrap_or_default()).await
    }

    pub async fn get(&self, path: &str, team: &Team) -> Answer {
        self.ask("GET", path, &team.root, None).await
    }

    /// A GET that is answered.
    pub async fn read(&self, path: &str, team: &Team) -> Value {
        let answer = self.get(path, team).await;
        assert_eq!(answer.status, StatusCode::OK, "GET {path}: {}", answer.text);
        answer.json()
    }

    pub async fn post(&self, path: &str, team: &Team, body: Value) -> Answer {
        self.ask("POST", path, &team.root, Some(body)).await
    }

    pub async fn patch(&self, path: &str, team: &Team, body: Value) -> Answer {
        self.ask("PATCH", path, &team.root, Some(body)).await
    }

    pub async fn token(&self, scope: &Scope, abilities: &[&str]) -> String {
        let form = TokenForm { name: abilities.join(" "), abilities: abilities.iter().map(|text| (*text).to_owned()).collect(), expires: None };
        self.ops.token_create(scope, form).await.expect("made").expose().to_owned()
    }

    /// Makes a team with one thing of each kind.
    pub async fn team(&self, name: &str) -> Team {
        let ops = &self.ops;
        let form = SetupForm { name: name.into(), email: format!("{name}@example.com"), password: Secret::new(PASSWORD) };
        let session = if ops.setup_done().await.expect("reads") {
            ops.account_create(form).await.expect("made");
            ops.sign_in(&format!("{name}@example.com"), Secret::new(PASSWORD), "192.0.2.7", "test").await.expect("signed in")
        } else {
            ops.setup_complete(None, form, "192.0.2.7", "test").await.expect("set up")
        };
        let scope = ops.session_authenticate(session.token.expose()).await.expect("reads").expect("signed in").0;
        let project = ops.project_list(&scope).await.expect("reads").remove(0).id;
        let environment = ops.environment_list(&scope, project.clone()).await.expect("reads").remove(0).id;
        let destination = ops.destination_list(&scope).await.expect("reads").remove(0);
        let mut settings = ApplicationPatch::default();
        assert!(settings.set("docker_registry_image_name", "busybox") && settings.set("name", format!("{name} web")));
        let new = NewApplicationForm {
            environment: environment.clone(),
            destination: destination.id.clone(),
            settings,
            generate_domain: true,
            look: false,
            hooks: Vec::new(),
        };
        let application = ops.application_create(&scope, new).await.expect("made").id;
        let variable = VariableForm { name: "GREETING".into(), value: Some(Secret::new("hello")), ..VariableForm::default() };
        let variable = ops.variable_put(&scope, application.clone(), vec![variable]).await.expect("put").remove(0).id.expect("an id");
        let storage = ops.mount_put(&scope, application.clone(), None, "/data", MountForm::Volume { name: "data".into() }).await.expect("put");
        let deployment = ops.deployment_create(&scope, application.clone(), DeployRequest::of(model::Operation::Deploy)).await.expect("queued");
        let shared = [SharedOwner::Team, SharedOwner::Project(project.clone()), SharedOwner::Environment(environment.clone())];
        let mut numbers = Vec::new();
        for owner in shared {
            let form = SharedVariableForm { name: "SHARED".into(), value: Some(Secret::new("x")), ..SharedVariableForm::default() };
            ops.shared_variable_put(&scope, owner.clone(), form).await.expect("put");
            numbers.push(ops.shared_variable_list(&scope, owner).await.expect("reads").remove(0).number);
        }
        let registry =
            ops::RegistryForm { host: "registry.example.com".into(), username: "robot".into(), password: Secret::new("s3cret"), ..Default::default() };
        let (root, read) = (self.token(&scope, &["root"]).await, self.token(&scope, &["read"]).await);
        Team {
            number: ops.team_fetch(&scope).await.expect("reads").number,
            project: project.into(),
            environment: environment.into(),
            server: destination.server.into(),
            destination: destination.id.into(),
            variable: variable.into(),
            storage: storage.into(),
            deployment: deployment.deployment.deployment.id.into(),
            key: ops.key_create(&scope, KeyForm { name: "deploy".into(), ..KeyForm::default() }).await.expect("made").id.into(),
            registry: ops.registry_create(&scope, registry).await.expect("made").into(),
            tag: ops.tag_attach(&scope, application.clone(), "blue").await.expect("attached").id.into(),
            application: application.into(),
            team_variable: numbers[0],
            project_variable: numbers[1],
            environment_variable: numbers[2],
            token_number: read.split('|').next().and_then(|number| number.parse().ok()).expect("a number"),
            root,
            read,
            scope,
        }
    }
}

impl Team {
    /// A path of the document with this team's things in it.
    pub fn path(&self, template: &str) -> String {
        let env_number = match template {
            path if path.contains("/environments/") => self.environment_variable,
            path if path.contains("/projects/") => self.project_variable,
            _ => self.team_variable,
        };
        let uuid = match template.trim_start_matches("/api/v1/").split('/').next().unwrap_or_default() {
            "applications" => &self.application,
            "projects" => &self.project,
            "deployments" if template.contains("/applications/") => &self.application,
            "deployments" => &self.deployment,
            "servers" => &self.server,
            "destinations" => &self.destination,
            "security" => &self.key,
            "registries" => &self.registry,
            "tags" => &self.tag,
            _ => "",
        };
        let id = if template.contains("/tokens/") { self.token_number } else { self.number };
        let filled = template.replace("{uuid}", uuid).replace("{environment_name_or_uuid}", &self.environment);
        let filled = filled.replace("{env_uuid}", &self.variable).replace("{storage_uuid}", &self.storage).replace("{tag_uuid}", &self.tag);
        filled.replace("{env_id}", &env_number.to_string()).replace("{id}", &id.to_string())
    }

    /// What makes an application of an image.
    pub fn image(&self, name: &str) -> Value {
        json!({"project_uuid": self.project, "server_uuid": self.server, "environment_name": "production", "name": name, "docker_registry_image_name": "busybox"})
    }
}

/// An operation of the document.
pub struct Operation {
    pub method: String,
    pub path: String,
    pub said: Value,
}

/// Every operation of the document.
pub fn operations() -> Vec<Operation> {
    let document = web::api::document();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, said) in item.as_object().expect("operations") {
            all.push(Operation { method: method.to_uppercase(), path: path.clone(), said: said.clone() });
        }
    }
    all
}

/// An engine whose socket is not there and that works no more: what is queued waits.
async fn engine(folder: &Path, store: &Store) -> Engine {
    let options = EngineOptions {
        data: folder.to_owned(),
        store: store.clone(),
        instance: store.instance_id(model::InstanceId::from_chance(Dice::real().bytes())).await.expect("an id"),
        docker_socket: folder.join("no-engine.sock"),
        http_port: 8080,
        https_port: 443,
        source_policy: source::SourcePolicy { allow_local: false, allow_private: true },
        binary: std::env::current_exe().expect("a path"),
        builds_at_once: 1,
        version: "0".into(),
        edge_state: None,
    };
    let shutdown = CancellationToken::new();
    let engine = Engine::start(options, shutdown.clone()).await.expect("starts");
    shutdown.cancel();
    engine.ended().await;
    engine
}
