//! What the tests share: a Wharf with an account and a forge, and words to make and look at applications.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};
use testkit::{Api, OWNER, PASSWORD, Repository, TestEngine, TestForge, TestWharf, TestWharfBuilder, wait_for};

/// How long a deployment may take on a busy machine, builds with package downloads included.
pub const WITHIN: Duration = Duration::from_secs(120);
/// How long Wharf may take to see or say something.
pub const SOON: Duration = Duration::from_secs(30);

/// The binary under test, without its symbols: it travels into an image for each Wharf.
pub fn binary() -> PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| stripped(Path::new(env!("CARGO_BIN_EXE_wharf")))).clone()
}

#[expect(clippy::disallowed_methods, reason = "runs before there is a runtime that host::Command could run on")]
fn stripped(built: &Path) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let age = built.metadata().and_then(|file| file.modified()).ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let of = folder.join(format!("wharf-{}", age.as_nanos()));
    if of.is_file() {
        return of;
    }
    for old in std::fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("wharf-")) {
        let _ = std::fs::remove_file(old.path());
    }
    let next = folder.join(format!("next-{}", std::process::id()));
    let strip = std::process::Command::new("strip").arg("--strip-all").arg("-o").arg(&next).arg(built).status();
    if strip.is_ok_and(|status| status.success()) && std::fs::rename(&next, &of).is_ok() { of } else { built.to_owned() }
}

/// A Wharf with an account, and a forge.
pub struct World {
    pub wharf: TestWharf,
    pub api: Api,
    pub forge: TestForge,
}

impl World {
    /// One that is started with the defaults; none where the environment says to go without an engine.
    pub async fn new() -> Option<Self> {
        Self::with(|builder| builder).await
    }

    /// One that is started in another way.
    pub async fn with(how: impl FnOnce(TestWharfBuilder) -> TestWharfBuilder) -> Option<Self> {
        TestEngine::required().await?;
        let wharf = how(TestWharf::builder().binary(binary())).start().await.expect("Wharf starts");
        let api = wharf.setup().await.expect("an account");
        let forge = TestForge::start().await.expect("a forge");
        Some(Self { wharf, api, forge })
    }

    /// Makes an application; the kind is the last word of the API's path.
    pub async fn application(&self, kind: &str, fields: Value) -> String {
        self.wharf.application(&self.api, kind, fields).await.expect("an application")
    }

    /// An application out of a repository, with a domain of its name.
    pub async fn git_application(&self, repository: &Repository, name: &str, pack: &str, port: u16) -> String {
        self.application("public", git(repository, name, pack, port)).await
    }

    /// An application out of a Dockerfile of these instructions, listening on 8080.
    pub async fn dockerfile_application(&self, name: &str, instructions: &str) -> String {
        let fields = json!({"name": name, "dockerfile": instructions, "ports_exposes": "8080", "domains": format!("http://{name}.localhost")});
        self.application("dockerfile", fields).await
    }

    /// Makes a repository with the files of an example.
    pub async fn example(&self, name: &str) -> Repository {
        self.forge.create(&format!("team/{name}"), &example(name)).await.expect("a repository")
    }

    pub async fn deploy(&self, application: &str) -> Value {
        self.api.deploy_finished(application, WITHIN).await.expect("deployed")
    }

    /// Deploys although nothing changed.
    pub async fn deploy_forced(&self, application: &str) -> Value {
        let deployment = self.queue_forced(application).await;
        self.api.deployment_finished(&deployment, WITHIN).await.expect("deployed")
    }

    pub async fn queue_forced(&self, application: &str) -> String {
        let queued = self.api.post("/deploy", json!({"uuid": application, "force": true})).await.expect("answers").ok().expect("queued");
        queued["deployments"][0]["deployment_uuid"].as_str().expect("a uuid").to_owned()
    }

    /// Deploys and expects that to fail; answers the deployment.
    pub async fn deploy_failing(&self, application: &str) -> Value {
        let deployment = self.api.deploy(application).await.expect("queued");
        let ended = self.api.deployment_ended(&deployment, WITHIN).await.expect("ends");
        assert_eq!(ended["status"], "failed", "{ended:#}");
        ended
    }

    pub async fn patch(&self, application: &str, fields: Value) {
        self.api.patch(&format!("/applications/{application}"), fields).await.expect("answers").ok().expect("changed");
    }

    /// A field of an application, as text.
    pub async fn field(&self, application: &str, name: &str) -> String {
        let seen = self.api.get(&format!("/applications/{application}")).await.expect("answers").ok().expect("an application");
        seen[name].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a page of an application says something.
    pub async fn says(&self, host: &str, text: &str) {
        let what = format!("{host} to say {text}");
        let said = wait_for(&what, SOON, async || match self.wharf.visit(host, "/").await {
            Ok(answer) if answer.status == 200 && answer.text.contains(text) => Ok(()),
            other => Err(format!("{other:?}")),
        });
        said.await.expect("the page");
    }

    /// A page of the dashboard, as its owner sees it.
    pub async fn page(&self, path: &str) -> String {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let form = [("email", OWNER), ("password", PASSWORD)];
        let signed_in = client.post(format!("{}/sign-in", self.wharf.url())).form(&form).send().await.expect("answers");
        let cookies = signed_in.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let answer = client.get(format!("{}{path}", self.wharf.url())).header("cookie", cookies).send().await.expect("answers");
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.expect("a page")
    }

    /// Deployments of an application, newest first.
    pub async fn deployments(&self, application: &str) -> Vec<Value> {
        let listed = self.api.get(&format!("/deployments/applications/{application}?take=100")).await.expect("answers").ok().expect("listed");
        listed["deployments"].as_array().cloned().unwrap_or_default()
    }

    /// The text of a deployment's log.
    pub async fn log_of(&self, deployment: &str) -> String {
        let log = self.api.get(&format!("/deployments/{deployment}/log")).await.expect("answers").ok().expect("a log");
        log["lines"].as_array().into_iter().flatten().filter_map(|line| line["text"].as_str()).collect::<Vec<_>>().join("\n")
    }

    /// Containers of an application, as the engine lists them.
    pub async fn containers(&self, application: &str) -> Vec<Value> {
        self.wharf.engine().containers(&format!("wharf.resource={application}")).await.expect("listed")
    }

    /// The edge's container, as the engine lists it.
    pub async fn edges(&self) -> Vec<Value> {
        let own = self.wharf.engine().containers(&self.wharf.label()).await.expect("listed");
        own.into_iter().filter(|container| container["Labels"]["wharf.kind"] == "edge").collect()
    }

    /// Waits until nothing is left but the edge, this many containers that serve, and what applications keep.
    pub async fn settled(&self, serving: usize) {
        let settled = wait_for("the engine to hold only what serves", SOON, async || {
            let own = self.wharf.engine().labelled(&self.wharf.label()).await.map_err(|error| error.to_string())?;
            let count = |kind: &str| own.iter().filter(|words| words.starts_with(kind)).count();
            let (containers, networks) = (count("container"), count("network"));
            let orphans = self.wharf.orphans().await.map_err(|error| error.to_string())?;
            if containers == serving + 1 && networks <= 1 && orphans.is_empty() { Ok(()) } else { Err([own, orphans].concat().join(", ")) }
        });
        settled.await.expect("nothing orphaned");
    }

    /// The ids of an application's containers.
    pub async fn container_ids(&self, application: &str) -> Vec<String> {
        self.containers(application).await.iter().map(|container| container["Id"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// The fields of an application out of a repository.
pub fn git(repository: &Repository, name: &str, pack: &str, port: u16) -> Value {
    json!({
        "name": name, "git_repository": repository.url_http(), "git_branch": "main", "build_pack": pack, "ports_exposes": port.to_string(),
        "domains": format!("http://{name}.localhost"),
    })
}

/// The folder of an example.
pub fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}

/// A Dockerfile of a site that says this text.
pub fn saying(text: &str) -> String {
    format!("FROM busybox:latest\nRUN mkdir /www && echo '{text}' > /www/index.html\nCMD [\"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/www\"]\n")
}
