//! Somebody who asks an application for pages, with one client for all: making another costs more than a page.

use anyhow::Result;
use reqwest::Client;
use testkit::TestWharf;

/// A visitor of one application.
pub(crate) struct Visitor {
    client: Client,
    base: String,
    host: String,
}

impl Visitor {
    /// One who comes through the edge of a Wharf, by this host name.
    pub(crate) fn of_edge(wharf: &TestWharf, host: &str) -> Self {
        Self { client: Client::new(), base: format!("http://127.0.0.1:{}", wharf.http_port()), host: host.to_owned() }
    }

    /// The same visitor at another address, such as `http://127.0.0.1:80`.
    pub(crate) fn at(&self, base: String) -> Self {
        Self { client: self.client.clone(), base, host: self.host.clone() }
    }

    /// A page; an error where the status is no success.
    pub(crate) async fn get(&self, path: &str) -> Result<String> {
        let answer = self.client.get(format!("{}{path}", self.base)).header("host", &self.host).send().await?;
        Ok(answer.error_for_status()?.text().await?)
    }
}
