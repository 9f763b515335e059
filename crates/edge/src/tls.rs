//! Certificates: pushed by Wharf, chosen by the name a visitor asks for, with one made here for everything else.

use crate::{Error, files};
use arc_swap::ArcSwap;
use model::{Secret, edge::Certificate};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The certificates pushed last.
const CERTIFICATES_FILE: &str = "certificates.json";
/// The certificate for names that none is known for.
const FALLBACK_FILE: &str = "fallback-certificate.json";

/// The certificates the edge serves.
#[derive(Debug)]
pub(crate) struct Certificates {
    state: PathBuf,
    resolver: Arc<Resolver>,
    /// What rustls needs for each connection.
    pub(crate) config: Arc<ServerConfig>,
}

#[derive(Debug)]
struct Resolver {
    fallback: Arc<CertifiedKey>,
    by_host: ArcSwap<HashMap<String, Arc<CertifiedKey>>>,
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let by_host = self.by_host.load();
        let known = hello.server_name().map(str::to_ascii_lowercase).and_then(|name| {
            let wildcard = || name.split_once('.').and_then(|(_, parent)| by_host.get(&format!("*.{parent}")));
            by_host.get(&name).or_else(wildcard).cloned()
        });
        Some(known.unwrap_or_else(|| self.fallback.clone()))
    }
}

impl Certificates {
    /// Those of the state folder; the fallback is made when there is none yet.
    pub(crate) fn load(state: &Path) -> Result<Self, Error> {
        let path = state.join(FALLBACK_FILE);
        let saved: Option<Certificate> = files::read(&path).unwrap_or_else(|error| {
            tracing::warn!(%error, "the fallback certificate is made anew");
            None
        });
        let fallback = saved.map_or_else(|| make_fallback(&path), Ok)?;
        let resolver = Arc::new(Resolver { fallback: Arc::new(usable(&fallback)?), by_host: ArcSwap::default() });
        let config = config(resolver.clone()).map_err(|error| Error::Tls(error.to_string()))?;
        let certificates = Self { state: state.to_owned(), resolver, config: Arc::new(config) };
        if let Err(error) = certificates.reload() {
            tracing::error!(%error, "only the fallback certificate is served until certificates are pushed");
        }
        Ok(certificates)
    }

    fn reload(&self) -> Result<(), Error> {
        let saved: Option<Vec<Certificate>> = files::read(&self.state.join(CERTIFICATES_FILE))?;
        self.resolver.by_host.store(Arc::new(compile(&saved.unwrap_or_default())?));
        Ok(())
    }

    /// Takes these in place of all before: checked, saved, then seen by every new connection.
    pub(crate) async fn take(&self, certificates: Vec<Certificate>) -> Result<(), Error> {
        let by_host = compile(&certificates)?;
        let path = self.state.join(CERTIFICATES_FILE);
        let content = serde_json::to_vec(&certificates).map_err(|error| Error::Damaged { path: path.clone(), why: error.to_string() })?;
        files::write_aside(path, content).await?;
        self.resolver.by_host.store(Arc::new(by_host));
        Ok(())
    }
}

fn config(resolver: Arc<Resolver>) -> Result<ServerConfig, rustls::Error> {
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider())).with_safe_default_protocol_versions()?;
    let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    Ok(config)
}

fn compile(certificates: &[Certificate]) -> Result<HashMap<String, Arc<CertifiedKey>>, Error> {
    let mut by_host = HashMap::new();
    for certificate in certificates {
        let key = Arc::new(usable(certificate)?);
        by_host.extend(certificate.hosts.iter().map(|host| (host.to_ascii_lowercase(), key.clone())));
    }
    Ok(by_host)
}

fn usable(certificate: &Certificate) -> Result<CertifiedKey, Error> {
    let fails = |why: String| Error::Certificate { hosts: certificate.hosts.join(", "), why };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate.chain_pem.as_bytes()).collect();
    let chain = chain.map_err(|error| fails(format!("its chain is not PEM ({error})")))?;
    let key = PrivateKeyDer::from_pem_slice(certificate.key_pem.expose().as_bytes()).map_err(|error| fails(format!("its key is not PEM ({error})")))?;
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(|error| fails(error.to_string()))
}

fn make_fallback(path: &Path) -> Result<Certificate, Error> {
    let fails = |error: &dyn std::fmt::Display| Error::Tls(error.to_string());
    let hosts = vec!["localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(hosts.clone()).map_err(|error| fails(&error))?;
    let certificate = Certificate { hosts, chain_pem: made.cert.pem(), key_pem: Secret::new(made.signing_key.serialize_pem()) };
    let content = serde_json::to_vec(&certificate).map_err(|error| fails(&error))?;
    files::write(path, &content)?;
    Ok(certificate)
}
