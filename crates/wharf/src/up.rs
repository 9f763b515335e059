//! `wharf up`: the boot order, and the end.

use crate::{config::Config, control, lock, logging, signal};
use anyhow::Context;
use engine::{Engine, EngineOptions};
use ops::{Clock, Dice, Ops, OpsOptions};
use std::net::SocketAddr;
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Our own executable, also when an upgrade has put another where it was started from.
const OWN_BINARY: &str = "/proc/self/exe";
/// How long open pages and streams may take to end; the whole stop takes at most 10 seconds.
const PAGES_END_LIMIT: Duration = Duration::from_secs(2);

/// Runs Wharf until it is asked to stop.
pub(crate) async fn up(config: Config) -> anyhow::Result<()> {
    logging::start(&config)?;
    let lock = lock::take(&config.data)?;
    let listener = listen(config.listen).await?;
    let store = Store::open(&config.data).with_context(|| format!("the store in {} cannot be used", config.data.display()))?;
    let shutdown = CancellationToken::new();
    let (engine, ops) = start(&config, store, &shutdown).await?;
    let control = tokio::spawn(control::serve(control::listen(&config.data)?, ops.clone(), engine.clone()));
    let address = address(&config, listener.local_addr()?);
    announce(&ops, &address).await?;
    serve(listener, ops, &config, &shutdown).await?;
    control.abort();
    engine.ended().await;
    drop(lock);
    tracing::info!("Wharf has stopped; applications and the edge go on");
    Ok(())
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("the dashboard cannot listen on {address}: another program may have the port (ss -ltnp shows which); choose another with --listen")
    })
}

async fn start(config: &Config, store: Store, shutdown: &CancellationToken) -> anyhow::Result<(Engine, Ops)> {
    let dice = Dice::real();
    let instance = store.instance_id(model::InstanceId::from_chance(dice.bytes())).await.context("the store cannot be read")?;
    let options = EngineOptions {
        data: config.data.clone(),
        store: store.clone(),
        instance: instance.clone(),
        docker_socket: config.engine_socket.clone(),
        http_port: config.http_port,
        https_port: config.https_port,
        source_policy: source::SourcePolicy { allow_local: config.allow_local_git, allow_private: config.allow_private_sources },
        binary: OWN_BINARY.into(),
        builds_at_once: usize::from(config.builds),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        edge_state: None,
    };
    let engine = Engine::start(options, shutdown.clone()).await.context("the engine cannot start")?;
    let options = OpsOptions {
        allow_local_git: config.allow_local_git,
        allow_private_sources: config.allow_private_sources,
        public_url: address(config, config.listen),
        http_port: config.http_port.try_into().context("http-port")?,
        https_port: config.https_port.try_into().context("https-port")?,
        wildcard: Some(config.wildcard.clone()),
    };
    let ops = Ops::new(store, engine.clone(), options, Clock::real(), dice);
    Ok((engine, ops))
}

/// Where people reach the dashboard, without a final `/`.
fn address(config: &Config, bound: SocketAddr) -> String {
    match &config.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None if bound.ip().is_unspecified() => format!("http://localhost:{}", bound.port()),
        None => format!("http://{bound}"),
    }
}

/// Says where the dashboard is and, where there is no account yet, the address that makes the first one.
async fn announce(ops: &Ops, address: &str) -> anyhow::Result<()> {
    tracing::info!("The dashboard is at {address}");
    if let Some(secret) = ops.setup_begin().await.context("the setup address cannot be made")? {
        // To standard error whatever the log format: it is for the person who started Wharf, and for nobody who reads the log later.
        eprintln!(
            "\nNobody owns this Wharf yet. Open this address to become its owner; it serves once, for 24 hours:\n\n  {address}/setup/{}\n",
            secret.expose()
        );
    }
    Ok(())
}

async fn serve(listener: TcpListener, ops: Ops, config: &Config, shutdown: &CancellationToken) -> anyhow::Result<()> {
    let secure_cookies = config.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    let options = web::Options { trust_forwarded: config.trust_forwarded, secure_cookies };
    let router = web::router(ops, options).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = shutdown.clone();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move { stopping.cancelled().await });
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        ended = &mut server => return ended?.context("the dashboard ended"),
        () = signal::stop() => {}
    }
    tracing::info!("Stopping");
    shutdown.cancel();
    if tokio::time::timeout(PAGES_END_LIMIT, &mut server).await.is_err() {
        server.abort();
    }
    Ok(())
}
