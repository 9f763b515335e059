//! Signing in and out: sessions of people in browsers.

use crate::{Error, Ops, permit, secret};
use jiff::{SignedDuration, Timestamp};
use model::{Email, Secret, SessionId, User, UserId};
use store::{NewSession, Scope, SessionRow};

/// How long a session lasts at most.
const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a session lasts without use.
const SESSION_IDLE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The time in which failures count.
const FAILURES_WINDOW: SignedDuration = SignedDuration::from_secs(60);
/// Failures of one account within the window.
const ACCOUNT_FAILURES_COUNT: i64 = 5;
/// Failures from one address within the window.
const ADDRESS_FAILURES_COUNT: i64 = 20;
/// Longest name of a browser that is kept, in characters.
const AGENT_LENGTH_CHARACTERS: usize = 200;

/// A session that was just opened.
#[derive(Debug, Clone)]
pub struct SessionToken {
    /// What the browser keeps, in a cookie.
    pub token: Secret,
    /// The session.
    pub session: SessionId,
    /// When it ends at the latest.
    pub expires: Timestamp,
}

impl Ops {
    /// Signs a person in. `address` is where they come from, `agent` what their browser calls itself.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] whichever of address and password is wrong; [`Error::TooMany`] after five failures of an account or twenty from an
    /// address within a minute.
    pub async fn sign_in(&self, email: &str, password: Secret, address: &str, agent: &str) -> Result<SessionToken, Error> {
        let email = email.parse::<Email>().ok();
        let account = email.as_ref().map_or_else(|| "account:".to_owned(), |email| format!("account:{email}"));
        let from = format!("address:{address}");
        self.failures_bound(&account, ACCOUNT_FAILURES_COUNT).await?;
        self.failures_bound(&from, ADDRESS_FAILURES_COUNT).await?;
        // Counted before the work, so that attempts side by side count too; forgotten when it fits.
        self.store.sign_in_failed(vec![account.clone()], self.now()).await?;
        let known = match email {
            Some(email) => self.store.account_by_email(email).await?,
            None => None,
        };
        let (user, hash) = known.unzip();
        let fits = self.passwords.fits(password, hash).await?;
        let Some(user) = user.filter(|_| fits) else {
            self.store.sign_in_failed(vec![from], self.now()).await?;
            return Err(Error::wrong("e-mail address or password is wrong"));
        };
        self.store.sign_in_failures_forget(account, self.now() - FAILURES_WINDOW).await?;
        self.session_open(user.id, address, agent).await
    }

    /// Who a session's token belongs to; none where it ended.
    pub async fn session_authenticate(&self, token: &str) -> Result<Option<(Scope, User, SessionId)>, Error> {
        Ok(self.store.session_authenticate(secret::hash(token), self.now(), SESSION_IDLE).await?)
    }

    /// Ends a session of the caller: the one they sign out of.
    pub async fn sign_out(&self, scope: &Scope, session: SessionId) -> Result<(), Error> {
        permit::person(scope)?;
        match self.store.session_revoke(scope, session).await {
            Ok(()) | Err(store::Error::NotFound(_)) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// The caller's own sessions, the last used first.
    pub async fn session_list(&self, scope: &Scope) -> Result<Vec<SessionRow>, Error> {
        permit::person(scope)?;
        Ok(self.store.session_list(scope, self.now()).await?)
    }

    /// Ends one of the caller's own sessions.
    pub async fn session_revoke(&self, scope: &Scope, session: SessionId) -> Result<(), Error> {
        permit::person(scope)?;
        Ok(self.store.session_revoke(scope, session).await?)
    }

    pub(crate) async fn session_open(&self, user: UserId, address: &str, agent: &str) -> Result<SessionToken, Error> {
        let (token, session, expires) = (secret::fresh(&self.dice), self.id(SessionId::from_chance), self.now() + SESSION_LIFETIME);
        let new = NewSession {
            id: session.clone(),
            token_hash: secret::hash(token.expose()),
            user,
            address: address.to_owned(),
            agent: agent.chars().filter(|c| !c.is_control()).take(AGENT_LENGTH_CHARACTERS).collect(),
            expires,
        };
        self.store.session_create(new, self.now()).await?;
        Ok(SessionToken { token, session, expires })
    }

    /// Whether this is the password of a signed-in person, within the same bound as signing in.
    pub(crate) async fn password_fits(&self, email: &Email, password: Secret) -> Result<bool, Error> {
        let subject = format!("account:{email}");
        self.failures_bound(&subject, ACCOUNT_FAILURES_COUNT).await?;
        let hash = self.store.account_by_email(email.clone()).await?.map(|(_, hash)| hash);
        let fits = self.passwords.fits(password, hash).await?;
        if !fits {
            self.store.sign_in_failed(vec![subject], self.now()).await?;
        }
        Ok(fits)
    }

    async fn failures_bound(&self, subject: &str, bound: i64) -> Result<(), Error> {
        let now = self.now();
        let failures = self.store.sign_in_failures(subject.to_owned(), now - FAILURES_WINDOW, now).await?;
        if failures < bound { Ok(()) } else { Err(Error::TooMany { retry_after_seconds: FAILURES_WINDOW.as_secs().unsigned_abs() }) }
    }
}
