//! The health check: how Wharf asks, from outside the container, whether a new release is fit to serve.

use crate::{PathPrefix, Port};
use serde::{Deserialize, Serialize};

/// How health is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Probe {
    /// A TCP connection to the port is accepted.
    Tcp,
    /// An HTTP request is answered as expected.
    Http {
        /// The path asked for, with a query if wanted; begins with `/`.
        path: String,
        /// The method.
        method: ProbeMethod,
        /// The expected status; any of 200 to 399 when absent.
        status: Option<u16>,
        /// Text that the first 64 KiB of the body must hold.
        text: Option<String>,
    },
    /// No question: running is enough.
    None,
}

/// The method of an HTTP probe.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ProbeMethod {
    /// GET.
    #[default]
    Get,
    /// HEAD.
    Head,
    /// POST with an empty body.
    Post,
}

/// The health check of an application.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HealthCheck {
    /// How health is asked.
    pub probe: Probe,
    /// The port asked; the exposed one when absent.
    pub port: Option<Port>,
    /// Seconds between questions.
    pub interval_seconds: u32,
    /// Seconds to wait for one answer.
    pub timeout_seconds: u32,
    /// Failed questions, after the start period, that make the release unhealthy.
    pub retries: u32,
    /// Seconds in which failures do not count.
    pub start_period_seconds: u32,
}

impl Default for HealthCheck {
    /// TCP on the exposed port, every second, ten tries after five seconds.
    fn default() -> Self {
        Self { probe: Probe::Tcp, port: None, interval_seconds: 1, timeout_seconds: 5, retries: 10, start_period_seconds: 5 }
    }
}

impl HealthCheck {
    /// A GET of this path.
    pub fn http(path: &PathPrefix) -> Self {
        let probe = Probe::Http { path: path.as_str().to_owned(), method: ProbeMethod::Get, status: None, text: None };
        Self { probe, ..Self::default() }
    }
}
