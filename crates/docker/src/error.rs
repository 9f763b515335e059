//! Why the engine did not do what was asked, by what the caller can do about it.

use std::io;

/// A verb that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The engine is not to be reached. Nothing is known of what it holds: wait until it is back.
    #[error("the container engine cannot be reached: {why}")]
    Unavailable {
        /// What is wrong, and what to do.
        why: String,
    },
    /// The engine is too old to be used.
    #[error("the container engine is too old: it speaks API {found}, Wharf needs {needed}; install Docker Engine 25 or newer")]
    TooOld {
        /// What it speaks.
        found: String,
        /// What is needed.
        needed: String,
    },
    /// It is not there.
    #[error("not found: {what}")]
    NotFound {
        /// What.
        what: String,
    },
    /// It is there, but it does not belong to this instance: it is never touched.
    #[error("{what} does not belong to this Wharf: it has no label of this instance and is left alone; use another name")]
    NotOurs {
        /// What.
        what: String,
    },
    /// Something else is in the way.
    #[error("{why}")]
    Conflict {
        /// What the engine says.
        why: String,
    },
    /// A port of the host is taken.
    #[error("port {port} of the host is taken by another program: free it or choose another port")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The registry does not allow it.
    #[error("the registry denies access: {why}; check the credential and the image's name")]
    Denied {
        /// What it says.
        why: String,
    },
    /// The registry wants fewer requests.
    #[error("the registry limits how often images are pulled: {why}; wait, or add a credential")]
    RateLimited {
        /// What it says.
        why: String,
    },
    /// The registry is not to be reached.
    #[error("the registry cannot be reached: {why}")]
    Unreachable {
        /// What the engine says.
        why: String,
    },
    /// A build failed at one of its steps.
    #[error("the build failed at {step}: {why}")]
    BuildFailed {
        /// The step, as the build names it.
        step: String,
        /// What went wrong with it.
        why: String,
        /// The last lines it wrote.
        tail: Vec<String>,
    },
    /// No space is left on the server.
    #[error("the server has no space left: {why}; remove what is not needed or add space")]
    DiskFull {
        /// What the engine says.
        why: String,
    },
    /// The engine has no addresses left for another network.
    #[error(
        "the container engine has no addresses left for another network: {why}; remove networks that nobody uses, or give it more (default-address-pools in daemon.json)"
    )]
    NoAddresses {
        /// What the engine says.
        why: String,
    },
    /// What was asked makes no sense to the engine.
    #[error("the engine refuses it: {why}")]
    Invalid {
        /// What is wrong with it.
        why: String,
    },
    /// The engine took too long to answer.
    #[error("the container engine does not answer in time")]
    Timeout,
    /// Anything else, in the engine's words.
    #[error("{why}")]
    Other {
        /// What the engine says.
        why: String,
    },
}

impl Error {
    /// The engine answered with a status that means failure.
    pub(crate) fn from_answer(status: u16, message: &str) -> Self {
        let why = message.trim().to_owned();
        if let Some(error) = Self::from_words(&why) {
            return error;
        }
        match status {
            404 => Self::NotFound { what: why },
            409 => Self::Conflict { why },
            401 | 403 => Self::Denied { why },
            400 => Self::Invalid { why },
            503 => Self::Unavailable { why },
            _ => Self::Other { why },
        }
    }

    /// A registry, asked through the engine, failed: at the answer or while it streams.
    pub(crate) fn from_registry(message: &str) -> Self {
        let why = message.trim().to_owned();
        let lower = why.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if says(&["toomanyrequests", "too many requests", "rate limit"]) {
            Self::RateLimited { why }
        } else if says(&["does not exist", "manifest unknown", "not found", "name unknown", "no matching manifest"]) {
            Self::NotFound { what: why }
        } else if says(&["unauthorized", "denied", "no basic auth credentials", "authentication required", "forbidden"]) {
            Self::Denied { why }
        } else if says(&["no such host", "dial tcp", "i/o timeout", "connection refused", "tls: ", "x509", "eof", "client.timeout", "server misbehaving"]) {
            Self::Unreachable { why }
        } else {
            Self::from_words(&why).unwrap_or(Self::Other { why })
        }
    }

    /// Failures that the engine tells by its words alone, whatever the status.
    fn from_words(why: &str) -> Option<Self> {
        if says_full(why) {
            return Some(Self::DiskFull { why: why.to_owned() });
        }
        if why.contains("address pools have been fully subnetted") || why.contains("non-overlapping IPv4 address pool") {
            return Some(Self::NoAddresses { why: why.to_owned() });
        }
        if why.contains("port is already allocated") || why.contains("address already in use") {
            return Some(Self::PortTaken { port: port_in(why)? });
        }
        None
    }

    /// The connection to the engine broke, or could not be made.
    pub(crate) fn unavailable(cause: &(dyn std::error::Error + 'static)) -> Self {
        let mut why = cause.to_string();
        let mut source = cause.source();
        while let Some(inner) = source {
            why = inner.to_string();
            source = inner.source();
        }
        Self::Unavailable { why }
    }
}

/// Whether words tell of a full disk: the engine's, or those of a program in a build.
pub(crate) fn says_full(why: &str) -> bool {
    why.to_lowercase().contains("no space left on device")
}

/// The port in a sentence such as `Bind for 0.0.0.0:8080 failed: port is already allocated`: the one behind the first address.
fn port_in(why: &str) -> Option<u16> {
    why.split_whitespace().find_map(|word| {
        let (_, rest) = word.split_once("]:").or_else(|| word.split_once(':').filter(|(address, _)| address.parse::<std::net::Ipv4Addr>().is_ok()))?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    })
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::unavailable(&error)
    }
}

impl From<hyper::Error> for Error {
    fn from(error: hyper::Error) -> Self {
        Self::unavailable(&error)
    }
}

impl From<bollard::errors::Error> for Error {
    fn from(error: bollard::errors::Error) -> Self {
        use bollard::errors::Error as Engine;
        match error {
            Engine::DockerResponseServerError { status_code, message } => Self::from_answer(status_code, &message),
            Engine::DockerStreamError { error } => Self::from_answer(500, &error),
            Engine::RequestTimeoutError => Self::Timeout,
            Engine::SocketNotFoundError(path) => Self::Unavailable { why: format!("there is no socket at {path}") },
            Engine::IOError { .. } | Engine::HyperResponseError { .. } | Engine::HyperLegacyError { .. } => Self::unavailable(&error),
            other => Self::Other { why: other.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_told_by_its_number() {
        for why in [
            "driver failed programming external connectivity on endpoint x (0a:1b): Bind for 0.0.0.0:8080 failed: port is already allocated",
            "failed to set up container networking: failed to bind host port 0.0.0.0:8080/tcp: address already in use",
            "failed to bind host port for 127.0.0.1:8080:172.18.0.2:80/tcp: address already in use",
            "listen tcp6 [::]:8080: bind: address already in use",
        ] {
            assert_eq!(Error::from_answer(500, why), Error::PortTaken { port: 8080 }, "{why}");
        }
    }

    #[test]
    fn answers_are_told_apart_by_what_can_be_done() {
        assert!(matches!(Error::from_answer(500, "write /x: no space left on device"), Error::DiskFull { .. }));
        assert!(matches!(Error::from_answer(500, "dd: error writing '/x': No space left on device"), Error::DiskFull { .. }));
        assert!(matches!(Error::from_answer(400, "all predefined address pools have been fully subnetted"), Error::NoAddresses { .. }));
        assert!(matches!(Error::from_answer(404, "No such container: x"), Error::NotFound { .. }));
        assert!(matches!(Error::from_registry("toomanyrequests: You have reached your pull rate limit"), Error::RateLimited { .. }));
        assert!(matches!(Error::from_registry("pull access denied for x, repository does not exist or may require 'docker login'"), Error::NotFound { .. }));
        assert!(matches!(Error::from_registry("Head \"https://r/v2/\": unauthorized: access denied"), Error::Denied { .. }));
        assert!(matches!(Error::from_registry("Get \"https://r/v2/\": dial tcp: lookup r: no such host"), Error::Unreachable { .. }));
    }
}
