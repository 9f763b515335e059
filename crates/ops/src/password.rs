//! Passwords: weighed before they are taken, hashed with argon2id, checked in constant work.

use crate::{Error, chance::Dice};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use model::Secret;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;
use zxcvbn::{Score, zxcvbn};

/// Shortest password, in characters.
pub const PASSWORD_LENGTH_CHARACTERS: usize = 10;
/// Longest password, in bytes; more would only cost work.
const PASSWORD_LENGTH_BYTES: usize = 1024;
/// Hashes worked on at once: each takes 19 MiB.
const HASHES_AT_ONCE_COUNT: usize = 2;

/// A hash that fits no password: checked for unknown addresses, so that they take as long as known ones.
static NOBODYS_HASH: LazyLock<String> = LazyLock::new(|| hashed("nobody's password", &[7; 16]).unwrap_or_default());

fn hashed(password: &str, salt: &[u8]) -> Result<String, argon2::password_hash::Error> {
    Argon2::default().hash_password_with_salt(password.as_bytes(), salt).map(|hash| hash.to_string())
}

/// Weighs passwords and hashes them, a few at a time.
#[derive(Clone)]
pub(crate) struct Passwords {
    work: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { work: Arc::new(Semaphore::new(HASHES_AT_ONCE_COUNT)) }
    }

    /// The argon2id hash of a password.
    pub(crate) async fn hash(&self, password: Secret, dice: &Dice) -> Result<String, Error> {
        let salt = dice.bytes::<16>();
        let hash = self.working(move || hashed(password.expose(), &salt)).await?;
        hash.map_err(|why| Error::internal(anyhow::anyhow!("a password could not be hashed: {why}")))
    }

    /// Whether a password fits a hash; without one the same work is done for nothing.
    pub(crate) async fn fits(&self, password: Secret, hash: Option<String>) -> Result<bool, Error> {
        self.working(move || {
            let text = hash.as_deref().unwrap_or(NOBODYS_HASH.as_str());
            let fits = PasswordHash::new(text).is_ok_and(|parsed| Argon2::default().verify_password(password.expose().as_bytes(), &parsed).is_ok());
            fits && hash.is_some()
        })
        .await
    }

    async fn working<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let _turn = self.work.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

/// Why a password is not taken, as a sentence for its field. `known` is what an attacker knows of the person.
pub(crate) fn fault(password: &str, known: &[&str]) -> Option<String> {
    if password.chars().count() < PASSWORD_LENGTH_CHARACTERS {
        return Some(format!("a password has at least {PASSWORD_LENGTH_CHARACTERS} characters"));
    }
    if password.len() > PASSWORD_LENGTH_BYTES {
        return Some(format!("a password has at most {PASSWORD_LENGTH_BYTES} bytes"));
    }
    let weighed = zxcvbn(password, known);
    if weighed.score() >= Score::Three {
        return None;
    }
    let feedback = weighed.feedback();
    let warning = feedback.and_then(|feedback| feedback.warning()).map(|warning| warning.to_string());
    let suggestion = feedback.and_then(|feedback| feedback.suggestions().first().map(ToString::to_string));
    let told = [warning, suggestion].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Some(if told.is_empty() { "this password is too easy to guess: add another word or two".to_owned() } else { format!("too easy to guess. {told}") })
}
