//! What can go wrong for a person, by what they can do about it. Closed: the API and the pages translate each kind once.

use jiff::Timestamp;
use model::{Ability, ApplicationId, Invalid, Role};
use std::{fmt, str::FromStr};

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it is not the caller's; nobody can tell which.
    #[error("there is no such {kind}")]
    NotFound {
        /// What was looked for.
        kind: &'static str,
    },
    /// The caller may not.
    #[error("this takes {needs}")]
    Forbidden {
        /// What it takes.
        needs: Needs,
    },
    /// What was typed is not valid: every field at once.
    #[error("{}", sentence(fields))]
    Invalid {
        /// Field and sentence.
        fields: Vec<(String, String)>,
    },
    /// It contradicts what is there.
    #[error("{why}")]
    Conflict {
        /// Why, as a sentence.
        why: String,
        /// With what.
        details: Vec<Clash>,
    },
    /// Nobody is signed in, or the secret is wrong.
    #[error("{why}")]
    Unauthenticated {
        /// Why, without telling what was right.
        why: String,
    },
    /// Too often.
    #[error("too many attempts: wait {retry_after_seconds} seconds")]
    TooMany {
        /// Seconds until it is worth trying again.
        retry_after_seconds: u64,
    },
    /// A git host or a registry says no.
    #[error("{by}: {why}")]
    Rejected {
        /// Who.
        by: String,
        /// What they say.
        why: String,
    },
    /// Something Wharf needs cannot be reached now.
    #[error("{what} is not available: {why}")]
    Unavailable {
        /// What.
        what: String,
        /// Since when, where that is known.
        since: Option<Timestamp>,
        /// Why.
        why: String,
    },
    /// More than Wharf allows.
    #[error("{why}")]
    Limit {
        /// What the limit is.
        why: String,
    },
    /// A fault of Wharf itself, written to its log once under this id.
    #[error("something in Wharf went wrong; its log has the cause under {id}")]
    Internal {
        /// What to search the log for.
        id: String,
        /// The cause.
        #[source]
        source: anyhow::Error,
    },
}

/// What an operation takes that the caller does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// An ability.
    Ability(Ability),
    /// A role in the team, or a higher one.
    Role(Role),
    /// A signed-in person; a token is not enough.
    Person,
    /// Being in the team that set this instance up.
    Instance,
}

impl fmt::Display for Needs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ability(ability) => write!(formatter, "the ability {ability}"),
            Self::Role(role) => write!(formatter, "the role {}", role.as_str()),
            Self::Person => formatter.write_str("a signed-in person"),
            Self::Instance => formatter.write_str("an admin of the team that set this Wharf up"),
        }
    }
}

/// One thing that something contradicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The domain or name that is taken, or the kind of thing in the way.
    pub what: String,
    /// The name of the resource that has it.
    pub resource: String,
    /// The application that it is, where the team may know.
    pub application: Option<ApplicationId>,
}

fn sentence(fields: &[(String, String)]) -> String {
    match fields {
        [(field, why)] => format!("{field}: {why}"),
        fields => format!("{} fields are not valid", fields.len()),
    }
}

impl Error {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "Check the address; it may have been deleted or belong to another team.",
            Self::Forbidden { needs: Needs::Ability(_) } => "Use a token with this ability, or ask an admin of the team.",
            Self::Forbidden { needs: Needs::Role(_) } => "Ask somebody with this role in the team.",
            Self::Forbidden { needs: Needs::Person } => "Sign in to the dashboard and do it there.",
            Self::Forbidden { needs: Needs::Instance } => "Ask whoever runs this Wharf.",
            Self::Invalid { .. } => "Correct the fields named and send it again; nothing was changed.",
            Self::Conflict { .. } => "Change one of the two; nothing was changed yet.",
            Self::Unauthenticated { .. } => "Sign in, or check the token.",
            Self::TooMany { .. } => "Wait, then try again.",
            Self::Rejected { .. } => "Check the address and the credentials.",
            Self::Unavailable { .. } => "Look at the servers page or run wharf doctor; what runs goes on running.",
            Self::Limit { .. } => "Stay below the limit; nothing was changed.",
            Self::Internal { .. } => "Try again; if it stays, search Wharf's log for the id.",
        }
    }

    /// One field that is not valid.
    pub fn invalid(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Invalid { fields: vec![(field.into(), why.into())] }
    }

    pub(crate) fn conflict(why: impl Into<String>) -> Self {
        Self::Conflict { why: why.into(), details: Vec::new() }
    }

    pub(crate) fn wrong(why: impl Into<String>) -> Self {
        Self::Unauthenticated { why: why.into() }
    }

    /// A fault of Wharf itself; written to the log here, once.
    pub(crate) fn internal(source: impl Into<anyhow::Error>) -> Self {
        let source = source.into();
        let id = model::id::spell(rand::random());
        let id = id[..8].to_owned();
        tracing::error!(%id, "{source:#}");
        Self::Internal { id, source }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        use store::Constraint;
        match error {
            store::Error::NotFound(kind) => Self::NotFound { kind },
            store::Error::State(why) => Self::conflict(why),
            store::Error::Conflict(Constraint::Domains(taken)) => domains_taken(taken),
            store::Error::Conflict(Constraint::Taken(columns)) => Self::conflict(taken(&columns)),
            store::Error::Conflict(Constraint::InUse) => Self::conflict("something still uses it: remove that first"),
            store::Error::Conflict(other @ Constraint::Running) => Self::conflict(other.to_string()),
            store::Error::DiskFull => {
                Self::Unavailable { what: "the store".into(), since: None, why: "the disk is full: free some space; nothing was lost".into() }
            }
            store::Error::Closed => Self::Unavailable { what: "the store".into(), since: None, why: "Wharf is stopping".into() },
            other => Self::internal(other),
        }
    }
}

/// All domains that applications have already, each with whose it is as far as the team may know.
fn domains_taken(taken: Vec<store::TakenDomain>) -> Error {
    let whose = |taken: &store::TakenDomain| match &taken.application {
        Some((_, name)) => format!("{} belongs to {name}", taken.domain),
        None => format!("{} is already in use", taken.domain),
    };
    let sentences: Vec<String> = taken.iter().map(whose).collect();
    let fix = match taken.as_slice() {
        [one] if one.application.is_some() => "remove it there or choose another domain",
        [_] => "choose another domain",
        several if several.iter().any(|taken| taken.application.is_some()) => "remove them there or choose other domains",
        _ => "choose other domains",
    };
    let clash = |taken: store::TakenDomain| {
        let (application, name) = taken.application.unzip();
        Clash { what: taken.domain, resource: name.unwrap_or_else(|| "another application".to_owned()), application }
    };
    Error::Conflict { why: format!("{}: {fix}", sentences.join(", ")), details: taken.into_iter().map(clash).collect() }
}

fn taken(columns: &str) -> String {
    let what = match columns.split(',').next_back().map(str::trim).unwrap_or_default() {
        "users.email" => "an account with this e-mail address exists",
        "projects.name" => "a project of this name exists",
        "environments.name" => "an environment of this name exists in the project",
        "destinations.network" => "a destination has this network already",
        "keys.fingerprint" => "the team has this key already",
        "tags.name" => "a tag of this name exists",
        "mounts.path" => "another mount has this path",
        _ => "that is taken",
    };
    format!("{what}: choose another")
}

/// Reads an id from an address: one that cannot be an id is not found.
///
/// # Errors
/// [`Error::NotFound`] of this kind.
pub fn known<T: FromStr<Err = Invalid>>(kind: &'static str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::NotFound { kind })
}

/// Faults of fields, collected so that a person sees all of them at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(String, String)>);

impl Faults {
    /// Notes a fault, once.
    pub(crate) fn add(&mut self, field: impl Into<String>, why: impl Into<String>) {
        let fault = (field.into(), why.into());
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }
    /// Notes what an operation found wrong with fields; other errors stay errors.
    pub(crate) fn take(&mut self, error: Error) -> Result<(), Error> {
        let Error::Invalid { fields } = error else { return Err(error) };
        fields.into_iter().for_each(|(field, why)| self.add(field, why));
        Ok(())
    }
    /// Parses a field; a fault is noted.
    pub(crate) fn parse<T: FromStr<Err = Invalid>>(&mut self, field: impl Into<String>, text: &str) -> Option<T> {
        self.keep(field, text.parse())
    }
    /// Keeps a value; a fault is noted.
    pub(crate) fn keep<T>(&mut self, field: impl Into<String>, result: Result<T, Invalid>) -> Option<T> {
        result.map_err(|why| self.add(field, why.0)).ok()
    }
    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(known, _)| known == field)
    }
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub(crate) fn done(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid { fields: self.0 }) }
    }
    /// The value with no fault noted, else the faults. A value can only be missing where a fault was noted.
    pub(crate) fn give<T>(self, value: Option<T>) -> Result<T, Error> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ if self.0.is_empty() => Err(Error::internal(anyhow::anyhow!("a field was refused without a sentence"))),
            _ => Err(Error::Invalid { fields: self.0 }),
        }
    }
}
