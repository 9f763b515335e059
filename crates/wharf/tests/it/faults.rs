//! Faults from outside: each through the real binary and a real engine, each with the truth that people are told.

mod clock;
mod container;
mod disk;
mod engine;
mod flood;
mod foreign;
mod git;
mod memory;
mod network;
mod registry;
mod webhook;

use crate::world::{SOON, World};
use serde_json::Value;
use testkit::wait_for;

impl World {
    /// Waits until an application's status is this, in the API's two words and in the words people read.
    async fn is(&self, application: &str, status: &str, text: &str) {
        let seen = async || match (self.field(application, "status").await, self.field(application, "status_text").await) {
            (word, words) if word == status && words == text => Ok(()),
            other => Err(format!("{other:?}")),
        };
        wait_for(&format!("the status {status}, {text}"), SOON, seen).await.expect("the status");
    }

    /// Waits until the log of a deployment says something.
    async fn logs(&self, deployment: &str, text: &str) {
        let said = async || match self.log_of(deployment).await {
            log if log.contains(text) => Ok(()),
            log => Err(log),
        };
        wait_for(&format!("the deployment to say {text}"), SOON * 2, said).await.expect("said");
    }

    /// Its page in the dashboard.
    async fn application_page(&self, application: &str) -> String {
        self.page(&format!("/applications/{application}")).await
    }
}

/// Why a deployment ended as it did, held to these words.
fn reason(ended: &Value, words: &[&str]) {
    let reason = ended["reason"].as_str().unwrap_or_default();
    let lower = reason.to_lowercase();
    assert!(words.iter().all(|word| lower.contains(word)), "{words:?} are not in: {reason}");
}

/// A Dockerfile whose container runs this script.
fn running(script: &str) -> String {
    let command = serde_json::to_string(&["sh", "-c", script]).expect("text");
    format!("FROM busybox:latest\nRUN mkdir -p /www && echo here > /www/index.html\nCMD {command}\n")
}

/// What serves the page, to be put into scripts.
const SERVE: &str = "httpd -p 8080 -h /www";
