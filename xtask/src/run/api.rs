//! The few calls of API v1 that the task makes.

use anyhow::{Result, bail};
use serde_json::Value;
use ureq::Agent;

/// The API of a Wharf on this machine.
pub struct Api {
    agent: Agent,
    base: String,
    token: String,
}

impl Api {
    /// The API at `address:port`, with a token.
    pub fn new(address: &str, token: &str) -> Self {
        let agent = Agent::config_builder().http_status_as_error(false).build().new_agent();
        Self { agent, base: format!("http://{address}/api/v1"), token: format!("Bearer {token}") }
    }

    /// Reads.
    pub fn get(&self, path: &str) -> Result<Value> {
        let answer = self.agent.get(format!("{}{path}", self.base)).header("authorization", &self.token).call()?;
        Self::body(path, answer)
    }

    /// Posts.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.agent.post(format!("{}{path}", self.base)).header("authorization", &self.token).send_json(body)?;
        Self::body(path, answer)
    }

    fn body(path: &str, mut answer: ureq::http::Response<ureq::Body>) -> Result<Value> {
        let text = answer.body_mut().read_to_string()?;
        if !answer.status().is_success() {
            bail!("{path} answers {}: {text}", answer.status());
        }
        Ok(serde_json::from_str(&text)?)
    }
}
