//! What forges send: proven by its signature, then read.

mod bitbucket;
mod github;
mod gitlab;
#[cfg(test)]
mod tests;

use aws_lc_rs::{constant_time, digest, hmac};
use model::{CommitSha, Secret};

/// Largest body of a delivery, in bytes; who receives it enforces this before it is read whole.
pub const BODY_LENGTH_BYTES: usize = 5 * 1024 * 1024;

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forge {
    /// GitHub.
    GitHub,
    /// GitLab.
    GitLab,
    /// Gitea and Forgejo.
    Gitea,
    /// Bitbucket.
    Bitbucket,
}

impl Forge {
    /// Its name as people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::GitLab => "GitLab",
            Self::Gitea => "Gitea",
            Self::Bitbucket => "Bitbucket",
        }
    }

    fn event_header(self) -> &'static str {
        match self {
            Self::GitHub => "X-GitHub-Event",
            Self::GitLab => "X-Gitlab-Event",
            Self::Gitea => "X-Gitea-Event",
            Self::Bitbucket => "X-Event-Key",
        }
    }

    fn id_header(self) -> &'static str {
        match self {
            Self::GitHub => "X-GitHub-Delivery",
            Self::GitLab => "X-Gitlab-Event-UUID",
            Self::Gitea => "X-Gitea-Delivery",
            Self::Bitbucket => "X-Request-UUID",
        }
    }

    fn proof_header(self) -> &'static str {
        match self {
            Self::GitHub => "X-Hub-Signature-256",
            Self::GitLab => "X-Gitlab-Token",
            Self::Gitea => "X-Gitea-Signature",
            Self::Bitbucket => "X-Hub-Signature",
        }
    }
}

/// A delivery whose sender knows the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The forge's id of it, the same when it is sent again; the SHA-256 of the body where the forge gives none.
    pub id: String,
    /// What happened.
    pub event: Event,
    /// Further pushes of the same delivery: Bitbucket tells of several branches at once.
    pub further: Vec<Push>,
}

impl Delivery {
    /// All pushes it tells of.
    pub fn pushes(&self) -> impl Iterator<Item = &Push> {
        let first = match &self.event {
            Event::Push(push) => Some(push),
            Event::Ping | Event::Other(_) => None,
        };
        first.into_iter().chain(&self.further)
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A branch or tag was pushed, or removed.
    Push(Push),
    /// The forge tries the webhook.
    Ping,
    /// Something else, by the forge's word for it.
    Other(String),
}

/// What was pushed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// A branch, by its name.
    Branch(String),
    /// A tag, by its name.
    Tag(String),
}

/// A push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// `owner/name` of the repository, lower-cased.
    pub repository: String,
    /// What was pushed to.
    pub pushed: Pushed,
    /// The commit it was at before; none for a new one.
    pub before: Option<CommitSha>,
    /// The commit it is at now; none when it was removed.
    pub after: Option<CommitSha>,
    /// Whether the branch or tag was removed.
    pub deleted: bool,
    /// The new commits, as far as the forge lists them.
    pub commits: Vec<PushedCommit>,
    /// Whether the commits and their changed paths are complete; if not, nobody can say that a path was not changed.
    pub complete: bool,
    /// First line of the newest commit's message.
    pub message: Option<String>,
    /// Who pushed.
    pub pusher: Option<String>,
    /// A page that shows the change.
    pub compare_url: Option<String>,
}

/// A commit of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedCommit {
    /// Its id.
    pub id: String,
    /// Its whole message.
    pub message: String,
    /// Paths it added, changed and removed.
    pub changed: Vec<String>,
}

/// Why a delivery is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No secret is set, so nothing could be proven.
    #[error("no webhook secret is set for this forge. Set one here and at the forge")]
    NoSecret,
    /// The delivery brings no proof.
    #[error("the delivery has no {header} header. Set the webhook's secret at the forge")]
    NoProof {
        /// The header that is missing.
        header: &'static str,
    },
    /// The proof does not fit the secret.
    #[error("the delivery is not signed with this application's webhook secret. Set the same secret here and at the forge")]
    WrongProof,
    /// The delivery does not say what it is.
    #[error("the delivery has no {header} header, so it is not from {forge}. Check the webhook's address", forge = forge.as_str())]
    NoEvent {
        /// The forge that was expected.
        forge: Forge,
        /// The header that is missing.
        header: &'static str,
    },
    /// The body is not what this forge sends.
    #[error("the delivery's body cannot be read: {why}. Let the webhook send application/json")]
    Unreadable {
        /// What is wrong with it.
        why: String,
    },
    /// The body is larger than any push needs.
    #[error("the delivery is larger than {} MiB", BODY_LENGTH_BYTES / 1024 / 1024)]
    TooLarge,
}

/// Proves and reads a delivery. `header` finds a header by its name, whose case does not matter; `body` is the body as it came.
///
/// # Errors
/// Without a secret, without a proof, with a wrong one, and when the body is not what the forge sends. Nothing of the body is read before it is proven.
pub fn receive<'h>(forge: Forge, header: impl Fn(&str) -> Option<&'h str>, body: &[u8], secret: &Secret) -> Result<Delivery, Refusal> {
    if body.len() > BODY_LENGTH_BYTES {
        return Err(Refusal::TooLarge);
    }
    prove(forge, &header, body, secret)?;
    let event_header = forge.event_header();
    let event = header(event_header).ok_or(Refusal::NoEvent { forge, header: event_header })?;
    let given = header(forge.id_header()).filter(|id| !id.is_empty() && id.len() <= 200);
    let id = given.map_or_else(|| hexadecimal(digest::digest(&digest::SHA256, body).as_ref()), str::to_owned);
    let body = payload(&header, body);
    let mut events = match forge {
        Forge::GitHub | Forge::Gitea => vec![github::event(event, &body)?],
        Forge::GitLab => vec![gitlab::event(event, &body)?],
        Forge::Bitbucket => bitbucket::events(event, &body)?,
    };
    let event = if events.is_empty() { Event::Other(event.to_owned()) } else { events.remove(0) };
    let further = events.into_iter().filter_map(|event| if let Event::Push(push) = event { Some(push) } else { None }).collect();
    Ok(Delivery { id, event, further })
}

fn prove<'h>(forge: Forge, header: &impl Fn(&str) -> Option<&'h str>, body: &[u8], secret: &Secret) -> Result<(), Refusal> {
    if secret.expose().trim().is_empty() {
        return Err(Refusal::NoSecret);
    }
    // Gitea sends GitHub's header too, and some Forgejo versions only that.
    let names = if forge == Forge::Gitea { vec![forge.proof_header(), "X-Hub-Signature-256"] } else { vec![forge.proof_header()] };
    let proof = names.iter().find_map(|name| header(name)).filter(|proof| !proof.is_empty());
    let proof = proof.ok_or(Refusal::NoProof { header: forge.proof_header() })?;
    let proven = match forge {
        Forge::GitLab => equal(proof.as_bytes(), secret.expose().as_bytes()),
        Forge::GitHub | Forge::Bitbucket => proof.strip_prefix("sha256=").is_some_and(|signature| signed(signature, body, secret)),
        Forge::Gitea => signed(proof.strip_prefix("sha256=").unwrap_or(proof), body, secret),
    };
    if proven { Ok(()) } else { Err(Refusal::WrongProof) }
}

/// Compares digests, so that neither content nor length shows in the time it takes.
fn equal(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (digest::digest(&digest::SHA256, one), digest::digest(&digest::SHA256, other));
    constant_time::verify_slices_are_equal(one.as_ref(), other.as_ref()).is_ok()
}

fn signed(signature: &str, body: &[u8], secret: &Secret) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    bytes_of(signature.trim()).is_some_and(|signature| hmac::verify(&key, body, &signature).is_ok())
}

fn bytes_of(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hexadecimal.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    digits.filter(|digits| digits.len() == 64).map(|digits| digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The JSON within the body: forges also send it as the field `payload` of a form.
fn payload<'h>(header: &impl Fn(&str) -> Option<&'h str>, body: &[u8]) -> Vec<u8> {
    let form = header("Content-Type").is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
    let field = || url::form_urlencoded::parse(body).find(|(name, _)| name == "payload").map(|(_, value)| value.into_owned().into_bytes());
    if form { field().unwrap_or_default() } else { body.to_vec() }
}

fn read<'a, T: serde::Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|why| Refusal::Unreadable { why: why.to_string() })
}

/// A reference's name with what it is; none for anything but branches and tags.
fn pushed(reference: &str) -> Option<Pushed> {
    let branch = reference.strip_prefix("refs/heads/").map(|name| Pushed::Branch(name.to_owned()));
    branch.or_else(|| reference.strip_prefix("refs/tags/").map(|name| Pushed::Tag(name.to_owned())))
}

/// A commit's id; all zeros stand for none.
fn commit(text: Option<&str>) -> Option<CommitSha> {
    text.filter(|text| text.bytes().any(|digit| digit != b'0')).and_then(|text| text.parse().ok())
}

fn first_line(message: &str) -> Option<String> {
    message.lines().next().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned)
}
