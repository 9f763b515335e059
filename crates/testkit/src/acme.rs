//! An ACME server: pebble, which forgives nothing, and a name server beside it that knows every name.

use crate::disk::temporary;
use crate::tls::Identity;
use crate::{Running, free_port};
use anyhow::{Context, Result};
use reqwest::Certificate;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

const STARTS_WITHIN: Duration = Duration::from_secs(15);

/// How an ACME server is set up, and what it does wrong: with `..Acme::default()`, nothing.
#[derive(Debug, Clone)]
pub struct Acme {
    /// Where it asks for HTTP-01 challenges, on 127.0.0.1; a free port unless set.
    pub http_port: Option<u16>,
    /// Where it asks for TLS-ALPN-01 challenges, on 127.0.0.1; a free port unless set.
    pub tls_port: Option<u16>,
    /// How many of a hundred good nonces it refuses.
    pub nonces_refused_percent: u8,
    /// How many of a hundred authorisations it makes valid at once because they were valid before.
    pub authorisations_reused_percent: u8,
    /// Takes every challenge as met, without a look.
    pub always_valid: bool,
    /// The longest time it takes to look at a challenge; a chance value each time.
    pub looks_after: Duration,
    /// Domains that it makes no certificates for.
    pub blocked: Vec<String>,
    /// Asks for an external account: the key's id, and the key in base64url.
    pub external_account: Option<(String, String)>,
    /// How long certificates are valid for.
    pub valid_for: Duration,
}

impl Default for Acme {
    fn default() -> Self {
        Self {
            http_port: None,
            tls_port: None,
            nonces_refused_percent: 0,
            authorisations_reused_percent: 0,
            always_valid: false,
            looks_after: Duration::ZERO,
            blocked: Vec::new(),
            external_account: None,
            valid_for: Duration::from_secs(90 * 24 * 3600),
        }
    }
}

/// An ACME server on this machine; dropping it ends it. Every name leads to 127.0.0.1, unless told otherwise.
pub struct TestAcme {
    client: reqwest::Client,
    identity: Identity,
    port: u16,
    management: u16,
    names: u16,
    http_port: u16,
    tls_port: u16,
    _running: [Running; 2],
    folder: TempDir,
}

impl TestAcme {
    /// Starts one without faults.
    ///
    /// # Errors
    /// pebble is not installed or does not start.
    pub async fn start() -> Result<Self> {
        Self::set_up(Acme::default()).await
    }

    /// Starts one that is set up like this.
    ///
    /// # Errors
    /// pebble is not installed or does not start.
    pub async fn set_up(how: Acme) -> Result<Self> {
        let folder = temporary("wharf-acme-")?;
        let identity = Identity::make()?;
        fs::write(folder.path().join("authority.pem"), &identity.authority)?;
        fs::write(folder.path().join("certificate.pem"), &identity.certificate)?;
        fs::write(folder.path().join("key.pem"), &identity.key)?;
        let [port, management, http_port, tls_port] =
            [free_port()?, free_port()?, how.http_port.map_or_else(free_port, Ok)?, how.tls_port.map_or_else(free_port, Ok)?];
        let (names, resolver, resolves_at) = start_names(folder.path()).await?;
        let file = folder.path().join("pebble.json");
        fs::write(&file, configuration(&how, folder.path(), [port, management, http_port, tls_port]).to_string())?;
        let arguments = ["-config".as_ref(), file.as_os_str(), "-dnsserver".as_ref(), resolves_at.as_ref()];
        let variables = variables(&how);
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut pebble = Running::start(Path::new("pebble"), arguments, &variables, &folder.path().join("log"))?;
        pebble.wait_for_port(port, STARTS_WITHIN).await?;
        pebble.wait_for_port(management, STARTS_WITHIN).await?;
        let client = reqwest::Client::builder().add_root_certificate(Certificate::from_pem(identity.authority.as_bytes())?).build()?;
        Ok(Self { client, identity, port, management, names, http_port, tls_port, _running: [pebble, resolver], folder })
    }

    /// The address of its directory.
    pub fn directory(&self) -> String {
        format!("https://127.0.0.1:{}/dir", self.port)
    }

    /// The root certificate, in PEM, by which clients know the server itself. It is not the one that leads to what it issues.
    pub fn authority(&self) -> &str {
        &self.identity.authority
    }

    /// A file with [`authority`](Self::authority).
    pub fn authority_file(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// The root certificate, in PEM, of what it issues; another one with each server.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn issuer(&self) -> Result<String> {
        let answer = self.client.get(format!("https://127.0.0.1:{}/roots/0", self.management)).send().await?.error_for_status()?;
        answer.text().await.context("pebble tells no root certificate")
    }

    /// Where it asks for HTTP-01 challenges, on 127.0.0.1.
    pub fn http_port(&self) -> u16 {
        self.http_port
    }

    /// Where it asks for TLS-ALPN-01 challenges, on 127.0.0.1.
    pub fn tls_port(&self) -> u16 {
        self.tls_port
    }

    /// Puts a TXT record into the name server, as a DNS-01 challenge wants it; the name is such as `_acme-challenge.example.com`.
    ///
    /// # Errors
    /// The name server does not answer.
    pub async fn set_txt(&self, name: &str, value: &str) -> Result<()> {
        self.tell_names("set-txt", json!({"host": format!("{name}."), "value": value})).await
    }

    /// Takes the TXT records of a name away.
    ///
    /// # Errors
    /// The name server does not answer.
    pub async fn clear_txt(&self, name: &str) -> Result<()> {
        self.tell_names("clear-txt", json!({"host": format!("{name}.")})).await
    }

    /// Makes the name server fail for a name.
    ///
    /// # Errors
    /// The name server does not answer.
    pub async fn set_unresolvable(&self, name: &str) -> Result<()> {
        self.tell_names("set-servfail", json!({"host": format!("{name}.")})).await
    }

    async fn tell_names(&self, what: &str, body: Value) -> Result<()> {
        let answer = self.client.post(format!("http://127.0.0.1:{}/{what}", self.names)).json(&body).send().await?;
        answer.error_for_status().map(drop).with_context(|| format!("the name server refuses {what}"))
    }
}

/// Starts the name server. Returns the port that it is told things at, itself, and the address that it resolves at.
async fn start_names(folder: &Path) -> Result<(u16, Running, String)> {
    let (told_at, resolves_at) = (free_port()?, format!("127.0.0.1:{}", free_port()?));
    let address = format!("127.0.0.1:{told_at}");
    let arguments = ["-management", &address, "-dnsserver", &resolves_at, "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", ""];
    let mut running = Running::start(Path::new("pebble-challtestsrv"), arguments, &[], &folder.join("names.log"))?;
    running.wait_for_port(told_at, STARTS_WITHIN).await?;
    Ok((told_at, running, resolves_at))
}

fn configuration(how: &Acme, folder: &Path, [port, management, http_port, tls_port]: [u16; 4]) -> Value {
    let keys: Value = how.external_account.iter().map(|(id, key)| (id.clone(), Value::from(key.as_str()))).collect::<serde_json::Map<_, _>>().into();
    json!({"pebble": {
        "listenAddress": format!("127.0.0.1:{port}"),
        "managementListenAddress": format!("127.0.0.1:{management}"),
        "certificate": folder.join("certificate.pem"),
        "privateKey": folder.join("key.pem"),
        "httpPort": http_port,
        "tlsPort": tls_port,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": how.external_account.is_some(),
        "externalAccountMACKeys": keys,
        "domainBlocklist": how.blocked,
        "retryAfter": {"authz": 1, "order": 1},
        // The only one: pebble takes one by chance where it has more.
        "profiles": {"default": {"description": "What there is", "validityPeriod": how.valid_for.as_secs()}},
    }})
}

fn variables(how: &Acme) -> Vec<(&'static str, String)> {
    let mut variables =
        vec![("PEBBLE_WFE_NONCEREJECT", how.nonces_refused_percent.to_string()), ("PEBBLE_AUTHZREUSE", how.authorisations_reused_percent.to_string())];
    if how.always_valid {
        variables.push(("PEBBLE_VA_ALWAYS_VALID", "1".to_owned()));
    }
    variables.push(match how.looks_after.as_secs() {
        0 => ("PEBBLE_VA_NOSLEEP", "1".to_owned()),
        seconds => ("PEBBLE_VA_SLEEPTIME", seconds.to_string()),
    });
    variables
}
