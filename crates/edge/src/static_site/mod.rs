//! Serves a folder: for containers made of a built site and this binary.
//!
//! Files are looked up per request, so a folder may change under it; compressed forms are kept in memory, by the file's time and length.

mod caching;
mod conditions;
mod encoding;
mod resolve;
mod site;

use crate::{
    Error, Limits, listen,
    visitor::{Life, Phase, Visit},
};
use site::Site;
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::net::TcpListener;

/// How long open connections may take to end when the server leaves.
const DRAIN_LIMIT: Duration = Duration::from_secs(30);

/// What is served, and where.
#[derive(Debug, Clone)]
pub struct StaticOptions {
    /// The folder that is served; [`model::StaticPack::publish_directory`] is not looked at.
    pub root: PathBuf,
    /// How it is served.
    pub settings: model::StaticPack,
    /// Where it listens.
    pub listen: SocketAddr,
}

/// A static site that listens.
pub struct StaticSite {
    site: Arc<Site>,
    listener: TcpListener,
    port: u16,
}

/// Serves a folder until `shutdown`, and then until its connections have ended.
///
/// # Errors
/// When the folder cannot be read or the address not be listened on.
pub async fn serve_static(options: StaticOptions, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
    StaticSite::start(options).await?.serve(shutdown).await;
    Ok(())
}

impl StaticSite {
    /// Listens.
    ///
    /// # Errors
    /// When the folder cannot be read or the address not be listened on.
    pub async fn start(options: StaticOptions) -> Result<Self, Error> {
        let site = Arc::new(Site::new(&options.root, &options.settings)?);
        let listener = listen::tcp(options.listen).await?;
        let port = listener.local_addr().map_err(|source| Error::Listen { address: options.listen, source })?.port();
        Ok(Self { site, listener, port })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves until `shutdown`, and then until its connections have ended.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let life = Life::new();
        let accepting = life.accept(&self.listener, |stream, peer| {
            let site = self.site.clone();
            let visit = Visit::new(peer, self.port, false, life.clone());
            life.tasks.spawn(async move {
                let limits = Limits::default();
                visit.serve_http1(stream, &limits, |request, _| site.clone().answer(request)).await;
            });
        });
        tracing::info!(port = self.port, "the site is served");
        tokio::select! {
            () = accepting => {}
            () = shutdown => {}
        }
        life.enter(Phase::Leaving);
        life.drain(DRAIN_LIMIT, std::future::ready(())).await;
    }
}
