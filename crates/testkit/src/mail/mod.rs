//! A mail server: aiosmtpd, which takes mail by SMTP, keeps it, and refuses or dawdles when told to.

use crate::disk::temporary;
use crate::tls::Identity;
use crate::{Running, free_port, wait_for};
use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

const SERVER: &str = include_str!("server.py");
/// The distribution's, which has aiosmtpd; a machine may have another one before it on PATH.
const PYTHON: &str = "/usr/bin/python3";
const STARTS_WITHIN: Duration = Duration::from_secs(15);

/// How connections are secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MailSecurity {
    /// Not at all.
    #[default]
    None,
    /// By STARTTLS, which the server insists on.
    StartTls,
    /// By TLS from the first byte on.
    Tls,
}

/// What a mail server does wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum MailFault {
    /// Nothing.
    #[default]
    None,
    /// Wants nothing from this sender (550).
    RefusesSender,
    /// Knows no recipient (550).
    RefusesRecipients,
    /// Is busy, and asks to be tried again later (451).
    Busy,
    /// Does not like what the message says (554).
    RefusesMessage,
    /// Takes this many seconds to greet.
    Slow(u64),
}

/// A message that arrived.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Mail {
    /// The sender, as the envelope has it.
    pub from: String,
    /// The recipients, as the envelope has them.
    pub to: Vec<String>,
    /// Who logged in.
    pub user: Option<String>,
    /// Whether it came over TLS.
    pub encrypted: bool,
    /// Its headers in their order, decoded and in one line each.
    pub headers: Vec<(String, String)>,
    /// Its part in plain text, decoded.
    pub text: Option<String>,
    /// Its part in HTML, decoded.
    pub html: Option<String>,
    /// All of it, as it was sent.
    pub raw: String,
}

impl Mail {
    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// How a mail server is set up.
#[derive(Debug, Clone, Default)]
pub struct TestMailBuilder {
    security: MailSecurity,
    user: Option<(String, String)>,
}

impl TestMailBuilder {
    /// How connections are secured; not at all unless set.
    pub fn security(mut self, security: MailSecurity) -> Self {
        self.security = security;
        self
    }

    /// Takes mail only of who logs in like this (LOGIN or PLAIN).
    pub fn user(mut self, name: &str, password: &str) -> Self {
        self.user = Some((name.to_owned(), password.to_owned()));
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// aiosmtpd is not installed or does not start.
    pub async fn start(self) -> Result<TestMail> {
        let folder = temporary("wharf-mail-")?;
        let identity = Identity::make()?;
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text);
        write("authority.pem", &identity.authority)?;
        write("certificate.pem", &identity.certificate)?;
        write("key.pem", &identity.key)?;
        write("server.py", SERVER)?;
        let port = free_port()?;
        let security = match self.security {
            MailSecurity::None => "none",
            MailSecurity::StartTls => "starttls",
            MailSecurity::Tls => "tls",
        };
        write("settings.json", &json!({"folder": folder.path(), "port": port, "security": security, "user": self.user}).to_string())?;
        set_fault(folder.path(), &MailFault::None)?;
        let arguments = [folder.path().join("server.py"), folder.path().join("settings.json")];
        let mut running = Running::start(Path::new(PYTHON), arguments, &[], &folder.path().join("log"))?;
        running.wait_for_port(port, STARTS_WITHIN).await.context("python3-aiosmtpd brings the mail server")?;
        Ok(TestMail { port, identity, _running: running, folder })
    }
}

/// A mail server on this machine; dropping it ends it.
pub struct TestMail {
    port: u16,
    identity: Identity,
    _running: Running,
    folder: TempDir,
}

impl TestMail {
    /// Starts one that takes mail of anybody without TLS.
    ///
    /// # Errors
    /// aiosmtpd is not installed or does not start.
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// One that is set up in another way.
    pub fn builder() -> TestMailBuilder {
        TestMailBuilder::default()
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The root certificate, in PEM, by which clients know it (`localhost`, 127.0.0.1).
    pub fn authority(&self) -> &str {
        &self.identity.authority
    }

    /// A file with [`authority`](Self::authority).
    pub fn authority_file(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// Makes it misbehave from the next command on.
    ///
    /// # Errors
    /// Its folder cannot be written.
    pub fn set_fault(&self, fault: &MailFault) -> Result<()> {
        set_fault(self.folder.path(), fault)
    }

    /// What has arrived, the oldest first.
    ///
    /// # Errors
    /// Its folder cannot be read.
    pub fn arrived(&self) -> Result<Vec<Mail>> {
        let files = fs::read_dir(self.folder.path())?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        let numbered = |file: &Path| file.extension().is_some_and(|end| end == "json") && file.file_stem().is_some_and(|name| name != "settings");
        let mut mails: Vec<_> = files.into_iter().filter(|file| numbered(file)).collect();
        mails.sort();
        mails.iter().map(|file| serde_json::from_slice(&fs::read(file)?).with_context(|| format!("{} holds no mail", file.display()))).collect()
    }

    /// Waits until a message like this has arrived, and returns the first.
    ///
    /// # Errors
    /// None has within the time: the error names the subjects of those that have.
    pub async fn wait_for_mail(&self, within: Duration, like: impl Fn(&Mail) -> bool) -> Result<Mail> {
        let found = async || {
            let arrived = self.arrived().map_err(|error| format!("{error:#}"))?;
            let subjects = || arrived.iter().map(|mail| mail.header("subject").unwrap_or("no subject")).collect::<Vec<_>>().join(", ");
            arrived.iter().find(|mail| like(mail)).cloned().ok_or_else(|| format!("{} messages: {}", arrived.len(), subjects()))
        };
        wait_for("a mail", within, found).await
    }
}

fn set_fault(folder: &Path, fault: &MailFault) -> Result<()> {
    let refusal = |of: &MailFault, answer: &'static str| (fault == of).then_some(answer);
    let delay_s = if let MailFault::Slow(seconds) = fault { *seconds } else { 0 };
    let text = json!({
        "delay_s": delay_s,
        "mail": refusal(&MailFault::Busy, "451 4.3.2 busy, try again later").or(refusal(&MailFault::RefusesSender, "550 5.7.1 not from you")),
        "rcpt": refusal(&MailFault::RefusesRecipients, "550 5.1.1 no such user here"),
        "data": refusal(&MailFault::RefusesMessage, "554 5.7.1 not such a message"),
    });
    // The server reads it at any moment, so it is never half written.
    let (written, read) = (folder.join("fault.part"), folder.join("fault"));
    fs::write(&written, text.to_string())?;
    Ok(fs::rename(written, read)?)
}
