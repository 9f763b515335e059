//! A dashboard to look at while building pages: a Wharf in a temporary folder over the machine's own engine, with an account and things in it.
//!
//! `cargo run -p web --example dashboard [FOLDER [ADDRESS [COUNT]]]` prints the address and how to sign in. Ctrl-C ends it; what it deployed is left to be
//! removed by its own page. A count fills a fresh folder with so many applications, and one of them with as many variables, to see long lists.

use model::Secret;
use ops::{ApplicationPatch, Clock, Dice, Engine, EngineOptions, NewApplicationForm, Ops, OpsOptions, Scope, SetupForm, Store, VariableForm};
use std::{net::SocketAddr, path::PathBuf};
use tokio_util::sync::CancellationToken;

const PASSWORD: &str = "harbour-lantern-42-quay";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    rustls::crypto::aws_lc_rs::default_provider().install_default().map_err(|_| "no cryptography provider")?;
    let folder = std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("wharf-dashboard"), PathBuf::from);
    let address = std::env::args().nth(2).unwrap_or_else(|| "127.0.0.1:8099".into());
    std::fs::create_dir_all(&folder)?;
    let store = Store::open(&folder)?;
    let dice = Dice::real();
    let instance = store.instance_id(model::InstanceId::from_chance(dice.bytes())).await?;
    let options = EngineOptions {
        data: folder.clone(),
        store: store.clone(),
        instance,
        docker_socket: std::env::var_os("DOCKER_SOCKET").map_or_else(|| "/var/run/docker.sock".into(), PathBuf::from),
        http_port: 18080,
        https_port: 18443,
        source_policy: source::SourcePolicy { allow_local: true, allow_private: true },
        binary: std::env::var_os("WHARF_BINARY").map_or_else(std::env::current_exe, |path| Ok(path.into()))?,
        builds_at_once: 1,
        version: env!("CARGO_PKG_VERSION").into(),
        edge_state: None,
    };
    let shutdown = CancellationToken::new();
    let engine = Engine::start(options, shutdown.clone()).await?;
    let options = OpsOptions {
        allow_local_git: true,
        allow_private_sources: true,
        public_url: format!("http://{address}"),
        http_port: 18080.try_into()?,
        https_port: 18443.try_into()?,
        wildcard: None,
    };
    let ops = Ops::new(store, engine, options, Clock::real(), dice);
    if !ops.setup_done().await? {
        seed(&ops, std::env::args().nth(3).and_then(|count| count.parse().ok()).unwrap_or(0)).await?;
    }
    let session = ops.sign_in("mira@halyard.example", Secret::new(PASSWORD), "127.0.0.1", "example").await?;
    println!("http://{address} as mira@halyard.example with {PASSWORD}");
    println!("wharf_session={}", session.token.expose());
    let router = web::router(ops, web::Options::default()).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(tokio::net::TcpListener::bind(&address).await?, router).await?;
    shutdown.cancel();
    Ok(())
}

async fn seed(ops: &Ops, count: usize) -> Result<(), Box<dyn std::error::Error>> {
    let form = SetupForm { name: "Mira Okafor".into(), email: "mira@halyard.example".into(), password: Secret::new(PASSWORD) };
    let token = ops.setup_complete(None, form, "127.0.0.1", "example").await?;
    let (scope, ..) = ops.session_authenticate(token.token.expose()).await?.ok_or("no session")?;
    create(
        ops,
        &scope,
        &[
            ("name", "web"),
            ("docker_registry_image_name", "busybox:latest"),
            ("start_command", "httpd -f -v -p 3000"),
            ("ports_exposes", "3000"),
            ("description", "The shop"),
        ],
    )
    .await?;
    create(
        ops,
        &scope,
        &[
            ("name", "worker"),
            ("docker_registry_image_name", "busybox:latest"),
            ("start_command", "sh -c 'echo working; sleep 3; exit 3'"),
            ("health_check_type", "none"),
            ("restart", "no"),
        ],
    )
    .await?;
    create(
        ops,
        &scope,
        &[("name", "ledger"), ("git_repository", "https://git.example.com/halyard/ledger.git"), ("git_branch", "main"), ("limits_memory", "512m")],
    )
    .await?;
    long(ops, &scope, count).await
}

/// Long lists: applications, and variables of the first one.
async fn long(ops: &Ops, scope: &Scope, count: usize) -> Result<(), Box<dyn std::error::Error>> {
    let first = ops.application_rows(scope, None).await?.remove(0).application.id;
    let variable = |number| VariableForm { name: format!("SETTING_{number}"), value: Some(Secret::new(format!("value {number}"))), ..VariableForm::default() };
    ops.variable_put(scope, first, (0..count.min(300)).map(variable).collect()).await?;
    for number in 0..count {
        create(ops, scope, &[("name", &format!("service-{number:03}")), ("docker_registry_image_name", "busybox:latest")]).await?;
    }
    Ok(())
}

async fn create(ops: &Ops, scope: &Scope, fields: &[(&str, &str)]) -> Result<(), Box<dyn std::error::Error>> {
    let mut settings = ApplicationPatch::default();
    for (name, text) in fields {
        settings.set(name, *text);
    }
    let environment = ops.environment_list_all(scope).await?.remove(0).id;
    let destination = ops.destination_choose(scope, None, None).await?.id;
    ops.application_create(scope, NewApplicationForm { environment, destination, settings, generate_domain: true, look: false, hooks: Vec::new() }).await?;
    Ok(())
}
